"""``rapport db``."""

import click

from rapport_service import health, migrate
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_note, print_result
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.installation import store_secret_check
from rapport_service.encoding.timestamps import format_utc
from rapport_service.lifecycle.vacuum import PRIVATE_KEY_TABLES, vacuum_or_defer
from rapport_service.pollbook import private_keys
from rapport_service.waves import after_restore


@click.group("db")
def database() -> None:
    """The database: its roles, its schema, its epoch."""


@database.command()
def roles() -> None:
    """Make the door roles; where this login may not, print the SQL that does."""
    with reporting_errors():
        try:
            migrate.ensure_roles(db.engine)
        except migrate.RolesMissingError as error:
            _print_roles_sql(error)
    click.echo("roles: ready")


@database.command()
def upgrade() -> None:
    """Make the door roles and bring the schema up to date.

    Notes, the first time, which RAPPORT_SECRET the database is kept under.
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
            "from now on this database opens under this RAPPORT_SECRET alone: keep it"
        )


@database.command()
def check() -> None:
    """Say whether the database answers, with the schema and the secret it must have."""
    try:
        health.check(dependencies().keyring)
    except health.NotReadyError as error:
        raise click.ClickException(str(error)) from error
    click.echo("database: ready")


@database.command("renew-epoch")
@json_option
def renew_epoch(*, as_json: bool) -> None:
    """Tell phones that a backup was restored; run it before the service listens.

    Phones then offer again what they kept. No wave that was announced gives out more
    ballots, and none seals before phones have had time for it. Prints the epoch before
    and after, and each wave that seals later than planned.
    """
    with reporting_errors():
        health.check_secret(dependencies().keyring)
        with transaction(Door.POLL_BOOK) as session:
            private_keys.destroy_all_keys(session)
        with transaction(Door.SEAL) as session:
            renewal = after_restore.renew_epoch(session, ACTOR, dependencies().clock())
        vacuum_or_defer(dependencies().clock, PRIVATE_KEY_TABLES)
    postponed = {
        wave.public_id: format_utc(wave.seals_at) for wave in renewal.postponed
    }
    print_result(
        {
            "before": str(renewal.before),
            "after": str(renewal.after),
            "postponed": [
                {"wave": wave, "seals_at": at} for wave, at in postponed.items()
            ],
        },
        [
            f"before\t{renewal.before}",
            f"after\t{renewal.after}",
            *(f"{wave}\tseals at {at}" for wave, at in postponed.items()),
        ],
        as_json=as_json,
    )


def _print_roles_sql(error: migrate.RolesMissingError) -> None:
    click.echo("This login may not create roles. Let an administrator run:", err=True)
    click.echo(error.sql)
    raise click.exceptions.Exit(1)
