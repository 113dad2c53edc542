"""Enrolled devices: lookup by token, confirmation by first use, revocation."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from rapport_service.agency import audit
from rapport_service.agency.audit import Actor
from rapport_service.agency.models import ServiceClient
from rapport_service.agency.service import get_recorded_person
from rapport_service.pollbook.models import Device, EnrolmentCode
from rapport_service.pollbook.tokens import Bearer


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
    # Codes first: one being used now has made its device once its lock is released.
    # They stay as expired ones, or a late repetition would make them anew.
    session.execute(
        update(EnrolmentCode)
        .where(
            EnrolmentCode.organization_id == organization_id,
            EnrolmentCode.person_id == person.person_id,
            EnrolmentCode.device_id.is_(None),
            EnrolmentCode.expires_at > now,
        )
        .values(expires_at=now)
    )
    session.execute(
        update(Device)
        .where(
            Device.organization_id == organization_id,
            Device.person_id == person.person_id,
        )
        .values(revoked=True)
    )
    audit.append_entry(
        session, organization_id, now, actor, "revoked the devices of", external_id
    )
