"""Stored documents: the newest of a wave, what a reader gets, what reports copy."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from rapport_service.narrative.sentence import SentenceTemplate
from rapport_service.registry.models import Score
from rapport_service.reports.access import Access

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

KEPT_WITHOUT_GROUP = frozenset(
    {"format", "status", "version", "team"}
    | {"wave_id", "release", "opens_at", "closes_at"}
)
"""Members of a rolled-up document that tell nothing of the group.

Markers do: the group's own may be none that concerns the team today."""


def for_access(document: bytes, access: Access, hidden: SentenceTemplate) -> bytes:
    """A stored document as a reader gets it: whole, or without a group's figures.

    Args:
        document: one that shows figures of a group around its team, if not whole.
        access: what the reader gets of it, which is not nothing.
        hidden: what explains a document without the figures.
    """
    if access is Access.WHOLE:
        return document
    members = {
        name: value if name in KEPT_WITHOUT_GROUP else None
        for name, value in json.loads(document).items()
    }
    members["explanation"] = [hidden()]
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def read_source_id(document: bytes) -> UUID | None:
    """The group whose figures a stored document shows, if not the team's own."""
    source = json.loads(document).get("source_team")
    return UUID(source["id"]) if source else None


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
