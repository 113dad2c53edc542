"""Audit log: what administrators did, on record."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import ActorKind
from rapport_service.agency.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """The one who did something.

    Attributes:
        kind: what it is.
        id: a person's external id; None of anything that has none.
    """

    kind: ActorKind
    id: str | None = None


COMMAND_LINE = Actor(ActorKind.COMMAND_LINE)
TICK = Actor(ActorKind.TICK)


def append_entry(
    session: Session,
    organization_id: str,
    at: datetime,
    actor: Actor,
    action: str,
    subject: str,
    entry_id: UUID | None = None,
) -> None:
    """Appends an entry: who did what to whom or what; under an id if one is given."""
    entry = AuditEntry(
        organization_id=organization_id,
        entry_id=entry_id or uuid4(),
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        action=action,
        subject=subject,
    )
    session.add(entry)


def load_actors(
    session: Session, organization_id: str, entry_ids: Collection[UUID]
) -> dict[UUID, Actor]:
    """The actors of entries, by the entry's id."""
    rows = session.execute(
        select(AuditEntry.entry_id, AuditEntry.actor_kind, AuditEntry.actor_id).where(
            AuditEntry.organization_id == organization_id,
            AuditEntry.entry_id.in_(entry_ids),
        )
    )
    return {entry_id: Actor(ActorKind(kind), id_) for entry_id, kind, id_ in rows}
