"""Seal of a wave: publishes its release and separates answers from ballots."""

from datetime import datetime

from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import lock_wave


def begin_seal(session: Session, wave: Wave, now: datetime) -> None:
    """Starts the seal: answers that arrive from here on are too late.

    Submissions hold the wave's row in share mode and this takes it exclusively, so each
    is either before or after it.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.CLOSED and now >= wave.seals_at:
        wave.state = WaveState.SEALING


def seal(session: Session, wave: Wave) -> None:
    """Seals a wave in one transaction; does nothing if another job has sealed it."""
    raise NotImplementedError
