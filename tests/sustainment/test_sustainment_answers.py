"""Can what a crisis accelerates be sustained? The answer, in each of its forms."""

from datetime import timedelta

import pytest

from tests.sustainment.planted_releases import (
    FIRST,
    PlantedScore,
    day_between_waves,
    plant_crisis,
    plant_fortnightly_waves,
    plant_marker,
    plant_release,
)
from tests.sustainment.sustainment_requests import (
    answer_text,
    codes,
    sustainment_document,
)


@pytest.fixture
def agency(service):
    return service.agency({"a": 10, "b": 10})


def overall(document):
    return document["constructs"]["overall"]


def test_a_gain_that_stays_is_sustained(agency):
    start, end = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (63, 6))

    document = sustainment_document(agency)

    assert document["status"] == "released"
    assert answer_text(document) == (
        "During the crisis that began on 24 March 2027, trust and communication rose by"
        " about 15 points. In the 6 waves after it ended, all or nearly all of that was"
        " still there. The gain was sustained."
    )
    assert [marker["id"] for marker in document["markers"]] == [start, end]
    assert overall(document)["accel"]["points"] == 15
    assert overall(document)["p"] <= 0.05
    assert overall(document)["retention"]["percent"] >= 80
    assert overall(document)["first_clear_wave"] == 1
    assert document["waves_needed"] == 0


def test_a_gain_of_which_most_stays_is_sustained(agency):
    plant_crisis(agency, 6, 12)
    plant_fortnightly_waves(agency, (50, 6), (65, 6), (60, 5))

    assert "most of that was still there" in answer_text(sustainment_document(agency))


def test_a_gain_that_stays_to_the_point_is_sustained(agency):
    """Other ends explain it as well, but other starts do not."""
    plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (60, 5), (60, 6))

    document = sustainment_document(agency)

    assert codes(document)[0] == overall(document)["verdict"] == "sustained"
    assert overall(document)["method"] == "placebo_dates"
    assert overall(document)["p"] <= 0.05
    assert overall(document)["sustain"]["points"] == 10


def test_a_gain_that_goes_is_faded(agency):
    plant_crisis(agency, 5, 10)
    plant_fortnightly_waves(agency, (50, 5), (62, 5), (50, 5))

    document = sustainment_document(agency)

    assert answer_text(document).endswith(
        "they lost that gain again. It was not sustained."
    )
    assert overall(document)["verdict"] == codes(document)[0] == "faded"


def test_a_gain_of_which_less_than_half_stays_is_unclear(agency):
    plant_crisis(agency, 5, 10)
    plant_fortnightly_waves(agency, (50, 5), (65, 5), (56, 5))

    document = sustainment_document(agency)

    assert overall(document)["verdict"] == codes(document)[0] == "accelerated"
    assert answer_text(document).endswith(
        "The answers do not show whether it was sustained."
    )


@pytest.mark.parametrize(
    ("level", "code"),
    [(50, "too_early_chance"), (52, "too_early_chance"), (40, "fell")],
)
def test_event_without_a_gain_has_nothing_to_sustain(agency, level, code):
    """The noise of one group alone is unknown, so no gain can be ruled out."""
    plant_crisis(agency, 5, 10)
    plant_fortnightly_waves(agency, (50, 5), (level, 5), (50, 5))

    document = sustainment_document(agency)

    assert codes(document)[0] == code
    assert overall(document)["verdict"] == "too_early_to_tell"
    assert overall(document)["retention"] is None


def test_a_flat_series_shows_no_gain(agency):
    plant_crisis(agency, 5, 10)
    for number in range(15):
        plant_release(agency, 14 * number, {"agency": PlantedScore(50)})

    document = sustainment_document(agency)

    assert codes(document)[0] == "too_early_chance"
    assert overall(document)["accel"] == {"points": 0, "interval": None}
    assert overall(document)["p"] == 1


@pytest.mark.parametrize(
    ("waves", "end", "words"),
    [
        (7, 5, "The service needs at least 5 more waves."),
        (10, 7, "The service needs at least 2 more waves."),
        (6, 6, "The service needs at least 6 more waves."),
    ],
)
def test_fewer_than_twelve_waves_are_too_early_to_tell(agency, waves, end, words):
    plant_crisis(agency, 3, end)
    plant_fortnightly_waves(agency, (50, 3), (60, waves - 3))

    document = sustainment_document(agency)

    assert answer_text(document).endswith(words)
    assert overall(document)["verdict"] == "too_early_to_tell"
    assert overall(document)["accel"] is None
    assert document["waves_needed"] == 12 - waves


def test_a_single_wave_is_too_early_to_tell(agency):
    plant_marker(agency, "policy_change", FIRST + timedelta(days=30))
    plant_fortnightly_waves(agency, (50, 1))

    document = sustainment_document(agency)

    assert document["phases"]["before"]["waves"] == 1
    assert codes(document) == ["never_to_tell"]


def test_an_open_crisis_has_no_after_yet(agency):
    plant_crisis(agency, 3, None)
    plant_fortnightly_waves(agency, (50, 3), (60, 3))

    document = sustainment_document(agency)

    assert answer_text(document) == (
        "It is too early to say how trust and communication changed since the crisis"
        " that began on 10 February 2027. The service needs at least 6 more waves, two"
        " of them after the crisis is over."
    )
    assert document["phases"]["after"] == {
        "waves": 0,
        "participation": None,
        "crisis_percent": None,
    }


def test_a_long_open_crisis_can_be_seen_to_accelerate_but_not_to_sustain(agency):
    plant_crisis(agency, 12, None)
    plant_fortnightly_waves(agency, (50, 12), (62, 11))

    document = sustainment_document(agency)

    assert codes(document)[0] == "accelerated_not_over"
    assert "not over" in answer_text(document)
    assert overall(document)["sustain"] is overall(document)["retention"] is None


def test_a_crisis_that_has_just_ended_needs_two_waves_after(agency):
    plant_crisis(agency, 12, 23)
    plant_fortnightly_waves(agency, (50, 12), (62, 11), (62, 1))

    document = sustainment_document(agency)

    assert codes(document)[0] == "accelerated_just_over"
    assert "at least one more wave to say" in answer_text(document)


def test_a_change_without_an_end_is_never_asked_to_last(agency):
    plant_marker(agency, "policy_change", day_between_waves(12))
    plant_fortnightly_waves(agency, (50, 12), (62, 11))

    document = sustainment_document(agency)

    assert codes(document)[0] == "accelerated_without_end"
    assert answer_text(document).startswith(
        "Since the change of policy on 16 June 2027,"
    )


def test_a_crisis_from_before_the_first_wave_can_never_be_assessed(agency):
    plant_crisis(agency, 1, 6)
    plant_fortnightly_waves(agency, (50, 1), (60, 5), (60, 9))

    document = sustainment_document(agency)

    assert codes(document)[0] == "never_to_tell"
    assert document["waves_needed"] is None


def test_waves_at_irregular_dates_count_by_their_date(agency):
    days = [0, 5, 30, 33, 51, 60, 70, 100, 101, 140, 150, 160, 190, 230, 250, 251, 300]
    levels = [50] * 6 + [62] * 6 + [61] * 5
    for day, level in zip(reversed(days), reversed(levels), strict=True):
        plant_release(agency, day, {"agency": PlantedScore(level + day % 3 - 1)})
    plant_marker(agency, "crisis_start", FIRST + timedelta(days=67))
    plant_marker(agency, "crisis_end", FIRST + timedelta(days=180))

    document = sustainment_document(agency)

    assert [w["phase"] for w in document["waves"]] == [
        *["before"] * 6,
        *["during"] * 6,
        *["after"] * 5,
    ]
    assert codes(document)[0] == "sustained"


def test_a_wave_that_was_open_on_a_date_counts_on_no_side(agency):
    on = FIRST + timedelta(days=14 * 6 + 5)  # the day it closed, at nine
    plant_marker(agency, "crisis_start", on)
    plant_marker(agency, "crisis_end", day_between_waves(12))
    plant_fortnightly_waves(agency, (50, 6), (0, 1), (65, 5), (60, 6))

    document = sustainment_document(agency)

    (changing,) = [w for w in document["waves"] if w["phase"] == "transition"]
    assert not changing["included"]
    assert codes(document)[0] == "sustained"


def test_a_cancelled_wave_is_a_gap_and_no_zero(agency):
    plant_crisis(agency, 6, 11)
    for number, level in enumerate([*[50] * 6, *[65] * 5, *[60] * 6]):
        if number != 8:
            noise = (number * 5) % 3 - 1
            plant_release(agency, 14 * number, {"agency": PlantedScore(level + noise)})

    document = sustainment_document(agency)

    assert document["phases"]["during"]["waves"] == 4
    assert len(document["waves"]) == 16
    assert codes(document)[0] == "sustained"
