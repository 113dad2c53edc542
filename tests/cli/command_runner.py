"""Commands in the process of the tests: single ones, and the whole ``rapport``."""

import base64
import json
import logging
import os
from collections.abc import Mapping

from click.testing import CliRunner, Result
from flask import Flask, appcontext_pushed

from rapport_service.cli import rapport
from rapport_service.core.db import db

SECRET_BYTES = bytes(range(32))
SECRET = base64.b64encode(SECRET_BYTES).decode()


def run_command(command, *arguments, status=0, **options):
    """The output of a command in the app of the test; checks its exit status."""
    return _invoke(command, *arguments, status=status, **options).output


def run_command_json(command, *arguments):
    """The document that a command prints with ``--json``, without its notes."""
    return json.loads(_invoke(command, *arguments, "--json", status=0).stdout)


def _invoke(command, *arguments, status, **options):
    result = CliRunner().invoke(command, [str(word) for word in arguments], **options)
    assert result.exit_code == status, result.output
    return result


def environment_for(url: str) -> dict[str, str]:
    """Good settings on a database."""
    return {"RAPPORT_SECRET": SECRET, "RAPPORT_DATABASE_URL": url}


def run_main(
    *arguments: str, environ: Mapping[str, str], typed: str | bytes | None = None
) -> Result:
    """Runs ``rapport`` with an app of its own and leaves no trace in this process.

    Args:
        arguments: the words after ``rapport``.
        environ: the settings; no other variable of that prefix is passed on.
        typed: the standard input of the command.
    """
    others = {name: None for name in os.environ if name.startswith("RAPPORT_")}
    log = logging.getLogger("rapport_service")
    before = log.handlers, log.level, log.propagate
    apps: list[Flask] = []
    try:
        with appcontext_pushed.connected_to(apps.append):
            return CliRunner().invoke(
                rapport, [*arguments], env={**others, **environ}, input=typed
            )
    finally:
        log.handlers, log.level, log.propagate = before
        for app in apps:
            with app.app_context():
                db.engine.dispose()


def refusal_message(result: Result) -> str:
    """The plain message of a refusal: no traceback, status 1."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("Error: ").rstrip("\n")
