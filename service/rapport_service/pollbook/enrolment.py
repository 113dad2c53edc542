"""Enrolment of a device: a code once, refresh tokens from then on."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import ActorKind, AuditAction, Purpose, Scope, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.agency.creation import create_once
from rapport_service.agency.errors import IdUsedError, UnknownPersonError
from rapport_service.agency.models import Person
from rapport_service.agency.service import (
    get_external_id,
    is_known,
    is_organization_id,
    load_supervisions,
    lock_organization,
)
from rapport_service.core.data_keys import Keyring
from rapport_service.pollbook import codes
from rapport_service.pollbook.devices import current_week, is_idle
from rapport_service.pollbook.errors import (
    CodeExpiredError,
    CodeUnknownError,
    CodeUsedError,
    GrantInvalidError,
    ReadingCodeRefusedError,
)
from rapport_service.pollbook.models import Device, EnrolmentCode
from rapport_service.pollbook.tokens import (
    Bearer,
    Tokens,
    is_successor,
    make_refresh_token,
    parse_refresh_token,
    sign_access_token,
)
from rapport_service.registry.readers import has_supervised

CODE_LIFETIME = timedelta(days=30)

CODE_REPLACEABLE = timedelta(minutes=10)
"""Time after its making in which a code can be made anew under its id.

That is enough for a lost reply. Later the answer is the same for used and unused codes:
a person without a device cannot have answered, so nobody shall learn who has one."""

CODE_CONTENT = ("person_id", "purpose")
"""Columns that the making of a code sets for good."""


def mint_code(
    session: Session,
    keyring: Keyring,
    person: Person,
    purpose: Purpose,
    now: datetime,
    actor: Actor,
    code_id: UUID | None = None,
) -> str:
    """Makes a one-time code for a person. Audited: its maker could use it.

    No roster is put meanwhile: it would not end a code that it cannot see yet.

    Args:
        code_id: of the client's choice. The same again, some minutes later at most,
            makes another code in place of the earlier one, which nobody keeps, unless
            that has been used.

    Raises:
        UnknownPersonError: the person has left since they were looked up.
        IdUsedError: the code with this id is too old to be replaced, has been used or
            ended, is another person's, or is for another purpose.
    """
    lock_organization(session, person.organization_id)
    session.refresh(person)
    if not is_known(person):
        raise UnknownPersonError(person.external_id)
    code = codes.new_code(person.organization_id)
    wanted = EnrolmentCode(
        organization_id=person.organization_id,
        code_id=code_id or uuid4(),
        code_hash=codes.keyed_hash(keyring.codes, code),
        person_id=person.person_id,
        purpose=purpose,
        expires_at=now + CODE_LIFETIME,
        device_id=None,
    )
    row = create_once(session, wanted, CODE_CONTENT)
    if row is not wanted:
        session.refresh(row, with_for_update=True)  # a device may be using it
        made_at = row.expires_at - CODE_LIFETIME
        if row.device_id is not None or now - made_at > CODE_REPLACEABLE:
            raise IdUsedError
        row.code_hash, row.expires_at = wanted.code_hash, wanted.expires_at
    subject = Subject(SubjectKind.PERSON, person.external_id)
    audit.append_entry(
        *(session, person.organization_id, now, actor, AuditAction.CODE_CREATED),
        subject,
        [Change(subject, None, {"purpose": purpose.value})],
    )
    return code


def mint_code_as_administrator(
    session: Session,
    keyring: Keyring,
    person: Person,
    purpose: Purpose,
    now: datetime,
    actor: Actor,
    code_id: UUID,
) -> str:
    """Makes a code for a person, but none to act as another administrator or auditor.

    Args:
        actor: the administrator.

    Raises:
        ReadingCodeRefusedError: it would be such a code.
        UnknownPersonError: the person has left since they were looked up.
        IdUsedError: see ``mint_code``.
    """
    code = mint_code(session, keyring, person, purpose, now, actor, code_id)
    is_own = actor == Actor(ActorKind.PERSON, person.external_id)
    if purpose == Purpose.READING and (person.admin or person.auditor) and not is_own:
        raise ReadingCodeRefusedError  # and the code is not kept
    return code


def enrol(
    session: Session, keyring: Keyring, code: str, device: bytes, now: datetime
) -> Tokens:
    """Exchanges a code for tokens; safe to repeat until the reply has arrived.

    An answering device supersedes the person's earlier one. Ballots that the earlier
    device drew stay valid: they carry no device.

    Args:
        device: 32 random bytes that the device kept before it asked, so that the same
            device may ask again.

    Raises:
        CodeUnknownError: no such code, or of a person who has left.
        CodeExpiredError: older than 30 days.
        CodeUsedError: used by another device, or by this one, which then used a token.
    """
    row = _get_code(session, keyring, code)
    device_hash = hashlib.sha256(device).digest()
    if row.device_id is not None:
        known = session.get_one(Device, (row.organization_id, row.device_id))
        if known.device_hash != device_hash or known.confirmed:
            raise CodeUsedError
        return _issue_tokens(session, keyring, known, now)
    if now >= row.expires_at:
        raise CodeExpiredError
    if not is_known(session.get_one(Person, (row.organization_id, row.person_id))):
        raise CodeUnknownError
    if row.purpose == Purpose.ANSWERING:
        _supersede(session, row.organization_id, row.person_id)
    enrolled = Device(
        organization_id=row.organization_id,
        device_id=uuid4(),
        person_id=row.person_id,
        purpose=row.purpose,
        device_hash=device_hash,
        generation=0,
        refresh_hash=None,
        used_week=current_week(session, now),
        confirmed=False,
        revoked=False,
    )
    session.add(enrolled)
    row.device_id = enrolled.device_id
    session.flush()
    if row.purpose == Purpose.READING:  # never of phones: it tells who takes part
        _audit_reader(session, enrolled, now)
    return _issue_tokens(session, keyring, enrolled, now)


def refresh(
    session: Session, keyring: Keyring, token: str, now: datetime
) -> Tokens | None:
    """Exchanges a refresh token for fresh tokens.

    The token in use may come again, because the reply may have been lost; each time it
    gets another random successor, and the first of them that is used takes its place.
    Any other successor that comes then, or an older token, is a stolen copy, or was
    stolen: the whole family is revoked, so a thief and the owner never both go on. A
    token of a later generation is genuine however much later it is: the database was
    restored since, and the phone goes on from there.

    Returns:
        The tokens; None where the family was revoked just now, which has to be
        committed before it is reported.

    Raises:
        GrantInvalidError: not from this service, or of a device that was revoked or
            has not been used for too long.
    """
    presented = parse_refresh_token(keyring, token)
    device = session.scalar(
        select(Device)
        .where(
            Device.organization_id == presented.organization_id,
            Device.device_id == presented.device,
        )
        .with_for_update()
    )
    week = current_week(session, now)
    if device is None or device.revoked or is_idle(device, week):
        raise GrantInvalidError
    token_hash = hashlib.sha256(token.encode()).digest()
    if not is_successor(
        (device.generation, device.refresh_hash), (presented.generation, token_hash)
    ):
        device.revoked = True
        return None
    device.generation, device.refresh_hash = presented.generation, token_hash
    device.used_week = week
    device.confirmed = True
    return _issue_tokens(session, keyring, device, now)


def _get_code(session: Session, keyring: Keyring, code: str) -> EnrolmentCode:
    normal = codes.normalize_code(code)
    if normal is None or not is_organization_id(normal[0]):
        raise CodeUnknownError
    organization_id, text = normal
    row = session.scalar(
        select(EnrolmentCode)
        .where(
            EnrolmentCode.organization_id == organization_id,
            EnrolmentCode.code_hash == codes.keyed_hash(keyring.codes, text),
        )
        .with_for_update()
    )
    if row is None:
        raise CodeUnknownError
    return row


def _supersede(session: Session, organization_id: str, person_id: UUID) -> None:
    """Revokes the person's earlier answering device; one enrols a person at a time."""
    session.get_one(
        Person, (organization_id, person_id), with_for_update={"key_share": True}
    )
    session.execute(
        update(Device)
        .where(
            Device.organization_id == organization_id,
            Device.person_id == person_id,
            Device.purpose == Purpose.ANSWERING,
        )
        .values(revoked=True)
    )


def _audit_reader(session: Session, device: Device, now: datetime) -> None:
    reader = get_external_id(session, device.organization_id, device.person_id)
    audit.append_entry(
        *(session, device.organization_id, now, Actor(ActorKind.PERSON, reader)),
        AuditAction.READER_ENROLLED,
        Subject(SubjectKind.PERSON, reader),
    )


def _issue_tokens(
    session: Session, keyring: Keyring, device: Device, now: datetime
) -> Tokens:
    scopes = _load_scopes(session, device)
    bearer = Bearer(device.organization_id, device.person_id, scopes, device.device_id)
    return Tokens(
        access=sign_access_token(keyring, bearer, now),
        scopes=scopes,
        refresh=make_refresh_token(
            keyring, device.organization_id, device.device_id, device.generation + 1
        ),
    )


def _load_scopes(session: Session, device: Device) -> frozenset[Scope]:
    """The scopes of a device: for answering or for reading, never both."""
    if device.purpose == Purpose.ANSWERING:
        return frozenset({Scope.MEMBER})
    person = session.get_one(Person, (device.organization_id, device.person_id))
    scopes = set()
    if person.admin:
        scopes.add(Scope.ADMIN)
    if person.auditor:
        scopes.add(Scope.AUDIT)
    organization_id, person_id = device.organization_id, device.person_id
    if person.listed and (
        load_supervisions(session, organization_id).get(person_id)
        or has_supervised(session, organization_id, person_id)
    ):
        scopes.add(Scope.SUPERVISOR)
    return frozenset(scopes)
