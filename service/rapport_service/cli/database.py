"""``rapport db``."""

import click

from rapport_service import migrate, readiness
from rapport_service.charter.document import instant
from rapport_service.cli.mistakes import told
from rapport_service.cli.output import ACTOR, json_option, note, show
from rapport_service.cli.tick import KEYS, tidy_or_owe
from rapport_service.db import Door, db, transaction
from rapport_service.pollbook import electorate
from rapport_service.record.service import note_secret
from rapport_service.waves import restore
from rapport_service.wiring import wiring


@click.group("db")
def database() -> None:
    """The database: its roles, its schema, its epoch."""


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
        readiness.check_secret(wiring().keyring)
        try:
            migrate.upgrade(db.engine)
        except migrate.RolesMissingError as error:
            _tell(error)
        with transaction(Door.SEAL) as session:
            is_first = note_secret(session, wiring().keyring.check)
    click.echo("schema: up to date")
    if is_first:
        note("from now on this database opens under this RAPPORT_SECRET alone: keep it")


@database.command()
def check() -> None:
    """Say whether the database answers, with the schema and the secret it must have."""
    try:
        readiness.check(wiring().keyring)
    except readiness.NotReadyError as error:
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
    with told():
        readiness.check_secret(wiring().keyring)
        with transaction(Door.POLL_BOOK) as session:
            electorate.forget_keys(session)
        with transaction(Door.SEAL) as session:
            renewal = restore.renew_epoch(session, ACTOR, wiring().clock())
        tidy_or_owe(KEYS)
    postponed = {wave.public_id: instant(wave.seals_at) for wave in renewal.postponed}
    show(
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


def _tell(error: migrate.RolesMissingError) -> None:
    click.echo("This login may not create roles. Let an administrator run:", err=True)
    click.echo(error.sql)
    raise click.exceptions.Exit(1)
