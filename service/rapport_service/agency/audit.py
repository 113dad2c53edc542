"""Audit log: every change by people and programs, in one shape. Append only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import (
    MAX_AUDIT_CHANGES,
    ActorKind,
    AuditAction,
    SubjectKind,
)
from rapport_service.agency.models import AuditEntry
from rapport_service.core.paging import (
    WHOLE_LIST,
    Page,
    PageRequest,
    cut_page,
    key_of,
    select_page,
)
from rapport_service.encoding.timestamps import format_utc

ORDER = (AuditEntry.at, AuditEntry.entry_id)
"""The order of the list of entries, which begins with the newest."""


@dataclass(frozen=True)
class Actor:
    """The one who did something.

    Attributes:
        kind: what it is.
        id: a person's external id, a client's id; None of anything that has none.
    """

    kind: ActorKind
    id: str | None = None


COMMAND_LINE = Actor(ActorKind.COMMAND_LINE)
TICK = Actor(ActorKind.TICK)


@dataclass(frozen=True)
class Subject:
    """A thing that was changed, by the id that the wire has for it."""

    kind: SubjectKind
    id: str


@dataclass(frozen=True)
class Change:
    """A change of one thing.

    Attributes:
        subject: the thing.
        before: as it was, as JSON; None if it is new.
        after: as it is, as JSON; None if it has gone.
    """

    subject: Subject
    before: object
    after: object


@dataclass(frozen=True)
class EntryFilter:
    """The entries that are wanted; None is no condition.

    Attributes:
        since: the instant that they begin with.
        until: the instant before which they end.
    """

    action: AuditAction | None = None
    actor_id: str | None = None
    subject_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_ENTRIES = EntryFilter()


def append_entry(
    session: Session,
    organization_id: str,
    at: datetime,
    actor: Actor,
    action: AuditAction,
    subject: Subject,
    changes: Collection[Change] = (),
    entry_id: UUID | None = None,
) -> None:
    """Appends an entry.

    Args:
        at: when it was done.
        actor: who did it.
        action: what was done.
        subject: to whom or what.
        changes: what it changed; the first ones are listed, and all are counted. No
            name of a person, no answer and no secret may be in one.
        entry_id: of the entry; a new one if None.
    """
    entry = AuditEntry(
        organization_id=organization_id,
        entry_id=entry_id or uuid4(),
        at=at,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
        action=action.value,
        subject_kind=subject.kind.value,
        subject_id=subject.id,
        changes=[
            {
                **asdict(change.subject),
                "before": change.before,
                "after": change.after,
            }
            for change in islice(changes, MAX_AUDIT_CHANGES)
        ],
        change_count=len(changes),
    )
    session.add(entry)


def list_entries(
    session: Session,
    organization_id: str,
    wanted: PageRequest = WHOLE_LIST,
    entry_filter: EntryFilter = ALL_ENTRIES,
) -> Page[AuditEntry]:
    """Entries of the organization, the newest first."""
    conditions = [
        AuditEntry.organization_id == organization_id,
        *(
            getattr(AuditEntry, column) == value
            for column, value in (
                ("action", entry_filter.action),
                ("actor_id", entry_filter.actor_id),
                ("subject_id", entry_filter.subject_id),
            )
            if value is not None
        ),
    ]
    if entry_filter.since is not None:
        conditions.append(AuditEntry.at >= entry_filter.since)
    if entry_filter.until is not None:
        conditions.append(AuditEntry.at < entry_filter.until)
    entries: Sequence[AuditEntry] = session.scalars(
        select_page(
            select(AuditEntry).where(*conditions), ORDER, wanted, descending=True
        )
    ).all()
    return cut_page(entries, wanted, lambda entry: key_of(entry, ORDER))


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


def created(subject: Subject, after: Mapping[str, Any]) -> list[Change]:
    """The change by which something came into being."""
    return [Change(subject, None, after)]


def entry_document(entry: AuditEntry) -> dict[str, object]:
    """An entry as ``AuditEntrySchema`` writes it."""
    return {
        "id": str(entry.entry_id),
        "at": format_utc(entry.at),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id},
        "action": entry.action,
        "subject": {"kind": entry.subject_kind, "id": entry.subject_id},
        "changes": entry.changes,
        "change_count": entry.change_count,
    }
