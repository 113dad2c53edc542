"""One tick: everything of each organization that is due because time has passed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from traceback import format_tb

from sqlalchemy import select

from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.agency.models import Organization
from rapport_service.charter.clock_leap import CONFIRMATION_TIME, TickTimes
from rapport_service.core.database_errors import DATABASE_ERRORS, diagnose
from rapport_service.core.db import (
    Door,
    db,
    is_lock_conflict,
    read_transaction,
    transaction,
)
from rapport_service.core.dependencies import Dependencies
from rapport_service.core.installation import request_vacuum, store_tick
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.progress import Progress, no_progress
from rapport_service.lifecycle.vacuum import vacuum_if_due
from rapport_service.lifecycle.wave import advance_wave, list_live_waves
from rapport_service.pollbook.service import forget_electorate, purge_ended
from rapport_service.registry.due_steps import waits_for_clock
from rapport_service.registry.models import Wave
from rapport_service.releases.sealing_keys import SealingFolderGoneError
from rapport_service.sustainment.service import pending_findings, record_findings
from rapport_service.waves import planning, transitions

log = logging.getLogger(__name__)


@contextmanager
def logging_failures(**extra: str) -> Iterator[list[Exception]]:
    """Logs and swallows a failure, and gives it; the next tick tries again.

    A lock conflict, as with another tick at the same wave, is no failure.
    """
    failures: list[Exception] = []
    try:
        yield failures
    except Exception as error:  # noqa: BLE001 - whatever it was
        if is_lock_conflict(error):
            log.warning("tick met another one", extra=extra)
            return
        failures.append(error)
        if isinstance(error, SealingFolderGoneError):
            log.warning(
                "sealing folder went away", extra={**extra, "folder": str(error)}
            )
            return
        if isinstance(error, DATABASE_ERRORS):
            extra["reason"] = str(diagnose(error, db.engine.url))
        elif isinstance(error, TimeZoneGoneError):
            extra["reason"] = str(error)
        log.error(  # noqa: TRY400 - a message could quote data
            "tick failed",
            extra={
                **extra,
                "error": type(error).__name__,
                "notes": getattr(error, "__notes__", []),
                "trace": format_tb(error.__traceback__),
            },
        )


def advance_all(
    deps: Dependencies,
    progress: Progress = no_progress,
    *,
    confirm_clock: bool = False,
) -> bool:
    """One tick over every organization; one that fails does not stop the others.

    Args:
        deps: with the clock, which is read once for the whole tick.
        progress: shows long work.
        confirm_clock: an operator, or a caller that sets the clock, says it is right.

    Returns:
        Whether none failed.
    """
    now = deps.clock()
    with transaction(Door.SEAL) as session:
        times = store_tick(session, now, confirmed=confirm_clock)
        organizations = session.scalars(select(Organization.organization_id)).all()
    if times.leap_seen_at == now and times.ticked_at is not None:
        log.warning(
            "the clock leapt: what cannot be undone may wait until it is confirmed",
            extra={
                "last_tick": format_utc(times.ticked_at),
                "now": format_utc(now),
                "confirmed_at": format_utc(now + CONFIRMATION_TIME),
            },
        )
    failed = []
    for organization_id in organizations:
        with logging_failures(organization=organization_id) as failures:
            advance_organization(deps, organization_id, times, now, progress)
        failed += failures
    vacuum_if_due(deps.clock)
    return not failed


def advance_organization(
    deps: Dependencies,
    organization_id: str,
    times: TickTimes,
    now: datetime,
    progress: Progress = no_progress,
) -> None:
    """Plans the organization's next waves and moves each wave on.

    A wave that fails does not stop the others; a failure is raised at the end.

    Args:
        deps: with what makes ballot keys.
        organization_id: the organization.
        times: of the clock, as ticks have noted them, this one too.
        now: the clock of this tick.
        progress: shows long work.
    """
    failures: list[Exception] = []
    missed: list[Wave] = []
    try:
        with transaction(Door.SEAL) as session:
            missed = planning.plan_pulses(session, organization_id, times, now)
    except TimeZoneGoneError as error:  # waves that are planned go on
        failures.append(error)
    for wave in missed:
        log.warning(
            "wave missed",
            extra={
                "wave_id": wave.public_id,
                "opens_at": format_utc(wave.opens_at),
                "reason": wave.cancel_reason,
            },
        )
    for wave_id in list_live_waves(organization_id):
        try:
            while advance_wave(deps, organization_id, wave_id, times, now, progress):
                pass
        except Exception as error:  # noqa: BLE001 - whatever it was
            error.add_note(f"wave {wave_id}")
            failures.append(error)
    with read_transaction(Door.SEAL) as session:
        past_seal = transitions.list_past_seal(session, organization_id, now)
    with transaction(Door.POLL_BOOK) as session:
        has_purged = purge_ended(
            session,
            organization_id,
            [
                wave.wave_id
                for wave in past_seal
                if not waits_for_clock(wave, times, now)
            ],
        )
    if has_purged:
        with transaction(Door.SEAL) as session:
            request_vacuum(session)
    with read_transaction(Door.SEAL) as session:
        retirable = transitions.list_retirable(session, organization_id, now)
    for wave in retirable:
        if not waits_for_clock(wave, times, now):
            _retire(wave)
    update_findings(organization_id, progress)
    if failures:
        raise min(failures, key=is_lock_conflict)  # a true failure before a conflict


def _retire(wave: Wave) -> None:
    """Retires a wave, behind one door after the other; repeated if it ends between."""
    with transaction(Door.POLL_BOOK) as session:
        forget_electorate(session, wave)
    with transaction(Door.SEAL) as session:
        transitions.retire_wave(session, wave)


def update_findings(organization_id: str, progress: Progress = no_progress) -> None:
    """Assesses the markers of which there is news, one team a transaction."""
    with read_transaction(Door.SEAL) as session:
        pending = pending_findings(session, organization_id)
    if pending is None:
        return
    for team in progress([*pending.due], "Assessing the effects of markers"):
        with transaction(Door.SEAL) as session:
            record_findings(session, pending, team)
