"""Verdicts by the noise of the whole organization, and where it has shown little."""

from random import Random

import pytest

from tests.sustainment.planted_releases import (
    PlantedScore,
    plant_crisis,
    plant_release,
)
from tests.sustainment.sustainment_requests import codes, sustainment_document

TEAMS = ("a", "b", "c", "d")
CALM, CRISIS, AFTER = 6, 5, 6
PHASES = (CALM, CRISIS, AFTER)

KEPT, LOST, NONE = (50, 65, 65), (50, 65, 50), (50, 50, 50)
"""Levels before, during and after a crisis."""


def plant_teams(agency, levels, lengths=PHASES, hidden=(), coarse=(), cancelled=()):
    """Fortnightly waves of some teams, and of the agency as their mean.

    Args:
        levels: by team, one for each phase.
        lengths: of the phases, in waves.
        hidden: team and wave of scores that were not shown.
        coarse: team and wave of scores that were shown coarsely.
        cancelled: waves without a release.
    """
    rng = Random(1)
    phases = [phase for phase, count in enumerate(lengths) for _ in range(count)]
    for wave, phase in enumerate(phases):
        scores = {team: own[phase] + rng.randint(-3, 3) for team, own in levels.items()}
        planted = {
            team: PlantedScore(
                score, tier="coarse" if (team, wave) in coarse else "fine"
            )
            for team, score in scores.items()
            if (team, wave) not in hidden
        }
        mean = round(sum(scores.values()) / len(scores))
        if wave not in cancelled:
            plant_release(agency, 14 * wave, {"agency": PlantedScore(mean), **planted})


def overall(agency, team, marker=None):
    document = sustainment_document(agency, team, marker)
    return document["constructs"]["overall"]


def verdicts(agency, teams, marker=None):
    return {team: overall(agency, team, marker)["verdict"] for team in teams}


@pytest.fixture
def agency(service):
    return service.agency(dict.fromkeys(TEAMS, 10))


def test_each_team_has_its_own_verdict_by_one_noise(agency):
    plant_crisis(agency, CALM, CALM + CRISIS)
    plant_teams(agency, {"a": KEPT, "b": LOST, "c": NONE, "d": NONE})

    effects = {team: overall(agency, team) for team in TEAMS}

    assert {effect["method"] for effect in effects.values()} == {"noise_model"}
    assert {team: effect["verdict"] for team, effect in effects.items()} == {
        "a": "sustained",
        "b": "faded",
        "c": "no_acceleration",
        "d": "no_acceleration",
    }
    assert all(5 <= effect["detectable"] <= 10 for effect in effects.values())


def test_waves_that_are_needed_count_on_the_noise_that_will_be_known(agency):
    """As soon as the crisis has two waves, not by other dates until then."""
    plant_crisis(agency, CALM, None)
    plant_teams(agency, dict.fromkeys(TEAMS, KEPT), lengths=(CALM, 1, 0))

    document = sustainment_document(agency, "a")

    assert document["waves_needed"] == 3


def test_two_crises_are_assessed_each_by_the_waves_around_it(agency):
    first = plant_crisis(agency, 6, 11)
    second = plant_crisis(agency, 17, 22)
    kept_then_lost, lost_then_kept = (50, 65, 65, 80, 65), (50, 65, 50, 65, 65)
    levels = {"a": kept_then_lost, "b": lost_then_kept, "c": [50] * 5, "d": [50] * 5}
    plant_teams(agency, levels, (6, 5, 6, 5, 6))

    both = [verdicts(agency, "ab", crisis[0]) for crisis in (first, second)]

    assert both == [
        {"a": "sustained", "b": "faded"},
        {"a": "faded", "b": "sustained"},
    ]
    for crisis in (first, second):
        assert overall(agency, "a", crisis[0])["method"] == "noise_model"


def test_three_teams_are_enough_to_know_the_noise_and_two_are_not(service):
    for count, method in ((3, "noise_model"), (2, "placebo_dates")):
        service.clock.reset()
        agency = service.agency(dict.fromkeys(TEAMS[:count], 10))
        plant_crisis(agency, CALM, CALM + CRISIS)
        plant_teams(agency, dict.fromkeys(TEAMS[:count], KEPT))

        effects = [overall(agency, team) for team in TEAMS[:count]]

        assert {effect["method"] for effect in effects} == {method}
        assert {effect["verdict"] for effect in effects} == {"sustained"}


def test_team_alone_in_its_organization_is_compared_with_other_dates(service):
    agency = service.agency({"a": 10})
    plant_crisis(agency, CALM, CALM + CRISIS)
    plant_teams(agency, {"a": KEPT})

    effect = overall(agency, "a")

    assert (effect["method"], effect["verdict"]) == ("placebo_dates", "sustained")
    assert effect["detectable"] is None
    assert effect["placebo_dates"] >= 19


def test_team_that_misses_waves_is_assessed_by_the_noise_of_the_others(agency):
    plant_crisis(agency, CALM, CALM + CRISIS)
    missing = {("a", wave) for wave in (2, 8, 13)}
    plant_teams(agency, {"a": KEPT, **dict.fromkeys("bcd", NONE)}, hidden=missing)

    document = sustainment_document(agency, "a")

    assert document["constructs"]["overall"]["method"] == "noise_model"
    assert codes(document)[0] == "sustained"
    assert [phase["waves"] for phase in document["phases"].values()] == [5, 4, 5]


def test_waves_in_which_a_team_was_coarse_are_left_out(agency):
    plant_crisis(agency, CALM, CALM + CRISIS)
    grown = {("a", wave) for wave in (0, 1, 16)}
    plant_teams(agency, {"a": KEPT, **dict.fromkeys("bcd", NONE)}, coarse=grown)

    document = sustainment_document(agency, "a")

    included = [wave["included"] for wave in document["waves"]]
    assert included == [False] * 2 + [True] * 14 + [False]
    assert codes(document)[0] == "sustained"


def test_team_that_is_new_since_a_reorganization_hinders_no_other(agency):
    """Of it there was nothing before the crisis, so no wave to come can help it."""
    plant_crisis(agency, CALM, CALM + CRISIS)
    unborn = {("d", wave) for wave in range(CALM + 1)}
    plant_teams(agency, {"a": KEPT, **dict.fromkeys("bcd", NONE)}, hidden=unborn)

    assert overall(agency, "a")["verdict"] == "sustained"
    document = sustainment_document(agency, "d")
    assert document["status"] == "rolled_up"
    assert document["source_team"]["external_id"] == "agency"


def test_teams_that_are_all_alike_have_no_noise_but_rounding(agency):
    plant_crisis(agency, CALM, CALM + CRISIS)
    for wave in range(sum(PHASES)):
        level = PlantedScore(31 if CALM <= wave < CALM + CRISIS else 25)
        plant_release(agency, 14 * wave, dict.fromkeys(("agency", *TEAMS), level))

    effect = overall(agency, "a")

    assert (effect["method"], effect["verdict"]) == ("noise_model", "faded")
    assert effect["accel"]["points"] == 6
    assert effect["sustain"]["points"] == 0


def test_cancelled_wave_is_a_gap_of_every_team(agency):
    plant_crisis(agency, CALM, CALM + CRISIS)
    levels = {"a": KEPT, **dict.fromkeys("bcd", NONE)}
    plant_teams(agency, levels, cancelled={8})

    effect = overall(agency, "a")

    assert (effect["method"], effect["verdict"]) == ("noise_model", "sustained")
