"""``rapport db``: the database's roles, its schema, and its care."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from rapport_service import health, migrate
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.data_keys import create_data_keys
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.dump import dump
from rapport_service.core.vacuum import vacuum
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.vacuum import (
    ORDER_SENSITIVE_TABLES,
    PRIVATE_KEY_TABLES,
    vacuum_or_defer,
)
from rapport_service.pollbook import private_keys
from rapport_service.registry.queries import list_drawable
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

    The first run makes the keys of the service and binds them to this RAPPORT_SECRET.
    """
    with reporting_errors():
        health.check_secret(dependencies().data_keys)
        try:
            migrate.upgrade(db.engine)
        except migrate.RolesMissingError as error:
            _print_roles_sql(error)
        with transaction(Door.POLL_BOOK) as session:
            is_first = create_data_keys(session, dependencies().data_keys.secrets)
    click.echo("schema: up to date")
    if is_first:
        print_note(
            "this database now works only with this RAPPORT_SECRET. Keep a copy of it"
        )


@database.command()
def check() -> None:
    """Check that the database takes writes and that its schema and secret are right."""
    with reporting_errors():
        health.check(dependencies().data_keys)
    click.echo("database: ready")


@database.command("vacuum")
def run_vacuum() -> None:
    """Rewrite the tables now, so that the disk forgets order and deleted rows.

    `rapport tick` does this by itself, hourly on PostgreSQL and every ten minutes on
    SQLite. Run it before you copy a disk. A dump by `rapport db dump` does it first.
    """
    with reporting_errors():
        health.check_secret(dependencies().data_keys)
        vacuum(ORDER_SENSITIVE_TABLES + PRIVATE_KEY_TABLES)
    click.echo("vacuum: done")


@database.command("dump")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="-")
def write_dump(file: Path) -> None:
    """Write a backup to FILE, or to standard output.

    Rewrites the tables first. Leaves out private ballot keys, and who drew a ballot. On
    SQLite the backup is a database, on PostgreSQL an archive for pg_restore.
    """
    with reporting_errors():
        health.check_secret(dependencies().data_keys)
        with _open_new(file) as stream:
            vacuum(ORDER_SENSITIVE_TABLES + PRIVATE_KEY_TABLES)
            dump(db.engine, stream)
        with read_transaction(Door.POLL_BOOK) as session:
            drawable = list_drawable(session)
    print_note("left out: private ballot keys, and who drew a ballot")
    if drawable:
        print_note(
            "if this backup is restored, these waves give out no more ballots: "
            + ", ".join(wave.public_id for wave in drawable)
        )
    print_note("after a restore, run `rapport db renew-epoch` before the service")


@contextmanager
def _open_new(file: Path) -> Iterator[BinaryIO]:
    """A file that was not there, for its user alone; gone again after a failure."""
    if str(file) == "-":
        if sys.stdout.isatty():
            raise click.ClickException("a backup is no text. Name a file for it.")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(f"{file} is already there") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    try:
        with os.fdopen(opened, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        file.unlink()
        raise


@database.command("renew-epoch")
@form_options
def renew_epoch(form: str | None) -> None:
    """Tell phones that a backup was restored. Run it before you start the service.

    Phones then send again the answers that they kept. Waves that were already announced
    give out no more ballots, and their seal waits until phones had time to send. Prints
    the old and the new epoch, and each wave that seals later than planned.
    """
    with reporting_errors():
        health.check_secret(dependencies().data_keys)
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
