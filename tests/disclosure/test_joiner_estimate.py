"""Estimate of one person's answers from two scores of a team that they joined.

A stated residual, R17 of docs/security/what-the-operator-can-learn.md: scores of a team
with fine scores are whole numbers, and rounding alone does not hide one joiner if all
others answer as before.
"""

import numpy as np
import pytest

from rapport_service.disclosure.rounding import round_half_up

TEAMS = 2_000


def estimate_joiner(answers):
    """The joiner's points, from the two scores as published."""
    points = (answers.mean(axis=1) - 1) * 25
    before, after = round_half_up(points[:-1].mean()), round_half_up(points.mean())
    people = len(points)
    return people * after - (people - 1) * before, points[-1]


@pytest.mark.parametrize(
    ("size", "min_correlation", "max_correlation"), [(10, 0.97, 0.99), (20, 0.9, 0.94)]
)
def test_joiner_can_be_estimated_where_the_others_answer_as_before(
    size, min_correlation, max_correlation
):
    chance = np.random.default_rng(20_270_301)
    levels = chance.normal(3.6, 0.8, (TEAMS, size + 1, 1))
    answers = np.rint(levels + chance.normal(0, 0.7, (TEAMS, size + 1, 4))).clip(1, 5)

    estimates, truths = np.array([estimate_joiner(team) for team in answers]).T

    correlation = np.corrcoef(estimates, truths)[0, 1]
    assert min_correlation < correlation < max_correlation
