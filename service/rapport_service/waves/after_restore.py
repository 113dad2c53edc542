"""After a restore: a new epoch, and time for phones to offer again what they kept."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency import audit
from rapport_service.agency.models import Organization
from rapport_service.core.installation import Installation
from rapport_service.registry.models import Wave, WaveState

log = logging.getLogger(__name__)

UNSEALED_STATES = (WaveState.ANNOUNCED, WaveState.OPEN, WaveState.CLOSED)
"""Waves whose answers may have been lost, and are still to be counted."""


@dataclass(frozen=True)
class EpochRenewal:
    """The epoch before and after, and the waves that seal later because of it."""

    before: UUID
    after: UUID
    postponed: tuple[Wave, ...]


def renew_epoch(session: Session, actor: str, now: datetime) -> EpochRenewal:
    """Gives the database a new epoch, by which phones see that it was restored.

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
    # After the waves, as whoever cancels one does: no deadlock.
    installation = session.scalars(select(Installation).with_for_update()).one()
    before, installation.epoch = installation.epoch, uuid4()
    for organization_id in session.scalars(select(Organization.organization_id)):
        epoch = str(installation.epoch)
        audit.append_entry(
            session, organization_id, now, actor, "renewed the epoch", epoch
        )
    log.info(
        "epoch renewed",
        extra={"before": str(before), "after": str(installation.epoch)},
    )
    return EpochRenewal(before, installation.epoch, postponed)


def _postpone(wave: Wave, now: datetime) -> bool:
    """Moves a seal that comes too soon, and all that follows it; whether it did."""
    by = now + timedelta(seconds=wave.keep_seconds) - wave.seals_at
    if by <= timedelta(0):
        return False
    wave.seals_at += by
    wave.late_at_1 += by
    wave.late_at_2 += by
    wave.retires_at += by
    return True
