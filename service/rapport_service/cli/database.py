"""``rapport db``."""

import click

from rapport_service import migrate, readiness
from rapport_service.cli.mistakes import told
from rapport_service.db import db


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
    """Make the door roles and bring the schema up to date."""
    with told():
        try:
            migrate.upgrade(db.engine)
        except migrate.RolesMissingError as error:
            _tell(error)
    click.echo("schema: up to date")


@database.command()
def check() -> None:
    """Say whether the database answers, with the schema that this version expects."""
    try:
        readiness.check()
    except readiness.NotReadyError as error:
        raise click.ClickException(str(error)) from error
    click.echo("database: ready")


def _tell(error: migrate.RolesMissingError) -> None:
    click.echo("This login may not create roles. Let an administrator run:", err=True)
    click.echo(error.sql)
    raise click.exceptions.Exit(1)
