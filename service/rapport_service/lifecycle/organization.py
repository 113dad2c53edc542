"""One tick: everything of each organization that is due because time has passed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import format_tb

from sqlalchemy import select

from rapport_service.agency.models import Organization
from rapport_service.core.db import (
    Door,
    is_lock_conflict,
    read_transaction,
    transaction,
)
from rapport_service.core.dependencies import Dependencies
from rapport_service.lifecycle.progress import Progress, no_progress
from rapport_service.lifecycle.vacuum import vacuum_if_due
from rapport_service.lifecycle.wave import advance_wave, list_live_waves
from rapport_service.pollbook.service import purge_ended
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
        log.error(  # noqa: TRY400 - a message could quote data
            "tick failed",
            extra={
                **extra,
                "error": type(error).__name__,
                "at": getattr(error, "__notes__", []),
                "trace": format_tb(error.__traceback__),
            },
        )


def advance_all(deps: Dependencies, progress: Progress = no_progress) -> bool:
    """One tick over every organization; one that fails does not stop the others.

    Returns:
        Whether none failed.
    """
    with read_transaction(Door.SEAL) as session:
        organizations = session.scalars(select(Organization.organization_id)).all()
    failed = []
    for organization_id in organizations:
        with logging_failures(organization=organization_id) as failures:
            advance_organization(deps, organization_id, progress)
        failed += failures
    vacuum_if_due(deps.clock)
    return not failed


def advance_organization(
    deps: Dependencies, organization_id: str, progress: Progress = no_progress
) -> None:
    """Plans the organization's next waves and moves each wave on.

    A wave that fails does not stop the others; a failure is raised at the end.
    """
    now = deps.clock()
    with transaction(Door.SEAL) as session:
        planning.plan_pulses(session, organization_id, now)
    failures: list[Exception] = []
    for wave_id in list_live_waves(organization_id):
        try:
            while advance_wave(deps, organization_id, wave_id, now, progress):
                pass
        except Exception as error:  # noqa: BLE001 - whatever it was
            error.add_note(f"wave {wave_id}")
            failures.append(error)
    with transaction(Door.POLL_BOOK) as session:
        purge_ended(session, organization_id, now)
    with read_transaction(Door.SEAL) as session:
        retirable = transitions.list_retirable(session, organization_id, now)
    for wave in retirable:
        with transaction(Door.SEAL) as session:
            transitions.retire_wave(session, wave)
    update_findings(organization_id, progress)
    if failures:
        raise min(failures, key=is_lock_conflict)  # a true failure before a conflict


def update_findings(organization_id: str, progress: Progress = no_progress) -> None:
    """Assesses the markers of which there is news, one team a transaction."""
    with read_transaction(Door.SEAL) as session:
        pending = pending_findings(session, organization_id)
    if pending is None:
        return
    for team in progress([*pending.due], "Assessing the effects of markers"):
        with transaction(Door.SEAL) as session:
            record_findings(session, pending, team)
