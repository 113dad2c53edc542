"""Use cases of administrators and auditors: they are added and removed, on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, Purpose, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.administrators import (
    ADDED,
    REMOVED,
    Right,
    grant_right,
    withdraw_right,
)
from rapport_service.agency.audit import Actor, Subject
from rapport_service.agency.models import Person
from rapport_service.agency.service import is_known
from rapport_service.core.data_keys import Keyring
from rapport_service.pollbook.devices import end_access
from rapport_service.pollbook.enrolment import mint_code


def add_holder(
    session: Session,
    keyring: Keyring,
    organization_id: str,
    external_id: str,
    right: Right,
    now: datetime,
    actor: Actor,
) -> tuple[Person, str]:
    """Makes a person an administrator or an auditor. Audited.

    Returns:
        The person, and a code with which they enrol a device for reading.

    Raises:
        DocumentInvalidError: nobody can have this id.
    """
    person = grant_right(session, organization_id, external_id, right)
    audit_right(
        *(session, organization_id, person.external_id, ADDED[right], now, actor)
    )
    return person, mint_code(session, keyring, person, Purpose.READING, now, actor)


def remove_holder(
    session: Session,
    organization_id: str,
    external_id: str,
    right: Right,
    now: datetime,
    actor: Actor,
) -> None:
    """Takes the right away, at once. Audited.

    Their devices read what else the person may read. A person who is not in the roster
    and has no other right may read nothing, so those devices and unused codes end.

    Raises:
        UnknownPersonError: no person has this id.
        RightNotHeldError: the person does not have it.
        LastAdministratorError: nobody else is an administrator.
    """
    person = withdraw_right(session, organization_id, external_id, right)
    if not is_known(person):
        end_access(session, organization_id, [person.person_id], now)
    audit_right(
        *(session, organization_id, person.external_id, REMOVED[right], now, actor)
    )


def audit_right(
    session: Session,
    organization_id: str,
    external_id: str,
    action: AuditAction,
    now: datetime,
    actor: Actor,
) -> None:
    """Appends that a person was given a right, or has lost it."""
    audit.append_entry(
        *(session, organization_id, now, actor, action),
        Subject(SubjectKind.PERSON, external_id),
    )
