"""Rotation of the service's secret, and renewal of the keys that it protects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind, WaveState
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Subject
from rapport_service.agency.models import Organization
from rapport_service.core.data_keys import (
    Secrets,
    renew_data_keys,
    require_replaced_secret,
    rewrap_data_keys,
)
from rapport_service.core.installation import get_installation_id
from rapport_service.pollbook import private_keys
from rapport_service.pollbook.models import Device
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import list_drawable, lock_waves_with_keys

ENDED = {
    "access tokens": "ended: phones, readers and programs get new ones, if they can",
    "refresh tokens": "ended: every phone and every reader enrols again",
    "enrolment codes": "ended: make new ones with `rapport codes mint`",
    "list cursors": "ended: programs that read a list begin again",
    "client secrets": "go on: nobody finds one from what the database has",
    "drawn ballots": "go on: an answer that waits on a phone still counts",
    "ballot keys of planned waves": "destroyed: `rapport tick` makes new ones",
    "ballot keys of announced waves": "go on, encrypted with a new key",
}
"""Effects of a renewal of the keys, by what it concerns."""


@dataclass(frozen=True)
class KeyRenewal:
    """A renewal of the data keys.

    Attributes:
        waves_at_risk: waves whose ballots could be drawn: somebody with the keys and a
            copy of the database can have made ballots of their own.
    """

    waves_at_risk: Collection[Wave]


def rotate_secret(
    session: Session, secrets: Secrets, now: datetime, actor: Actor
) -> bool:
    """Wraps the data keys under the current secret. Audited in every organization.

    Nothing ends: the keys stay what they are.

    Returns:
        Whether they were wrapped under the secret before it; False if this was done.

    Raises:
        SecretMismatchError: they are wrapped under neither secret.
    """
    is_rotated = rewrap_data_keys(session, secrets)
    if is_rotated:
        _audit(session, AuditAction.SECRET_ROTATED, now, actor)
    return is_rotated


def renew_keys(
    session: Session, secrets: Secrets, now: datetime, actor: Actor
) -> KeyRenewal:
    """Renews the data keys, which leaked. Audited in every organization.

    Locks the data keys before the waves, as a private key is stored; no wave
    is announced or closed until the commit.

    Raises:
        SecretNotReplacedError: they are wrapped under the current secret: whoever has
            it would have the new keys.
        DataKeysMissingError: the database has none yet.
        SecretMismatchError: they are wrapped under neither secret.
    """
    require_replaced_secret(session, secrets)
    before, after = renew_data_keys(session, secrets)
    for wave in lock_waves_with_keys(session):
        if wave.state == WaveState.PLANNED:
            private_keys.destroy_keys(session, wave)
    private_keys.reencrypt_keys(session, before, after)
    session.execute(update(Device).values(revoked=True))
    _audit(session, AuditAction.DATA_KEYS_RENEWED, now, actor)
    return KeyRenewal(list_drawable(session))


def _audit(session: Session, action: AuditAction, now: datetime, actor: Actor) -> None:
    subject = Subject(SubjectKind.INSTALLATION, str(get_installation_id(session)))
    for organization_id in session.scalars(select(Organization.organization_id)):
        audit.append_entry(session, organization_id, now, actor, action, subject)
