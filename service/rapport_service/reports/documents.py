"""Stored documents: which one of several, and what a table copies from it."""

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

HEAD = ("release", "status", "from")
FIGURES = ("tier", "respondents", "participation", "constructs")
"""What a release shows of a team; nothing of it is worked out anew."""


def own_figures(document: bytes) -> dict[str, Any]:
    """What a stored document says of the team itself.

    Where a group around the team is shown instead, that group is named, and its
    figures are left out.
    """
    told: dict[str, Any] = json.loads(document)
    released = told["status"] == "released"
    return _pick(told, HEAD) | {
        name: told[name] if released else None for name in FIGURES
    }


def presented_figures(document: bytes) -> dict[str, Any]:
    """What a stored document shows for the team, its own figures or a group's."""
    return _pick(json.loads(document), (*HEAD, *FIGURES))


def _pick(told: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: told.get(name) for name in names}
