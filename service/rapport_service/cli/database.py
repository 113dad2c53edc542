"""``rapport db``."""

import click

from rapport_service import migrate, readiness
from rapport_service.cli.mistakes import told
from rapport_service.db import Door, db, transaction
from rapport_service.record.service import note_secret
from rapport_service.wiring import wiring


@click.group("db")
def database() -> None:
    """The database: its roles and its schema."""


@database.command()
def roles() -> None:
    """Make the door roles; where this login may not, print the SQL that does."""
    with told():
        try:
            migrate.ensure_roles(db.engine)
        except migrate.RolesMissingError as error:
            _tell(error)
    click.echo("roles: ready")


@database.command()
def upgrade() -> None:
    """Make the door roles and bring the schema up to date.

    Notes, the first time, which RAPPORT_SECRET the database is kept under.
    """
    with told():
        try:
            migrate.upgrade(db.engine)
        except migrate.RolesMissingError as error:
            _tell(error)
        with transaction(Door.SEAL) as session:
            note_secret(session, wiring().keyring.check)
    click.echo("schema: up to date")


@database.command()
def check() -> None:
    """Say whether the database answers, with the schema and the secret it must have."""
    try:
        readiness.check(wiring().keyring)
    except readiness.NotReadyError as error:
        raise click.ClickException(str(error)) from error
    click.echo("database: ready")


def _tell(error: migrate.RolesMissingError) -> None:
    click.echo("This login may not create roles. Let an administrator run:", err=True)
    click.echo(error.sql)
    raise click.exceptions.Exit(1)
