"""Comparison of a sealed wave's stored and published scores with expected ones."""

import json
import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from uuid import UUID

from rapport_client import Released, Score, Team

Scores = dict[tuple[str, str], float]
"""Scores before rounding, on the scale of the answers, by team and construct."""

CONSTRUCTS = ("trust", "communication")


def load_stored_scores(database: Path, wave: str, teams: Mapping[UUID, str]) -> Scores:
    """Load the scores as the seal keeps them for later waves, where no route reads.

    Args:
        database: the service's SQLite file.
        wave: the wave's public id.
        teams: the agency's ids of the teams to look at.
    """
    organization, _, number = wave.partition(".")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        stored = rows.execute(
            "SELECT team_id, figures FROM scores WHERE organization_id = ?"
            " AND wave_id = ? AND figures IS NOT NULL",
            (organization, UUID(number).hex),
        ).fetchall()
    return {
        (teams[UUID(team)], construct): json.loads(figures)["constructs"][construct][
            "theta"
        ]
        for team, figures in stored
        if UUID(team) in teams
        for construct in CONSTRUCTS
    }


def largest_error(stored: Scores, expected: Scores) -> float:
    """Return the largest difference; infinite where a score is missing."""
    return max(abs(stored.get(key, math.inf) - expected[key]) for key in expected)


def find_presentation_errors(stored: Scores, shown: Mapping[Team, Score]) -> list[str]:
    """Return a sentence for each published figure that differs from the stored one."""
    errors = []
    for team, score in shown.items():
        if not isinstance(score, Released):
            errors.append(f"{team.name} is not released")
            continue
        for construct in CONSTRUCTS:
            figure = getattr(score.constructs, construct)
            expected = present_score(stored[team.external_id, construct], score.tier)
            if (figure.score, figure.bound) != expected:
                errors.append(
                    f"{team.name} shows {figure} for {construct}, not {expected}"
                )
    return errors


def present_score(theta: float, tier: str) -> tuple[int, str | None]:
    """Return a score as a tier shows it: 0 to 100, and its bound.

    Whole points, halves up; in the coarse tier steps of five points, and nothing below
    10 or above 90 but that it is there.
    """
    step = 1 if tier == "fine" else 5
    points = math.floor(round(25 * (theta - 1) / step, 9) + 0.5) * step
    if tier == "fine" or 10 < points < 90:
        return points, None
    return (10, "at_most") if points <= 10 else (90, "at_least")
