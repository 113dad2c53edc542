"""The trend: a team's own scores wave by wave, without any new figures."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, true
from sqlalchemy.orm import Session

from rapport_service.charter.document import team_reference
from rapport_service.core.paging import (
    WHOLE_LIST,
    PageRequest,
    cut_page,
    key_of,
    select_page,
)
from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.encoding.cursor import SortKey
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative.comparison import explain_trend
from rapport_service.registry.models import Score, Wave
from rapport_service.reports.documents import IS_NEWEST_RELEASE, own_figures
from rapport_service.reports.rights import Reader, ReadingRights
from rapport_service.reports.service import present_score

ORDER = (Wave.seals_at, Wave.wave_id)
"""The order of a trend, descending."""


def load_trend(
    session: Session, reader: Reader, team_id: UUID, wanted: PageRequest = WHOLE_LIST
) -> tuple[dict[str, Any], SortKey | None]:
    """The waves that released something of a team, newest first.

    Of a team that is no longer the reader's, those of the time when it was. One row a
    wave, however many people answered. Heading and explanation are about the whole
    trend, whichever page is wanted.

    Returns:
        The document, and the sort key of its last wave where more follow.

    Raises:
        TeamNotReadableError: not a team of this reader.
    """
    rights = ReadingRights(session, reader)
    team = rights.get_team(team_id)
    page = cut_page(
        session.execute(_select_waves(rights, team_id, wanted)).all(),
        wanted,
        lambda row: key_of(row, ORDER),
    )
    points = [_trend_point(rights, team_id, row) for row in page.rows]
    newest = points[:1]
    if wanted.after is not None:
        first = session.execute(
            _select_waves(rights, team_id, PageRequest(limit=1))
        ).first()
        newest = [_trend_point(rights, team_id, first)] if first else []
    figures = newest[0]["constructs"] if newest else None
    heading = {name: figures and figures[name]["trend"] for name in CONSTRUCTS}
    waves, released = _count_waves(session, rights, team_id)
    document = {
        "team": team_reference(team),
        "waves": points,
        "heading": heading,
        "explanation": explain_trend(waves, released, heading),
    }
    return document, page.last_key


def _select_waves(
    rights: ReadingRights, team_id: UUID, wanted: PageRequest
) -> Select[*tuple[Any, ...]]:
    statement = (
        select(*ORDER, Wave.opens_at, Wave.closes_at, Score.document)
        .join(
            Score,
            (Score.organization_id == Wave.organization_id)
            & (Score.wave_id == Wave.wave_id),
        )
        .where(*_readable_releases(rights, team_id))
    )
    return select_page(statement, ORDER, wanted, descending=True)


def _readable_releases(
    rights: ReadingRights, team_id: UUID
) -> tuple[ColumnElement[bool], ...]:
    """The newest document of a team in each wave that the reader may read."""
    waves = rights.waves_of(team_id)
    return (
        Score.organization_id == rights.organization_id,
        Score.team_id == team_id,
        true() if waves is None else Score.wave_id.in_(waves),
        IS_NEWEST_RELEASE,
    )


def _trend_point(rights: ReadingRights, team_id: UUID, row: Row[Any]) -> dict[str, Any]:
    return {
        "wave_id": f"{rights.organization_id}.{row.wave_id}",
        "opens_at": format_utc(row.opens_at),
        "closes_at": format_utc(row.closes_at),
        **own_figures(present_score(rights, row.document, team_id, row.wave_id)),
    }


def _count_waves(
    session: Session, rights: ReadingRights, team_id: UUID
) -> tuple[int, int]:
    """How many waves a trend has, and how many of them released the team's own scores.

    No document is read for it.
    """
    waves, released = session.execute(
        select(func.count(), func.count().filter(Score.status == "released")).where(
            *_readable_releases(rights, team_id)
        )
    ).one()
    return waves, released
