"""Use cases of markers: declare, retract, list."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, MarkerKind, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.agency.creation import create_once
from rapport_service.agency.errors import UnknownTeamError
from rapport_service.agency.service import list_teams
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Marker

MARKER_CONTENT = ("team_id", "kind", "effective_on", "confirmed", "label")
"""Columns that a declaration sets for good."""


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
    actor: Actor,
    marker_id: UUID | None = None,
    *,
    confirmed: bool,
) -> Marker:
    """Puts a date on record. Audited.

    Args:
        marker_id: of the client's choice; the same again gives the marker as it is now.
        team_id: whose subtree it concerns; None for the whole organization.
        confirmed: False while the date is provisional.

    Raises:
        UnknownTeamError: the roster lists no such team.
        IdUsedError: the id names another marker.
    """
    wanted = Marker(
        organization_id=organization_id,
        marker_id=marker_id or uuid4(),
        team_id=team_id,
        kind=kind.value,
        effective_on=effective_on,
        confirmed=confirmed,
        label=label,
        declared_at=now,
        declaration_id=uuid4(),
        retracted_at=None,
    )

    def require_listed_team() -> None:
        known = {team.team_id for team in list_teams(session, organization_id)}
        if team_id is not None and team_id not in known:
            raise UnknownTeamError("/team_id")

    marker = create_once(session, wanted, MARKER_CONTENT, require_listed_team)
    if marker is wanted:
        subject = Subject(SubjectKind.MARKER, str(marker.marker_id))
        audit.append_entry(
            *(session, organization_id, now, actor),
            AuditAction.MARKER_DECLARED,
            subject,
            [Change(subject, None, _audited_marker(marker))],
            marker.declaration_id,
        )
    return marker


def retract_marker(
    session: Session, organization_id: str, marker_id: UUID, now: datetime, actor: Actor
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
            *(session, organization_id, now, actor, AuditAction.MARKER_RETRACTED),
            Subject(SubjectKind.MARKER, str(marker_id)),
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


def chronological_key(marker: Marker) -> tuple[date, datetime, UUID]:
    """The place of a marker in lists."""
    return marker.effective_on, marker.declared_at, marker.marker_id


def load_declarers(session: Session, markers: Sequence[Marker]) -> dict[UUID, Actor]:
    """The declarers of markers of one organization, by the audit's entry."""
    if not markers:
        return {}
    entry_ids = [marker.declaration_id for marker in markers]
    return audit.load_actors(session, markers[0].organization_id, entry_ids)


def marker_document(
    marker: Marker, declarers: Mapping[UUID, Actor]
) -> dict[str, object]:
    """A marker as ``MarkerSchema`` writes it.

    Args:
        declarers: by the audit's entry; empty for readers who may not read the audit.
    """
    declared_by = declarers.get(marker.declaration_id)
    retracted = marker.retracted_at
    return {
        "id": marker.marker_id,
        "kind": marker.kind,
        "team_id": marker.team_id and str(marker.team_id),
        "effective_on": marker.effective_on.isoformat(),
        "confirmed": marker.confirmed,
        "label": marker.label,
        "declared_at": format_utc(marker.declared_at),
        "declared_by": declared_by and asdict(declared_by),
        "retracted_at": retracted and format_utc(retracted),
    }


def _audited_marker(marker: Marker) -> dict[str, object]:
    """A marker as the audit lists it: without its label, which people wrote."""
    return {
        "kind": marker.kind,
        "team_id": marker.team_id and str(marker.team_id),
        "effective_on": marker.effective_on.isoformat(),
        "confirmed": marker.confirmed,
    }
