"""Use cases of markers: declare, retract, list."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import MarkerKind, Role
from rapport_service.agency import audit
from rapport_service.agency.errors import UnknownTeamError
from rapport_service.agency.service import list_teams
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Marker


class UnknownMarkerError(Exception):
    """The organization has no such marker."""


def declare_marker(
    session: Session,
    organization_id: str,
    kind: MarkerKind,
    team_id: UUID | None,
    effective_on: date,
    label: str,
    now: datetime,
    actor: str,
    *,
    confirmed: bool,
) -> Marker:
    """Puts a date on record. Audited.

    Args:
        team_id: whose subtree it concerns; None for the whole organization.
        confirmed: False while the date is provisional.

    Raises:
        UnknownTeamError: the roster lists no such team.
    """
    known = {team.team_id for team in list_teams(session, organization_id)}
    if team_id is not None and team_id not in known:
        raise UnknownTeamError("/team_id")
    marker = Marker(
        organization_id=organization_id,
        marker_id=uuid4(),
        team_id=team_id,
        kind=kind.value,
        effective_on=effective_on,
        confirmed=confirmed,
        label=label,
        declared_at=now,
        declared_by=Role.ADMIN.value,
        retracted_at=None,
    )
    session.add(marker)
    audit.append_entry(
        session, organization_id, now, actor, "declared a marker", str(marker.marker_id)
    )
    return marker


def retract_marker(
    session: Session, organization_id: str, marker_id: UUID, now: datetime, actor: str
) -> Marker:
    """Takes a marker back; that it was there stays on record. Audited.

    Raises:
        UnknownMarkerError: the organization has no such marker.
    """
    marker = session.get(
        Marker, (organization_id, marker_id), with_for_update={"key_share": True}
    )
    if marker is None:
        raise UnknownMarkerError(marker_id)
    if marker.retracted_at is None:
        marker.retracted_at = now
        audit.append_entry(
            session, organization_id, now, actor, "retracted a marker", str(marker_id)
        )
    return marker


def list_markers(session: Session, organization_id: str) -> list[Marker]:
    """Every marker of the organization, retracted ones too, by date."""
    return list(
        session.scalars(
            select(Marker)
            .where(Marker.organization_id == organization_id)
            .order_by(Marker.effective_on, Marker.declared_at, Marker.marker_id)
        )
    )


def marker_document(marker: Marker) -> dict[str, object]:
    """A marker as ``MarkerSchema`` writes it."""
    retracted = marker.retracted_at
    return {
        "id": marker.marker_id,
        "kind": marker.kind,
        "team_id": marker.team_id and str(marker.team_id),
        "effective_on": marker.effective_on.isoformat(),
        "confirmed": marker.confirmed,
        "label": marker.label,
        "declared_at": format_utc(marker.declared_at),
        "declared_by": marker.declared_by,
        "retracted_at": retracted and format_utc(retracted),
    }
