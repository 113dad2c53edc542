"""``rapport doctor``: is everything as it must be for the service to work?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from rapport_service import migrate
from rapport_service.charter.voting_groups import TooFewPeopleError
from rapport_service.cli.output import json_option, print_result
from rapport_service.core.db import Door, db, read_transaction
from rapport_service.core.dependencies import Dependencies, dependencies
from rapport_service.core.derived_keys import Keyring
from rapport_service.core.installation import is_installation_secret
from rapport_service.pollbook import announcement
from rapport_service.registry.models import Pulse, Wave, WaveState

MAX_DELAY = timedelta(minutes=10)
"""How late a wave may be before somebody should look at ``rapport tick``."""


@dataclass(frozen=True)
class CheckResult:
    """What was looked at, whether it is well, and what to do where it is not."""

    check: str
    ok: bool
    detail: str


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at the database, its schema, the secret, the people and the waves.

    Prints a line each; exit status 1 where something is wrong. Changes nothing.
    """
    findings = list(_run_checks(dependencies()))
    print_result(
        {"checks": [asdict(finding) for finding in findings]},
        (
            f"{'ok  ' if finding.ok else 'FAIL'} {finding.check}: {finding.detail}"
            for finding in findings
        ),
        as_json=as_json,
    )
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def _run_checks(house: Dependencies) -> Iterator[CheckResult]:
    """Each in turn; what needs the one before is not looked at without it."""
    try:
        there, newest = migrate.revisions(db.engine)
        missing = migrate.missing_roles(db.engine)
    except DBAPIError as error:
        # Never the message, which can quote the password in the address.
        broken = f"does not answer ({type(error.orig).__name__}): RAPPORT_DATABASE_URL?"
        yield CheckResult("database", ok=False, detail=broken)
        return
    yield CheckResult("database", ok=True, detail=f"{db.engine.dialect.name} answers")
    yield CheckResult(
        "roles",
        ok=not missing,
        detail="run `rapport db roles`" if missing else "every door has its own",
    )
    if there != newest:
        behind = (
            "there is none yet: run `rapport db upgrade`"
            if there is None
            else f"is at {there}, not at {newest}: run `rapport db upgrade`"
        )
        yield CheckResult("schema", ok=False, detail=behind)
        return
    yield CheckResult("schema", ok=True, detail=f"is at {there}, the newest")
    if not missing:
        yield _check_secret(house.keyring)
        yield _check_people()
        yield _check_waves(house.clock())


def _check_secret(keyring: Keyring) -> CheckResult:
    with read_transaction(Door.SEAL) as session:
        ours = is_installation_secret(session, keyring.check)
    match ours:
        case True:
            return CheckResult(
                "secret", ok=True, detail="the database is kept under it"
            )
        case False:
            other = (
                "RAPPORT_SECRET is not the one the database is kept under: set the one "
                "it was made with"
            )
            return CheckResult("secret", ok=False, detail=other)
        case None:
            unknown = "not noted yet: run `rapport db upgrade`"
            return CheckResult("secret", ok=False, detail=unknown)


def _check_people() -> CheckResult:
    """Whether each agency that has something to ask has enough people to ask."""
    few = []
    with read_transaction(Door.POLL_BOOK) as session:
        asking = session.scalars(
            select(Pulse.organization_id)
            .where(Pulse.active)
            .union(select(Wave.organization_id).where(Wave.state == WaveState.PLANNED))
        ).all()
        for organization_id in sorted(asking):
            try:
                announcement.check_enough_people(session, organization_id)
            except TooFewPeopleError as error:
                few.append(f"{organization_id}: {error}")
    if few:
        remedy = f"{'; '.join(few)}: no wave is announced; `rapport roster put`"
        return CheckResult("people", ok=False, detail=remedy)
    return CheckResult("people", ok=True, detail="enough wherever something is asked")


def _check_waves(now: datetime) -> CheckResult:
    with read_transaction(Door.SEAL) as session:
        waves = session.scalars(
            select(Wave).where(
                Wave.state.not_in((WaveState.SEALED, WaveState.CANCELLED))
            )
        ).all()
    late = sorted(wave.public_id for wave in waves if overdue_at(wave) < now)
    if late:
        stuck = f"late: {', '.join(late)}: does `rapport tick` run?"
        return CheckResult("waves", ok=False, detail=stuck)
    return CheckResult("waves", ok=True, detail=f"{len(waves)} on time")


def overdue_at(wave: Wave) -> datetime:
    """From when on a wave that has not moved on is late. Pure.

    One that is not announced when it was to open is late without further patience.
    """
    match wave.state:
        case WaveState.PLANNED:
            return min(wave.announces_at + MAX_DELAY, wave.opens_at)
        case WaveState.ANNOUNCED:
            return wave.opens_at + MAX_DELAY
        case WaveState.OPEN:
            return wave.closes_at + MAX_DELAY
        case _:
            return wave.seals_at + MAX_DELAY
