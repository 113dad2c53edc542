"""Opens the service for a command: settings, log, and the check of the secret."""

import os
import sys

import click

from rapport_service import health
from rapport_service.app import create_app
from rapport_service.cli.output import reporting_errors
from rapport_service.core import logging_config
from rapport_service.core.dependencies import dependencies
from rapport_service.core.settings import Settings, SettingsInvalidError

COMMANDS_WITHOUT_SECRET_CHECK = {"db", "doctor", "seal"}
"""Commands that work before the secret of the database is known to be right."""

COMMANDS_WITHOUT_SECRET = {"seal"}
"""Commands that need no secret, for they open no door that it guards."""


def open_service(context: click.Context) -> None:
    """Lets a command use the service; ends the process if the settings are wrong."""
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
