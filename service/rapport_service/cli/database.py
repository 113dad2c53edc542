"""``rapport db``: the database's roles, its schema, and its care."""

import click

from rapport_service import health, migrate
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.installation import store_secret_check
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.vacuum import PRIVATE_KEY_TABLES, vacuum_or_defer
from rapport_service.pollbook import private_keys
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
