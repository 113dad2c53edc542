"""``rapport db``, ``rapport doctor`` and ``rapport tick``: running the service."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

import click
from sqlalchemy import select

from rapport_schemas.enums import WaveState
from rapport_service import health, migrate
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.charter.voting_groups import TooFewPeopleError
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    progress,
    reporting_errors,
)
from rapport_service.cli.wave_checks import CheckResult, check_waves
from rapport_service.core.database_errors import DATABASE_ERRORS, diagnose
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.core.dependencies import Dependencies, dependencies
from rapport_service.core.derived_keys import Keyring
from rapport_service.core.installation import (
    is_installation_secret,
    store_secret_check,
)
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.vacuum import PRIVATE_KEY_TABLES, vacuum_or_defer
from rapport_service.pollbook import announcement, private_keys
from rapport_service.registry.models import Pulse, Wave
from rapport_service.tables import list_columns
from rapport_service.waves import after_restore


@click.group("db")
def database() -> None:
    """Set up, upgrade and check the database."""


@database.command()
def roles() -> None:
    """Create the database roles that Rapport needs.

    If this login may not create roles, the command prints SQL for an administrator of
    the database and ends with exit status 1.
    """
    with reporting_errors():
        try:
            migrate.ensure_roles(db.engine)
        except migrate.RolesMissingError as error:
            _print_roles_sql(error)
    click.echo("roles: ready")


@database.command()
def upgrade() -> None:
    """Create the database roles and the schema, or bring them up to date.

    The first run binds the database to this RAPPORT_SECRET.
    """
    with reporting_errors():
        health.check_secret(dependencies().keyring)
        try:
            migrate.upgrade(db.engine)
        except migrate.RolesMissingError as error:
            _print_roles_sql(error)
        with transaction(Door.SEAL) as session:
            is_first = store_secret_check(session, dependencies().keyring.check)
    click.echo("schema: up to date")
    if is_first:
        print_note(
            "this database now works only with this RAPPORT_SECRET. Keep a copy of it"
        )


@database.command()
def check() -> None:
    """Check that the database takes writes and that its schema and secret are right."""
    with reporting_errors():
        health.check(dependencies().keyring)
    click.echo("database: ready")


@database.command("renew-epoch")
@form_options
def renew_epoch(form: str | None) -> None:
    """Tell phones that a backup was restored. Run it before you start the service.

    Phones then send again the answers that they kept. Waves that were already announced
    give out no more ballots, and their seal waits until phones had time to send. Prints
    the old and the new epoch, and each wave that seals later than planned.
    """
    with reporting_errors():
        health.check_secret(dependencies().keyring)
        with transaction(Door.POLL_BOOK) as session:
            private_keys.destroy_all_keys(session)
        with transaction(Door.SEAL) as session:
            renewal = after_restore.renew_epoch(
                session, COMMAND_LINE, dependencies().clock()
            )
        vacuum_or_defer(dependencies().clock, PRIVATE_KEY_TABLES)
    postponed = {
        wave.public_id: format_utc(wave.seals_at) for wave in renewal.postponed
    }
    print_result(
        {
            "before": str(renewal.before),
            "after": str(renewal.after),
            "postponed": [
                {"wave_id": wave, "seals_at": at} for wave, at in postponed.items()
            ],
        },
        list_columns.EPOCH,
        form,
    )


def _print_roles_sql(error: migrate.RolesMissingError) -> None:
    click.echo(
        "This login may not create roles. Ask an administrator of the database to run:",
        err=True,
    )
    click.echo(error.sql)
    raise click.exceptions.Exit(1)


@click.command()
@form_options
def doctor(form: str | None) -> None:
    """Check database, secret, people, clock, waves and pulses.

    Prints one line for each check and changes nothing. Exit status 1 means that a check
    failed; its line says what to do.
    """
    with reporting_errors():
        results = list(_run_checks(dependencies()))
    print_result(
        {"checks": [asdict(result) for result in results]},
        list_columns.CHECKS,
        form,
    )
    if not all(result.ok for result in results):
        raise click.exceptions.Exit(1)


def _run_checks(deps: Dependencies) -> Iterator[CheckResult]:
    """Runs the checks in order, without those that need one that failed."""
    try:
        current, newest = migrate.revisions(db.engine)
        missing = migrate.missing_roles(db.engine)
    except DATABASE_ERRORS as error:
        broken = str(diagnose(error, db.engine.url))
        yield CheckResult("database", ok=False, detail=broken)
        return
    yield CheckResult("database", ok=True, detail=f"{db.engine.dialect.name} answers")
    yield CheckResult(
        "roles",
        ok=not missing,
        detail=(
            "some database roles are missing. Run `rapport db roles`."
            if missing
            else "all database roles exist"
        ),
    )
    try:
        migrate.require_own_revision(current)
    except migrate.UnknownSchemaError as error:
        yield CheckResult("schema", ok=False, detail=str(error))
        return
    if current != newest:
        behind = (
            "the database has no schema yet, or an older one. Run `rapport db upgrade`."
        )
        yield CheckResult("schema", ok=False, detail=behind)
        return
    yield CheckResult("schema", ok=True, detail=f"revision {current} is up to date")
    if not missing:
        yield _check_write()
        yield _check_secret(deps.keyring)
        yield _check_people()
        yield from check_waves(deps.clock())


def _check_write() -> CheckResult:
    try:
        health.check_write()
    except DATABASE_ERRORS as error:
        refused = str(diagnose(error, db.engine.url))
        return CheckResult("write", ok=False, detail=refused)
    return CheckResult("write", ok=True, detail="the database takes writes")


def _check_secret(keyring: Keyring) -> CheckResult:
    with read_transaction(Door.SEAL) as session:
        ours = is_installation_secret(session, keyring.check)
    match ours:
        case True:
            return CheckResult(
                "secret", ok=True, detail="RAPPORT_SECRET belongs to this database"
            )
        case False:
            other = (
                "RAPPORT_SECRET is not the secret of this database. Set the one that "
                "it was created with."
            )
            return CheckResult("secret", ok=False, detail=other)
        case None:
            unknown = "the database has no secret yet. Run `rapport db upgrade`."
            return CheckResult("secret", ok=False, detail=unknown)


def _check_people() -> CheckResult:
    """Whether each agency with a pulse or a planned wave has enough people."""
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
                few.append(
                    f"{organization_id} has {error.people} people who can answer and "
                    f"needs {error.needed}"
                )
    if few:
        remedy = (
            f"{'; '.join(few)}. No wave is announced until then. Add people with "
            "`rapport roster put`."
        )
        return CheckResult("people", ok=False, detail=remedy)
    return CheckResult(
        "people", ok=True, detail="each agency has enough people for its waves"
    )


@click.command()
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    help="Repeat without end, with this many seconds in between.",
)
@click.option(
    "--confirm-clock",
    is_flag=True,
    help="Say that the clock of this computer is right now. With --every this is said "
    "once, of the first run.",
)
def tick(every: float | None, *, confirm_clock: bool) -> None:
    """Move each wave to the step that is due. You can run it twice at once.

    Plans waves, makes ballot keys, announces, opens, closes, seals and retires waves,
    makes the reports on markers and cleans the database up. A failure is logged and
    does not stop the rest. The exit status is then 1.

    If the clock went ahead by more than a wave lasts since the last tick, the clock may
    be wrong. The wave then waits: for an hour, or for --confirm-clock.
    """
    # Here, because it loads scipy: without it, the other commands start sooner.
    from rapport_service.lifecycle.organization import (  # noqa: PLC0415
        advance_all,
        logging_failures,
    )

    deps = dependencies()
    if every is not None:
        # The first process of a container ignores what it has no handler for.
        signal.signal(signal.SIGTERM, _exit_now)
    while every is not None:
        with logging_failures():
            advance_all(deps, progress, confirm_clock=confirm_clock)
            confirm_clock = False
        time.sleep(every)
    with reporting_errors():
        if not advance_all(deps, progress, confirm_clock=confirm_clock):
            sys.exit(1)


def _exit_now(_number: int, _frame: object) -> None:
    """Ends at once; an open transaction is rolled back.

    An exception would not do: SQLite asks what it may do in a callback, and sqlite3
    swallows whatever is raised in there.
    """
    os._exit(0)
