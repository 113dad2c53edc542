"""Levels, changes and trends of teams over their waves, and at the edges."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.releases.seven_groups import GROUPS, IDS, agency_of, release_documents
from tests.releases.wave_rows import member, people_at, play_waves
from tests.support.service import NOON

STEADY = {"a": (12, 60), "b": (12, 60), "c": (12, 60), "d": (12, 60)}


def steady(**changed):
    return {**STEADY, **changed}


def directions(document, name="change"):
    return {change and change["direction"] for change in member(document, name)}


# From the first wave on


def test_first_wave_has_neither_level_nor_change_nor_trend():
    (documents,), _ = play_waves([STEADY])

    for name in ("level", "change", "two_wave_change", "trend"):
        assert member(documents["a"], name) == [None] * 3


def test_second_wave_has_neither_level_nor_change():
    """One wave is no level that another could have changed against."""
    (_, documents), _ = play_waves([STEADY] * 2)

    for name in ("level", "change", "two_wave_change", "trend"):
        assert member(documents["a"], name) == [None] * 3


def test_third_wave_has_a_level_and_both_changes():
    (*_, documents), _ = play_waves([STEADY] * 3)

    for level, score in zip(
        member(documents["a"], "level"), member(documents["a"], "score"), strict=True
    ):
        ends = level["interval"]
        assert 0 <= ends["low"] < level["score"] < ends["high"] <= 100
        assert abs(level["score"] - score) < 20
    assert directions(documents["a"]) == {"no_clear_change"}
    assert directions(documents["a"], "two_wave_change") == {"no_clear_change"}


def test_trend_begins_with_the_twelfth_wave():
    documents, _ = play_waves([STEADY] * 12)

    assert member(documents[10]["a"], "trend") == [None] * 3
    for trend in member(documents[11]["a"], "trend"):
        assert trend["direction"] in {"rising", "falling", "no_clear_trend"}
        assert trend["detectable"] >= 1


# Changes


@pytest.mark.parametrize(("level", "direction"), [(95, "up"), (20, "down")])
def test_large_step_is_a_change_that_ends_when_the_level_has_followed(level, direction):
    after = steady(a=(12, level))

    documents, _ = play_waves([STEADY] * 6 + [after] * 8)

    assert directions(documents[6]["a"]) == {direction}
    assert directions(documents[7]["a"], "two_wave_change") == {direction}
    assert directions(documents[13]["a"]) == {"no_clear_change"}
    assert directions(documents[6]["b"]) == {"no_clear_change"}


def test_every_change_says_how_large_it_would_have_to_be():
    documents, _ = play_waves([STEADY] * 6)

    for change in member(documents[5]["a"], "change"):
        assert 5 <= change["detectable"] <= 25
    for newest, both in zip(
        member(documents[5]["a"], "change"),
        member(documents[5]["a"], "two_wave_change"),
        strict=True,
    ):
        assert both["detectable"] <= newest["detectable"]


def test_rising_team_has_a_trend_and_the_others_have_none():
    waves = [steady(a=(12, 30 + 4 * number)) for number in range(13)]

    documents, _ = play_waves(waves)

    assert directions(documents[-1]["a"], "trend") == {"rising"}
    assert all(
        5 <= trend["per_four_weeks"] <= 11
        for trend in member(documents[-1]["a"], "trend")
    )
    assert "falling" not in directions(documents[-1]["b"], "trend")


def test_trend_at_irregular_dates_is_given_in_points_a_month():
    waves = [steady(a=(12, 30 + 4 * number)) for number in range(13)]

    fast, slow = (play_waves(waves, [gap] * 12)[0][-1]["a"] for gap in (14, 28))
    uneven = play_waves(waves, [14, 28] * 6)[0][-1]["a"]

    speeds = [
        sum(trend["per_four_weeks"] for trend in member(document, "trend"))
        for document in (slow, uneven, fast)
    ]
    assert speeds == sorted(speeds)
    assert speeds[2] == pytest.approx(2 * speeds[0], abs=3)


# Scores that say "at most" or "at least"


@pytest.mark.parametrize(
    ("points", "bound", "end"), [(99, "at_least", 100), (1, "at_most", 0)]
)
def test_level_of_clamped_scores_is_open_toward_what_they_may_stand_for(
    points, bound, end
):
    waves = [steady(a=(7, points))] * 8

    documents, _ = play_waves(waves)

    for figure in documents[-1]["a"]["constructs"].values():
        assert figure["bound"] == bound
        ends = figure["level"]["interval"].values()
        assert min(abs(each - end) for each in ends) <= 2


def test_level_is_open_as_long_as_clamped_scores_carry_weight():
    waves = [steady(a=(7, 99))] * 6 + [steady(a=(7, 60))] * 12

    documents, _ = play_waves(waves)

    widths = []
    for document in documents[6:]:
        level = document["a"]["constructs"]["overall"]["level"]
        widths.append(level["interval"]["high"] - level["score"])
    below = document["a"]["constructs"]["overall"]["level"]
    assert widths[0] > widths[-1]
    assert widths[-1] <= below["score"] - below["interval"]["low"] + 1


def test_score_that_is_no_longer_clamped_is_no_rise():
    """A team at 99 is shown as at least 90, and as 99 once it is in the fine tier."""
    waves = [steady(a=(7, 99))] * 8 + [steady(a=(40, 99))] * 2

    documents, _ = play_waves(waves)

    assert min(member(documents[8]["a"], "score")) >= 95
    assert directions(documents[8]["a"]) == {"no_clear_change"}
    assert directions(documents[9]["a"], "two_wave_change") == {"no_clear_change"}


# Teams that come and go


def test_team_that_misses_waves_keeps_its_level_from_before():
    waves = [STEADY, STEADY, STEADY, steady(a=(2, 60)), steady(a=(3, 60)), STEADY]

    documents, _ = play_waves(waves)

    assert documents[3]["a"]["status"] == "rolled_up"
    assert None not in member(documents[5]["a"], "level")
    assert directions(documents[5]["a"]) == {"no_clear_change"}
    assert member(documents[5]["a"], "two_wave_change") == [None] * 3


def test_team_has_a_level_once_it_was_shown_three_times():
    waves = [steady(a=(count, 60)) for count in (12, 2, 12, 2, 12)]

    documents, _ = play_waves(waves)

    assert member(documents[2]["a"], "level") == [None] * 3
    assert None not in member(documents[4]["a"], "level")


def test_team_that_grows_from_coarse_to_fine_and_back_has_one_level():
    sizes = [7, 7, 7, 12, 12, 12, 7, 7]
    waves = [steady(a=(count, 60)) for count in sizes]

    documents, _ = play_waves(waves)

    tiers = [document["a"]["tier"] for document in documents]
    assert tiers == ["coarse" if count == 7 else "fine" for count in sizes]
    for document in documents[2:]:
        assert None not in member(document["a"], "level")
    widths = [
        level["interval"]["high"] - level["interval"]["low"]
        for document in documents[2:]
        for level in member(document["a"], "level")
    ]
    assert max(widths) <= 25


def test_trends_need_three_teams_that_were_fine_in_twelve_waves_on_end():
    """A coarse team makes its neighbour coarse as well, to protect the few."""
    waves = [steady(a=(7 if number == 4 else 12, 60)) for number in range(17)]

    documents, _ = play_waves(waves)

    assert documents[4]["a"]["tier"] == "coarse"
    for team in STEADY:
        assert member(documents[15][team], "trend") == [None] * 3
        assert None not in member(documents[16][team], "trend")


def test_trend_is_of_the_waves_since_three_teams_have_been_fine():
    falling = [steady(a=(12, 90 - 6 * number)) for number in range(6)]
    rising = [steady(a=(12, 30 + 4 * number)) for number in range(12)]

    documents, _ = play_waves([*falling, steady(a=(7, 50)), *rising])

    assert directions(documents[-1]["a"], "trend") == {"rising"}


def test_team_alone_in_its_organization_has_a_level_and_no_trend():
    documents, _ = play_waves([{"a": (12, 60)}] * 13)

    assert None not in member(documents[-1]["a"], "level")
    assert directions(documents[-1]["a"]) == {"no_clear_change"}
    assert member(documents[-1]["a"], "trend") == [None] * 3
    assert member(documents[-1]["a"], "against_organization") == [None] * 3


def test_three_teams_are_enough_for_trends_and_for_comparisons():
    three = {"a": (12, 85), "b": (12, 40), "c": (12, 40)}

    documents, _ = play_waves([three] * 12)

    assert None not in member(documents[-1]["a"], "trend")
    assert set(member(documents[-1]["a"], "against_organization")) == {"above"}


def test_teams_that_are_all_alike_do_not_differ():
    past = []
    for number in range(4):
        raw = dict.fromkeys(GROUPS, ()) | dict.fromkeys(
            STEADY, people_at(12, 60, number)
        )
        opens = NOON + timedelta(days=14 * number)
        documents, wave = release_documents(raw, agency_of(raw), past, opens)
        past.append(wave)

    levels = [member(documents[team], "level") for team in STEADY]
    assert all(level == levels[0] for level in levels)
    for team in STEADY:
        positions = member(documents[team], "against_organization")
        assert positions == ["not_clearly_different"] * 3


def test_team_that_is_new_after_a_reorganization_begins_anew():
    """The team that is gone does not hinder those that stay."""
    _, past = play_waves([STEADY] * 4)
    moved = [
        replace(
            wave,
            figures={
                "gone" if node == str(IDS["d"]) else node: figures
                for node, figures in wave.figures.items()
            },
        )
        for wave in past
    ]
    raw = dict.fromkeys(GROUPS, ()) | {team: people_at(12, 60, 9) for team in STEADY}

    documents, _ = release_documents(
        raw, agency_of(raw), moved, NOON + timedelta(days=60)
    )

    for name in ("level", "change", "two_wave_change"):
        assert member(documents["d"], name) == [None] * 3
    assert None not in member(documents["a"], "level")
    assert None not in member(documents["a"], "two_wave_change")


@settings(max_examples=5)
@given(st.lists(st.integers(1, 400), min_size=5, max_size=5))
def test_irregular_dates_let_levels_drift_by_the_time_between(gaps):
    documents, _ = play_waves([STEADY] * 6, gaps)

    for level in member(documents[-1]["a"], "level"):
        assert 40 < level["score"] < 80
