"""Stored score documents: the newest of a wave, and the members that reports copy."""

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from rapport_service.registry.models import Score

_any_score = aliased(Score)

IS_NEWEST_RELEASE = Score.number == (
    select(func.max(_any_score.number))
    .where(
        _any_score.organization_id == Score.organization_id,
        _any_score.wave_id == Score.wave_id,
        _any_score.team_id == Score.team_id,
    )
    .scalar_subquery()
)
"""Holds for a team's document in the newest release of a wave, and for no other."""

HEAD = ("release", "status", "source_team")
FIGURES = ("tier", "respondents", "participation", "constructs")
"""Members with the figures of a team; reports copy them and compute nothing."""


def own_figures(document: bytes) -> dict[str, Any]:
    """The figures of the team itself in a stored document.

    Where a group around the team is shown instead, that group is named, and its
    figures are left out.
    """
    score: dict[str, Any] = json.loads(document)
    released = score["status"] == "released"
    return _pick(score, HEAD) | {
        name: score[name] if released else None for name in FIGURES
    }


def presented_figures(document: bytes) -> dict[str, Any]:
    """The figures that a stored document shows for the team: its own or a group's."""
    return _pick(json.loads(document), (*HEAD, *FIGURES))


def _pick(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: document.get(name) for name in names}
