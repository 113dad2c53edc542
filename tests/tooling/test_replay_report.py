import math
from uuid import uuid4

import pytest

from benchmarks.comparison import find_presentation_errors, largest_error, present_score
from rapport_client import (
    ConstructScore,
    ConstructScores,
    Released,
    ScoreInterval,
    Team,
    TeamReference,
    Withheld,
)
from tests.support.service import NOON

TRUST, COMMUNICATION = ("7", "trust"), ("7", "communication")
STORED = {TRUST: 3.5, COMMUNICATION: 4.0}
ANYWHERE = ScoreInterval(0, 100)


def released(trust=63, communication=75, tier="fine", bound=None):
    team = Team(
        id=str(uuid4()), external_id="7", name="Company 7", parent_id="root", gone=False
    )
    constructs = ConstructScores(
        trust=ConstructScore(trust, bound, ANYWHERE),
        communication=ConstructScore(communication, None, ANYWHERE),
        overall=ConstructScore(70, None, ANYWHERE),
    )
    score = Released(
        **head(team),
        tier=tier,
        respondents="10-19",
        participation="85+",
        tipping_point=33,
        constructs=constructs,
        agreement=None,
        items=None,
        crisis_percent=None,
    )
    return {team: score}


def head(team):
    return {
        "team": TeamReference(team.id, team.external_id, team.name),
        "wave_id": "w",
        "release": 1,
        "opens_at": NOON,
        "closes_at": NOON,
        "explanation": (),
    }


def test_equal_scores_have_no_error():
    assert largest_error(STORED, dict(STORED)) == 0


def test_the_largest_difference_counts_in_either_direction():
    assert largest_error(STORED, {TRUST: 3.5, COMMUNICATION: 4.25}) == 0.25
    assert largest_error(STORED, {TRUST: 3.0, COMMUNICATION: 4.0}) == 0.5


def test_a_missing_score_is_an_endless_error():
    assert largest_error({TRUST: 3.5}, STORED) == math.inf


def test_scores_shown_as_they_must_be_are_not_mentioned():
    assert find_presentation_errors(STORED, released()) == []


@pytest.mark.parametrize(
    "wrong",
    [{"trust": 62}, {"communication": 76}, {"bound": "at_least"}, {"tier": "coarse"}],
)
def test_a_score_shown_differently_is_mentioned(wrong):
    assert len(find_presentation_errors(STORED, released(**wrong))) == 1


def test_a_team_that_is_not_released_is_mentioned():
    (team,) = released()

    errors = find_presentation_errors(STORED, {team: Withheld(**head(team))})

    assert errors == ["Company 7 is not released"]


@pytest.mark.parametrize(
    ("theta", "tier", "shown"),
    [
        (1.0, "fine", (0, None)),
        (5.0, "fine", (100, None)),
        (3.5, "fine", (63, None)),  # 62.5: halves go up
        (3.5, "coarse", (65, None)),
        (3.48, "coarse", (60, None)),
        (1.0, "coarse", (10, "at_most")),
        (1.5, "coarse", (15, None)),
        (1.4, "coarse", (10, "at_most")),
        (4.6, "coarse", (90, "at_least")),
        (5.0, "coarse", (90, "at_least")),
    ],
)
def test_a_score_is_presented_by_its_tier(theta, tier, shown):
    assert present_score(theta, tier) == shown
