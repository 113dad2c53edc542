"""Attacks on findings around markers: companions of scores, inverted."""

import json

import pytest

from tests.privacy.attacker import DIRECTOR
from tests.sustainment.planted_releases import (
    PlantedScore,
    plant_crisis,
    plant_fortnightly_waves,
    plant_release,
)
from tests.sustainment.sustainment_requests import sustainment_document

LEVELS = (*[50] * 6, *[65] * 5, *[60] * 6)


def measured(service, shift=0.0, coarse=(), coarse_score=50, **more):
    """An agency of seventeen waves around a crisis, some of them shown coarsely."""
    service.clock.reset()
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    plant_crisis(agency, 6, 11)
    for number, level in enumerate(LEVELS):
        score = level + number * 5 % 3 - 1 + shift
        planted = PlantedScore(score, **{"items": True, "share": 0.31, **more})
        if number in coarse:
            planted = PlantedScore(coarse_score, tier="coarse")
        plant_release(agency, 14 * number, {"a": planted})
    return agency


def figures(document):
    """A document without names and ids, which differ from agency to agency."""
    shown = json.loads(json.dumps(document))
    for wave in shown["waves"]:
        del wave["wave_id"]
    for member in ("team", "markers"):
        del shown[member]
    return shown


@pytest.mark.parametrize("shift", [-0.49, 0.3])
def test_a32_digits_that_rounding_hid_stay_hidden(service, shift):
    usual, other = (
        sustainment_document(measured(service, by), "a") for by in (0, shift)
    )

    assert usual["status"] == "released"
    assert figures(usual) == figures(other)


def test_a32_counts_that_bands_hid_stay_hidden(service):
    """Counts in one band, shares in one step, errors in one whole point."""
    usual = sustainment_document(measured(service, n=18, share=0.29, se=0.081), "a")
    other = sustainment_document(measured(service, n=20, share=0.32, se=0.119), "a")

    assert figures(usual) == figures(other)


@pytest.mark.parametrize("score", [0, 30, 100])
def test_a32_a_coarse_wave_is_in_no_figure(service, score):
    coarse = (1, 7, 13)
    usual, other = (
        sustainment_document(measured(service, coarse=coarse, coarse_score=points), "a")
        for points in (50, score)
    )

    assert figures(usual) == figures(other)
    assert [w["included"] for w in usual["waves"]].count(False) == len(coarse)


def test_a32_group_that_is_always_coarse_has_no_finding(service):
    agency = measured(service, coarse=range(len(LEVELS)))

    document = sustainment_document(agency, "a")

    assert document["status"] == "withheld"
    assert not any(name in document for name in ("constructs", "waves", "phases"))


def test_a32_questions_are_in_a_finding_only_where_each_was_shown(service):
    assert (
        sustainment_document(measured(service, items=False), "a")["ingredients"] is None
    )


def test_a32_shares_are_shown_in_steps_and_never_at_an_extreme(service):
    for share, shown in ((0.0, 10), (0.31, 30), (1.0, 90)):
        phases = sustainment_document(measured(service, share=share), "a")["phases"]

        assert {phase["crisis_percent"] for phase in phases.values()} == {shown}


def numbers(node, name=""):
    """Every number of a document, with the name of its member."""
    if isinstance(node, dict):
        return [n for key, below in node.items() for n in numbers(below, key)]
    if isinstance(node, list):
        return [n for below in node for n in numbers(below, name)]
    return [(name, node)] if isinstance(node, int | float) else []


def test_a32_every_number_is_whole_but_p_which_has_two_decimals(service):
    members = numbers(sustainment_document(measured(service), "a"))

    assert {name for name, number in members if isinstance(number, float)} == {"p"}
    assert all(number == round(number, 2) for name, number in members if name == "p")


def test_a5_finding_does_not_move_while_answers_arrive(service):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6), team="a")
    before = sustainment_document(agency, "a")

    agency.announce(opens_in=20)
    agency.tick(days=21)

    assert sustainment_document(agency, "a") == before
