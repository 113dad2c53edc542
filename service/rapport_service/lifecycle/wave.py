"""State machine of one wave, from planned to closed: the next step, if one is due."""

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from rapport_schemas.enums import WaveState
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.charter.voting_groups import TooFewPeopleError
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import Dependencies
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.progress import Progress
from rapport_service.lifecycle.vacuum import PRIVATE_KEY_TABLES, vacuum_or_defer
from rapport_service.pollbook import announcement, private_keys
from rapport_service.pollbook.service import close_wave
from rapport_service.registry.due_steps import waits_for_clock
from rapport_service.registry.models import Wave
from rapport_service.waves import transitions

log = logging.getLogger(__name__)

LIVE_STATES = (
    WaveState.PLANNED,
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
)

STEPS: Mapping[WaveState, tuple[str, str | None]] = {
    WaveState.ANNOUNCED: ("wave announced", "opens_at"),
    WaveState.OPEN: ("wave opened", "closes_at"),
    WaveState.CLOSED: ("wave closed", "seals_at"),
    WaveState.CANCELLED: ("wave cancelled", None),
}
"""The event in the log for each state that a wave goes to, and its next date."""


def list_live_waves(organization_id: str) -> list[UUID]:
    """The ids of an organization's waves that have not ended, the earliest first."""
    with read_transaction(Door.SEAL) as session:
        return list(
            session.scalars(
                select(Wave.wave_id)
                .where(
                    Wave.organization_id == organization_id, Wave.state.in_(LIVE_STATES)
                )
                .order_by(Wave.announces_at, Wave.wave_id)
            )
        )


def advance_wave(
    deps: Dependencies,
    organization_id: str,
    wave_id: UUID,
    times: TickTimes,
    now: datetime,
    progress: Progress,
) -> bool:
    """Takes a wave one step further, if one is due; whether another may be due.

    Each step is one line of the log.
    """
    with read_transaction(Door.SEAL) as session:
        wave = session.get_one(Wave, (organization_id, wave_id))
    if waits_for_clock(wave, times, now) or not _take_step(deps, wave, now, progress):
        return False
    with read_transaction(Door.SEAL) as session:
        moved = session.get_one(Wave, (organization_id, wave_id))
    if moved.state != wave.state:
        _log_step(moved)
    return True


def _log_step(wave: Wave) -> None:
    """Logs the step that a wave has taken, and when the next one is due."""
    event, next_step = STEPS[wave.state]
    extra = {"wave_id": wave.public_id}
    if next_step is not None:
        extra[next_step] = format_utc(getattr(wave, next_step))
    if wave.cancel_reason is not None:
        extra["reason"] = wave.cancel_reason
    log.info(event, extra=extra)


def _take_step(
    deps: Dependencies, wave: Wave, now: datetime, progress: Progress
) -> bool:
    match wave.state:
        case WaveState.PLANNED if now >= wave.closes_at:
            with transaction(Door.POLL_BOOK) as session:
                announcement.abandon(session, wave, now)
        case WaveState.PLANNED:
            return _prepare(deps, wave, now, progress)
        case WaveState.ANNOUNCED if now >= wave.opens_at:
            with transaction(Door.SEAL) as session:
                transitions.open_wave(session, wave, now)
        case WaveState.OPEN if now >= wave.closes_at:
            with transaction(Door.POLL_BOOK) as session:
                close_wave(session, wave)
            vacuum_or_defer(deps.clock, PRIVATE_KEY_TABLES)
        case _:  # the sealing job alone takes it from closed to sealed
            return False
    return True


def _prepare(deps: Dependencies, wave: Wave, now: datetime, progress: Progress) -> bool:
    """Makes a planned wave's keys, each in its own transaction, then announces it."""
    try:
        with read_transaction(Door.POLL_BOOK) as session:
            missing = announcement.count_missing_keys(session, wave)
        for _ in progress(range(missing), "Making ballot keys"):
            key = deps.make_key()  # takes long, so outside of any transaction
            keyring = deps.keyring
            with transaction(Door.POLL_BOOK) as session:
                private_keys.store_key(session, keyring, key, wave)
        if now < wave.announces_at:
            return False
        if wave.sealing_key is None or wave.sealing_delay is not None:
            return False  # the sealing job makes it, or makes another one
        keyring = deps.keyring
        with transaction(Door.POLL_BOOK) as session:
            announcement.announce(session, keyring, wave)
    except TooFewPeopleError as error:
        log.warning(
            "too few people to announce a wave",
            extra={
                "wave_id": wave.public_id,
                "people": error.people,
                "needed": error.needed,
            },
        )
        return False
    return True  # announced; or the roster grew just now, and keys are missing again
