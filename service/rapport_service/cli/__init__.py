"""The ``rapport`` command of administrators and operators."""

import os
import sys

import click

from rapport_service import health
from rapport_service.app import create_app
from rapport_service.cli.audit import audit
from rapport_service.cli.clients import client
from rapport_service.cli.database import database
from rapport_service.cli.doctor import doctor
from rapport_service.cli.enrolment import codes, device
from rapport_service.cli.markers import marker
from rapport_service.cli.organizations import organization, roster
from rapport_service.cli.output import reporting_errors
from rapport_service.cli.reports import heatmap, score, sustainment, trend
from rapport_service.cli.seal import seal
from rapport_service.cli.secret import secret
from rapport_service.cli.tick import tick
from rapport_service.cli.waves import pulse, wave
from rapport_service.core import logging_config
from rapport_service.core.dependencies import dependencies
from rapport_service.core.settings import Settings, SettingsInvalidError

COMMANDS_WITHOUT_SECRET_CHECK = {"db", "doctor", "seal"}
"""Commands that work before the secret of the database is known to be right."""

COMMANDS_WITHOUT_SECRET = {"seal"}
"""Commands that need no secret, for they open no door that it guards."""


class HelpAwareGroup(click.Group):
    """Group that notes whether only help is wanted, which needs no settings."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand, as usual."""
        ctx.obj = "--help" in args
        return super().resolve_command(ctx, args)


@click.group(cls=HelpAwareGroup)
@click.version_option(package_name="rapport-service", message="rapport %(version)s")
@click.pass_context
def rapport(context: click.Context) -> None:
    """Manage a Rapport service: agencies, people, waves and the database.

    Three environment variables hold the settings: RAPPORT_SECRET,
    RAPPORT_DATABASE_URL and, where waves are sealed, RAPPORT_SEALING_KEYS.

    A terminal shows a result as a table with headings. In a pipe or a file there is one
    line for each row, without headings, and with tabs between the columns. --table
    prints the table everywhere, --csv the table as CSV, and --json the document, which
    is the one of the API if the API has it.

    The exit status is 0 if the command succeeded, 1 if it was refused or failed, and 2
    if the command line or a setting is wrong.
    """
    if context.obj:
        return
    logging_config.configure()
    try:
        settings = Settings.from_env(
            os.environ,
            needs_secret=context.invoked_subcommand not in COMMANDS_WITHOUT_SECRET,
        )
    except SettingsInvalidError as error:
        for message in error.errors:
            click.echo(message, err=True)
        sys.exit(2)
    context.with_resource(create_app(settings).app_context())
    if context.invoked_subcommand not in COMMANDS_WITHOUT_SECRET_CHECK:
        with reporting_errors():
            health.check_secret(dependencies().data_keys)


for command in (
    organization,
    roster,
    codes,
    device,
    client,
    audit,
    pulse,
    wave,
    marker,
    score,
    trend,
    heatmap,
    sustainment,
    tick,
    secret,
    seal,
    database,
    doctor,
):
    rapport.add_command(command)


def main() -> None:
    """Entry point of the console command."""
    rapport(prog_name="rapport")
