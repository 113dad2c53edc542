"""Eligibility of markers: those that concern a team, are assessed, or are not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.admin import code_of, fields_of
from tests.sustainment.planted_releases import (
    FIRST,
    PlantedScore,
    day_between_waves,
    plant_crisis,
    plant_fortnightly_waves,
    plant_marker,
    plant_release,
    plant_retraction,
)
from tests.sustainment.sustainment_requests import (
    answer_text,
    codes,
    request_sustainment,
    sustainment_document,
)


@pytest.fixture
def agency(service):
    return service.agency({"north": 10, "a": 10, "south": 10}, {"a": "north"})


def plant_everywhere(agency, *phases, teams=("agency", "north", "a", "south")):
    levels = [level for level, count in phases for _ in range(count)]
    for number, level in enumerate(levels):
        score = PlantedScore(level + (number * 5) % 3 - 1)
        plant_release(agency, 14 * number, dict.fromkeys(teams, score))


def test_earliest_of_overlapping_markers_is_analysed(agency):
    first = plant_crisis(agency, 6, 11)
    second = plant_crisis(agency, 9, 13)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))

    earlier, later = (
        sustainment_document(agency, marker=first[0]),
        sustainment_document(agency, marker=second[0]),
    )

    assert earlier["status"] == "released"
    assert (later["status"], later["reason"]) == ("not_analysed", "overlapping")
    assert answer_text(later) == (
        "This overlaps with the crisis that began on 24 March 2027. Nobody can tell the"
        " effects of the two apart, so the service analyses only the earlier one."
    )
    assert [marker["id"] for marker in later["markers"]] == [*second]
    assert sustainment_document(agency) == earlier


def test_newest_of_separate_markers_is_meant_and_each_has_its_own_waves(agency):
    first, second = plant_crisis(agency, 6, 11), plant_crisis(agency, 18, 24)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 7), (75, 6), (70, 6))

    documents = [
        sustainment_document(agency, marker=crisis[0]) for crisis in (first, second)
    ]

    assert sustainment_document(agency) == documents[1]
    assert [len(document["waves"]) for document in documents] == [18, 19]
    assert [codes(document)[0] for document in documents] == ["sustained"] * 2


def test_the_marker_that_ends_a_crisis_is_answered_with_the_crisis(agency):
    start, end = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))

    assert sustainment_document(agency, marker=end) == sustainment_document(
        agency, marker=start
    )


def test_an_end_without_a_crisis_ends_nothing(agency):
    end = plant_marker(agency, "crisis_end", day_between_waves(6))
    plant_fortnightly_waves(agency, (50, 8))

    document = sustainment_document(agency, marker=end)

    assert codes(document) == [document["reason"]] == ["ends_nothing"]


def test_end_is_eligible_once_its_beginning_is_declared(agency):
    end = plant_marker(agency, "crisis_end", day_between_waves(6))
    plant_fortnightly_waves(agency, (50, 8))
    assert sustainment_document(agency, marker=end)["status"] == "not_analysed"

    start = plant_marker(agency, "crisis_start", day_between_waves(3))

    assert sustainment_document(agency, marker=end) == sustainment_document(
        agency, marker=start
    )
    assert sustainment_document(agency)["status"] == "released"


def test_a_provisional_marker_waits_until_it_is_confirmed(agency):
    vague = plant_marker(agency, "crisis_start", day_between_waves(6), confirmed=False)
    plant_fortnightly_waves(agency, (50, 6), (65, 5))

    document = sustainment_document(agency)

    assert (document["status"], document["reason"]) == ("not_analysed", "provisional")
    assert document["markers"][0]["id"] == vague
    assert "once an administrator declares it as confirmed" in answer_text(document)


def test_a_provisional_marker_does_not_stand_in_the_way_of_others(agency):
    plant_marker(agency, "crisis_start", day_between_waves(4), confirmed=False)
    plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))

    assert codes(sustainment_document(agency))[0] == "sustained"


def test_a_retracted_marker_is_answered_no_more(agency):
    start, _ = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))
    sustainment_document(agency)

    plant_retraction(agency, start)

    assert code_of(request_sustainment(agency, marker=start)) == "marker-not-found"
    assert sustainment_document(agency)["reason"] == "ends_nothing"


def test_crisis_without_its_end_is_analysed_anew(agency):
    start, end = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))
    before = sustainment_document(agency, marker=start)

    plant_retraction(agency, end)
    stale = request_sustainment(agency, marker=start).get_json()

    assert stale["status"] == "pending"
    assert code_of(request_sustainment(agency, marker=end)) == "marker-not-found"
    after = sustainment_document(agency, marker=start)
    assert (before["version"], after["version"]) == (1, 2)
    assert [marker["id"] for marker in after["markers"]] == [start]


@pytest.mark.parametrize("late", ["crisis_start", "crisis_end"])
def test_a_date_declared_after_its_results_is_a_question_not_an_answer(agency, late):
    known = datetime(2027, 7, 1, tzinfo=UTC)
    for kind, number in (("crisis_start", 6), ("crisis_end", 11)):
        at = {"declared_at": known} if kind == late else {}
        plant_marker(agency, kind, day_between_waves(number), **at)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))

    document = sustainment_document(agency)

    assert document["exploratory"]
    assert codes(document) == ["sustained", "exploratory"]
    assert "as a question for next time, not as an answer" in str(document)


def test_a_date_declared_before_its_results_is_not(agency):
    plant_crisis(agency, 6, 11, declared_at=datetime(2027, 3, 30, tzinfo=UTC))
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))

    assert sustainment_document(agency)["exploratory"] is False


def test_a_teams_marker_concerns_those_below_it_alone(agency):
    start, _ = plant_crisis(agency, 6, 11, team="north")
    plant_everywhere(agency, (50, 6), (65, 5), (60, 6))

    for team in ("north", "a"):
        assert sustainment_document(agency, team, start)["status"] == "released"
    for team in ("agency", "south"):
        assert code_of(request_sustainment(agency, team, start)) == "marker-not-found"
        assert code_of(request_sustainment(agency, team)) == "marker-not-found"


def test_a_teams_own_crisis_may_hide_that_of_the_agency_for_it_alone(agency):
    plant_crisis(agency, 5, 12, team="a")
    everyones, _ = plant_crisis(agency, 6, 11)
    plant_everywhere(agency, (50, 6), (65, 5), (60, 6))

    assert sustainment_document(agency, "a", everyones)["reason"] == "overlapping"
    assert sustainment_document(agency, "north", everyones)["status"] == "released"


def test_a_team_that_was_never_shown_finely_gets_the_nearest_that_was(agency):
    plant_crisis(agency, 6, 11)
    plant_everywhere(agency, (50, 6), (65, 5), (60, 6), teams=("agency", "north"))

    document, around = (
        sustainment_document(agency, "a"),
        sustainment_document(agency, "north"),
    )

    assert document["status"] == "rolled_up"
    assert document["source_team"] == around["team"]
    assert document["constructs"] == around["constructs"]
    assert codes(document) == ["sustained", "rolled_up"]
    assert document["team"]["name"] == "Team a"


def test_a_team_with_too_few_waves_gets_one_with_enough(agency):
    plant_crisis(agency, 6, 11)
    plant_everywhere(agency, (50, 6), (65, 5), (60, 4), teams=("agency",))
    plant_release(
        agency, 14 * 15, {"agency": PlantedScore(60), "south": PlantedScore(40)}
    )

    assert sustainment_document(agency, "south")["source_team"]["name"] == "The agency"


def test_while_no_team_has_enough_waves_each_gets_its_own(agency):
    plant_crisis(agency, 2, None)
    plant_everywhere(agency, (50, 2), (65, 2))

    assert sustainment_document(agency, "a")["status"] == "released"


def test_a_roll_up_never_leaves_the_markers_own_teams(agency):
    start, _ = plant_crisis(agency, 6, 11, team="north")
    plant_everywhere(agency, (50, 6), (65, 5), (60, 6), teams=("agency",))

    document = sustainment_document(agency, "a", start)

    assert document["status"] == "withheld"
    assert codes(document) == ["withheld"]
    assert document.keys() == {
        "format",
        "status",
        "version",
        "team",
        "markers",
        "explanation",
    }


def test_finding_that_no_tick_has_made_is_pending(agency):
    plant_fortnightly_waves(agency, (50, 3))
    start, end = plant_crisis(agency, 6, 11)

    for document in (
        request_sustainment(agency).get_json(),
        request_sustainment(agency, marker=start).get_json(),
    ):
        assert document["status"] == "pending"
        assert document["marker_id"] in {start, end}
        assert "within minutes" in answer_text(document)


def test_before_any_wave_is_sealed_all_is_pending(agency):
    plant_crisis(agency, 6, 11)

    assert sustainment_document(agency)["status"] == "pending"


def test_team_without_a_marker_has_no_finding(agency):
    plant_fortnightly_waves(agency, (50, 3))

    unnamed = request_sustainment(agency)
    assert code_of(unnamed) == "marker-not-found"
    assert unnamed.json["detail"].startswith("There is no marker for this team")
    assert (
        code_of(request_sustainment(agency, marker=str(uuid4()))) == "marker-not-found"
    )


def test_no_other_agencys_marker_is_answered(service, agency):
    plant_fortnightly_waves(agency, (50, 3))
    theirs = service.agency({"a": 8})
    start, _ = plant_crisis(theirs, 6, 11)

    assert code_of(request_sustainment(agency, marker=start)) == "marker-not-found"


def test_a_marker_that_is_no_id_is_named(agency):
    assert fields_of(request_sustainment(agency, marker="the flood")) == ["marker_id"]


@pytest.mark.parametrize(
    ("zone", "phase"), [("UTC", "transition"), ("Pacific/Honolulu", "before")]
)
def test_the_agencys_own_calendar_says_which_day_it_was(service, zone, phase):
    """The wave closes at nine in Greenwich, when it is the day before in Honolulu."""
    agency = service.agency({"a": 10}, time_zone=zone)
    plant_release(agency, 0, {"agency": PlantedScore(50)})
    plant_marker(agency, "policy_change", FIRST + timedelta(days=5))

    assert sustainment_document(agency)["waves"][0]["phase"] == phase
