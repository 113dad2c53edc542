"""Enrolled devices: lookup by token, confirmation by first use, revocation."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, Purpose, Scope, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Subject
from rapport_service.agency.models import Person, ServiceClient
from rapport_service.agency.service import get_recorded_person
from rapport_service.core.bulk import split_rows
from rapport_service.core.installation import get_tick_times
from rapport_service.encoding.timestamps import end_of_iso_week, format_iso_week
from rapport_service.pollbook.models import Device, EnrolmentCode
from rapport_service.pollbook.tokens import Bearer

MAX_IDLE = {
    Purpose.ANSWERING: timedelta(days=400),
    Purpose.READING: timedelta(days=30),
}
"""How long a device may stay unused, from the end of the week of its last use."""


def current_week(session: Session, now: datetime) -> str:
    """The ISO week now, by the clock that the ticks have confirmed.

    A clock that leaps ahead must not end every phone of the agency.
    """
    ticked_at = get_tick_times(session).ticked_at
    return format_iso_week(now if ticked_at is None else min(now, ticked_at))


def is_idle(device: Device, week: str) -> bool:
    """Whether a device has been unused for so long that it must enrol again. Pure."""
    unused = end_of_iso_week(week) - end_of_iso_week(device.used_week)
    return unused > MAX_IDLE[device.purpose]


def find_device(session: Session, bearer: Bearer) -> Device | None:
    """The device that a token was given to."""
    if bearer.device is None:
        return None
    return session.get(Device, (bearer.organization_id, bearer.device))


def confirm_device(session: Session, bearer: Bearer) -> None:
    """Records that a token has been used: the reply to the enrolment has arrived."""
    session.execute(
        update(Device)
        .where(
            Device.organization_id == bearer.organization_id,
            Device.device_id == bearer.device,
        )
        .values(confirmed=True)
    )


def keep_rights(session: Session, bearer: Bearer) -> Bearer:
    """The bearer without what was taken from the person since the token was given."""
    held = bearer.scopes & {Scope.ADMIN, Scope.AUDIT}
    if not held:
        return bearer
    person = session.get_one(Person, (bearer.organization_id, bearer.subject))
    lost = {
        scope
        for scope, holds in (
            (Scope.ADMIN, person.admin),
            (Scope.AUDIT, person.auditor),
        )
        if not holds
    }
    return replace(bearer, scopes=bearer.scopes - lost)


def is_live_client(session: Session, bearer: Bearer) -> bool:
    """Whether a token's subject is a service client that was not revoked."""
    client = session.get(ServiceClient, (bearer.organization_id, bearer.subject))
    return client is not None and not client.revoked


def revoke_devices(
    session: Session,
    organization_id: str,
    external_id: str,
    now: datetime,
    actor: Actor,
) -> None:
    """Revokes every device of a person, and ends their unused codes. Audited.

    The caller does not learn whether there were any, and there is no list of devices: a
    person without one cannot have answered, which must stay unknown. Ballots that the
    devices drew stay valid, since a ballot carries no device; a new code lets the
    person in again.

    Raises:
        UnknownPersonError: the organization never had such a person.
    """
    person = get_recorded_person(session, organization_id, external_id)
    end_access(session, organization_id, [person.person_id], now)
    audit.append_entry(
        *(session, organization_id, now, actor, AuditAction.DEVICES_REVOKED),
        Subject(SubjectKind.PERSON, person.external_id),
    )


def end_access_of_leavers(
    session: Session, organization_id: str, external_ids: Iterable[str], now: datetime
) -> None:
    """Revokes the devices and ends the codes of people who have left the roster."""
    for left in split_rows(external_ids):
        people = session.scalars(
            select(Person.person_id).where(
                Person.organization_id == organization_id,
                Person.external_id.in_(left),
            )
        )
        end_access(session, organization_id, people.all(), now)


def end_access(
    session: Session, organization_id: str, people: Collection[UUID], now: datetime
) -> None:
    """Revokes every device of some people, and ends their unused codes."""
    # Codes first: one being used now has made its device once its lock is released.
    # They stay as expired ones, or a late repetition would make them anew.
    session.execute(
        update(EnrolmentCode)
        .where(
            EnrolmentCode.organization_id == organization_id,
            EnrolmentCode.person_id.in_(people),
            EnrolmentCode.device_id.is_(None),
            EnrolmentCode.expires_at > now,
        )
        .values(expires_at=now)
    )
    session.execute(
        update(Device)
        .where(
            Device.organization_id == organization_id,
            Device.person_id.in_(people),
        )
        .values(revoked=True)
    )
