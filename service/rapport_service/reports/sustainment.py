"""What became of a team around a marker, as it was found out; nothing is computed."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Team
from rapport_service.agency.service import below, listed_teams
from rapport_service.record.markers import UnknownMarkerError, list_markers
from rapport_service.record.models import Finding, Marker
from rapport_service.reports.service import (
    Reader,
    Released,
    readable_team,
)


@dataclass(frozen=True)
class NotYet:
    """A marker that the worker has not come to, or for which no wave is sealed."""

    team: Team
    marker_id: UUID


def sustainment(
    session: Session, reader: Reader, team_id: UUID, marker_id: UUID | None
) -> Released | NotYet:
    """What a team is told of a marker, the same for every role.

    What rests on a marker that was retracted is not shown, even before it is found out
    anew.

    Args:
        marker_id: one that concerns the team, or that ends what such a one began; by
            default the newest one that was analysed, or else the newest.

    Raises:
        TeamNotReadableError: not a team of this reader.
        UnknownMarkerError: no such marker concerns the team, or it was retracted.
    """
    team = readable_team(session, reader, team_id)
    standing = {
        marker.marker_id: marker
        for marker in list_markers(session, reader.organization_id)
        if marker.retracted_at is None
    }
    findings = _newest(session, reader.organization_id, team_id, standing)
    if marker_id is None:
        found = max(
            findings,
            key=lambda one: (one.analysed, *_age(standing[one.marker_id])),
            default=None,
        )
    else:
        found = next(
            (one for one in findings if marker_id in {one.ended_by, one.marker_id}),
            None,
        )
    if found is not None:
        return Released(found.document, found.digest)
    concerning = _concerning(session, reader, team_id, standing.values())
    if marker_id is None and concerning:
        marker_id = max(concerning, key=_age).marker_id
    if marker_id not in {marker.marker_id for marker in concerning}:
        raise UnknownMarkerError(marker_id)
    return NotYet(team, standing[marker_id].marker_id)


def _newest(
    session: Session, organization_id: str, team_id: UUID, standing: Collection[UUID]
) -> list[Finding]:
    """The newest version of each of a team's findings whose markers all stand."""
    newest = (
        select(Finding.marker_id, func.max(Finding.version).label("version"))
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        .group_by(Finding.marker_id)
        .subquery()
    )
    found = session.scalars(
        select(Finding)
        .join(
            newest,
            (newest.c.marker_id == Finding.marker_id)
            & (newest.c.version == Finding.version),
        )
        .where(Finding.organization_id == organization_id, Finding.team_id == team_id)
        # Where a marker came to end an episode, that is what it is asked about.
        .order_by(Finding.ended_by.is_(None), Finding.marker_id)
    )
    return [
        one
        for one in found
        if one.marker_id in standing
        and (one.ended_by is None or one.ended_by in standing)
    ]


def _concerning(
    session: Session, reader: Reader, team_id: UUID, markers: Collection[Marker]
) -> list[Marker]:
    teams = listed_teams(session, reader.organization_id)
    return [
        marker
        for marker in markers
        if marker.team_id is None or team_id in below(teams, [marker.team_id])
    ]


def _age(marker: Marker) -> tuple[object, ...]:
    return marker.effective_on, marker.declared_at, marker.marker_id
