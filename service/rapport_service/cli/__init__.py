"""The ``rapport`` command: what administrators and operators do."""

import os
import sys

import click

from rapport_service import health
from rapport_service.app import create_app
from rapport_service.cli.clients import client
from rapport_service.cli.codes import codes
from rapport_service.cli.database import database
from rapport_service.cli.devices import device
from rapport_service.cli.doctor import doctor
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.held_content import held
from rapport_service.cli.markers import marker
from rapport_service.cli.organizations import organization
from rapport_service.cli.pulses import pulse
from rapport_service.cli.rosters import roster
from rapport_service.cli.tick import tick
from rapport_service.cli.waves import wave
from rapport_service.core import logging_config
from rapport_service.core.dependencies import dependencies
from rapport_service.core.settings import Settings, SettingsInvalidError

COMMANDS_WITHOUT_SECRET_CHECK = {"db", "doctor"}
"""Commands for a database that is not in order yet; others need the right secret."""


class HelpAwareGroup(click.Group):
    """Notes who only asks for help, which needs no settings."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand, as usual."""
        ctx.obj = "--help" in args
        return super().resolve_command(ctx, args)


@click.group(cls=HelpAwareGroup)
@click.pass_context
def rapport(context: click.Context) -> None:
    """Run a Rapport service: agencies, rosters, pulses, waves, the database.

    Settings come from the environment: RAPPORT_SECRET and RAPPORT_DATABASE_URL.

    Exit status: 0 done, 1 refused or failed, 2 called wrongly.
    """
    if context.obj:
        return
    logging_config.configure()
    try:
        settings = Settings.from_env(os.environ)
    except SettingsInvalidError as error:
        for mistake in error.errors:
            click.echo(mistake, err=True)
        sys.exit(2)
    context.with_resource(create_app(settings).app_context())
    if context.invoked_subcommand not in COMMANDS_WITHOUT_SECRET_CHECK:
        with reporting_errors():
            health.check_secret(dependencies().keyring)


for command in (
    organization,
    roster,
    codes,
    device,
    client,
    pulse,
    wave,
    marker,
    held,
    tick,
    database,
    doctor,
):
    rapport.add_command(command)


def main() -> None:
    """Entry point of the console command."""
    rapport(prog_name="rapport")
