"""``rapport tick``: everything that happens because time has passed."""

import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from traceback import format_tb
from uuid import UUID

import click
from sqlalchemy import select

from rapport_service.agency.models import Organization
from rapport_service.charter.voting_groups import TooFewPeopleError
from rapport_service.cli.errors import is_lock_conflict, reporting_errors
from rapport_service.cli.output import progress
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import Dependencies, dependencies
from rapport_service.core.vacuum import VacuumBlockedError, vacuum
from rapport_service.pollbook import announcement
from rapport_service.registry.models import Wave, WaveState
from rapport_service.registry.queries import claim_vacuum, request_vacuum
from rapport_service.releases.seal import begin_seal, seal
from rapport_service.sustainment import service
from rapport_service.waves import planning, transitions

log = logging.getLogger(__name__)

LIVE_STATES = (
    WaveState.PLANNED,
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
)

ORDER_SENSITIVE_TABLES = (
    *("devices", "draws", "submissions", "conflicts"),
    *("ballot_keys", "waves"),
)
"""Tables whose rows must not tell in which order they came.

A submission locks its wave and its key in share mode; on PostgreSQL the row keeps the
number of the last transaction that did, which another door's rows may lie beside.
"""

PRIVATE_KEY_TABLES = ("private_keys",)
"""What was destroyed here must be gone from the disk as well."""

VACUUM_INTERVAL = timedelta(hours=1)

VACUUM_RETRY_INTERVAL = timedelta(minutes=2)
"""Whoever tries it holds others up for seconds, so not at every tick."""


@click.command()
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    help="Go on for ever, this many seconds apart.",
)
def tick(every: float | None) -> None:
    """Move every wave to where the time says it is. Safe to run twice at once.

    Makes keys, announces, opens, closes, seals, retires, finds out what markers did,
    tidies. What fails is logged and stops nothing else; exit status 1 if anything did.
    """
    house = dependencies()
    if every is not None:
        # The first process of a container ignores what it has no handler for.
        signal.signal(signal.SIGTERM, _exit_now)
    while every is not None:
        with _logging_failures():
            run(house)
        time.sleep(every)
    with reporting_errors():
        if not run(house):
            sys.exit(1)


def _exit_now(_number: int, _frame: object) -> None:
    """Ends at once: a transaction that is under way never happened.

    An exception would not do: SQLite asks what it may do in a callback, and sqlite3
    swallows whatever is raised in there.
    """
    os._exit(0)


@contextmanager
def _logging_failures(**where: str) -> Iterator[list[Exception]]:
    """Logs what fails, and gives it; the next tick tries again.

    That another tick is at the same wave, or seals one for a while, is no failure.
    """
    failures: list[Exception] = []
    try:
        yield failures
    except Exception as error:  # noqa: BLE001 - whatever it was
        if is_lock_conflict(error):
            log.warning("tick met another one", extra=where)
            return
        failures.append(error)
        log.error(  # noqa: TRY400 - a message could quote data
            "tick failed",
            extra={
                **where,
                "error": type(error).__name__,
                "at": getattr(error, "__notes__", []),
                "trace": format_tb(error.__traceback__),
            },
        )


def run(deps: Dependencies) -> bool:
    """One tick over every organization; one that fails does not stop the others.

    Returns:
        Whether all went well.
    """
    with read_transaction(Door.SEAL) as session:
        organizations = session.scalars(select(Organization.organization_id)).all()
    failed = []
    for organization_id in organizations:
        with _logging_failures(organization=organization_id) as failures:
            run_organization(deps, organization_id)
        failed += failures
    with transaction(Door.SEAL) as session:
        due = claim_vacuum(session, deps.clock(), VACUUM_INTERVAL)
    if due:
        vacuum_or_defer(ORDER_SENSITIVE_TABLES + PRIVATE_KEY_TABLES)
    return not failed


def vacuum_or_defer(tables: Iterable[str]) -> None:
    """Tidies; as long as a backup hinders it, tries again every few minutes."""
    try:
        vacuum(tables)
    except VacuumBlockedError:
        log.warning("tidying waits: others hold the tables, as a backup does")
        with transaction(Door.SEAL) as session:
            request_vacuum(
                session,
                dependencies().clock() - VACUUM_INTERVAL + VACUUM_RETRY_INTERVAL,
            )


def run_organization(deps: Dependencies, organization_id: str) -> None:
    """Plans the organization's next waves and moves each wave on.

    A wave that fails does not stop the others; a failure is raised at the end.
    """
    now = deps.clock()
    with transaction(Door.SEAL) as session:
        planning.plan_pulses(session, organization_id, now)
    failures: list[Exception] = []
    for wave_id in _load_live_waves(organization_id):
        try:
            while _advance_wave(deps, organization_id, wave_id, now):
                pass
        except Exception as error:  # noqa: BLE001 - whatever it was
            error.add_note(f"wave {wave_id}")
            failures.append(error)
    with transaction(Door.POLL_BOOK) as session:
        announcement.purge_ended(session, organization_id, now)
    with read_transaction(Door.SEAL) as session:
        retiring = transitions.list_retirable(session, organization_id, now)
    for wave in retiring:
        with transaction(Door.SEAL) as session:
            transitions.retire_wave(session, wave)
    update_findings(organization_id)
    if failures:
        raise min(failures, key=is_lock_conflict)  # what really failed, if anything did


def update_findings(organization_id: str) -> None:
    """Records what markers did, a team a transaction, where something is new."""
    with read_transaction(Door.SEAL) as session:
        new = service.pending_findings(session, organization_id)
    if new is None:
        return
    for team in progress([*new.due], "Finding out what markers did"):
        with transaction(Door.SEAL) as session:
            service.record_findings(session, new, team)


def _load_live_waves(organization_id: str) -> list[UUID]:
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


def _advance_wave(
    house: Dependencies, organization_id: str, wave_id: UUID, now: datetime
) -> bool:
    """Takes a wave one step further, if one is due; says whether to look again."""
    with read_transaction(Door.SEAL) as session:
        wave = session.get_one(Wave, (organization_id, wave_id))
    match wave.state:
        case WaveState.PLANNED if now >= wave.closes_at:
            with transaction(Door.POLL_BOOK) as session:
                announcement.abandon(session, wave, now)
        case WaveState.PLANNED:
            return _prepare_wave(house, wave, now)
        case WaveState.ANNOUNCED if now >= wave.opens_at:
            with transaction(Door.SEAL) as session:
                transitions.open_wave(session, wave, now)
        case WaveState.OPEN if now >= wave.closes_at:
            with transaction(Door.POLL_BOOK) as session:
                announcement.close_wave(session, wave)
            vacuum_or_defer(PRIVATE_KEY_TABLES)
        case WaveState.CLOSED if now >= wave.seals_at:
            with transaction(Door.SEAL) as session:
                begin_seal(session, wave, now)
        case WaveState.SEALING:
            with transaction(Door.SEAL) as session:
                seal(session, wave)
            vacuum_or_defer(ORDER_SENSITIVE_TABLES)
        case _:
            return False
    return True


def _prepare_wave(house: Dependencies, wave: Wave, now: datetime) -> bool:
    """Makes a planned wave's keys, each in its own transaction, then announces it."""
    try:
        with read_transaction(Door.POLL_BOOK) as session:
            missing = announcement.count_missing_keys(session, wave)
        for _ in progress(range(missing), "Making ballot keys"):
            key = house.make_key()  # takes long, so before anybody has to wait for it
            with transaction(Door.POLL_BOOK) as session:
                announcement.store_private_key(session, house.keyring, key, wave)
        if now < wave.announces_at:
            return False
        with transaction(Door.POLL_BOOK) as session:
            announcement.announce(session, house.keyring, wave)
    except TooFewPeopleError as error:
        log.warning(
            "too few people to announce a wave",
            extra={
                "wave": wave.public_id,
                "people": error.people,
                "needed": error.needed,
            },
        )
        return False
    return True  # announced; or the roster grew just now, and keys are missing again
