"""Renewal of the epoch after a restore, with time for phones to send again."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind, WaveState
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Subject
from rapport_service.agency.models import Organization
from rapport_service.core.installation import Installation
from rapport_service.registry.models import Wave

log = logging.getLogger(__name__)

UNSEALED_STATES = (WaveState.ANNOUNCED, WaveState.OPEN, WaveState.CLOSED)
"""States of waves whose answers may have been lost, and are still to be counted."""


@dataclass(frozen=True)
class EpochRenewal:
    """The epochs before and after a renewal, and the waves that seal later for it."""

    before: UUID
    after: UUID
    postponed: tuple[Wave, ...]


def renew_epoch(session: Session, actor: Actor, now: datetime) -> EpochRenewal:
    """Gives the database a new epoch, from which phones learn that it was restored.

    No wave that may have lost answers seals before every phone has had
    ``keep_seconds`` to offer them again; its later dates move along. Audited in every
    organization.
    """
    postponed = tuple(
        wave
        for wave in session.scalars(
            select(Wave)
            .where(Wave.state.in_(UNSEALED_STATES))
            .order_by(Wave.organization_id, Wave.wave_id)
            .with_for_update()
        )
        if _postpone(wave, now)
    )
    # After the waves, in the order in which a cancellation locks: no deadlock.
    installation = session.scalars(select(Installation).with_for_update()).one()
    before, installation.epoch = installation.epoch, uuid4()
    for organization_id in session.scalars(select(Organization.organization_id)):
        audit.append_entry(
            *(session, organization_id, now, actor, AuditAction.EPOCH_RENEWED),
            Subject(SubjectKind.INSTALLATION, str(installation.epoch)),
        )
    log.info(
        "epoch renewed",
        extra={"before": str(before), "after": str(installation.epoch)},
    )
    return EpochRenewal(before, installation.epoch, postponed)


def _postpone(wave: Wave, now: datetime) -> bool:
    """Postpones a seal that comes too soon, and all dates after it; whether it did."""
    delay = now + timedelta(seconds=wave.keep_seconds) - wave.seals_at
    if delay <= timedelta(0):
        return False
    wave.seals_at += delay
    wave.retires_at += delay
    return True
