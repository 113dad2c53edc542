"""The ``rapport`` command inside the test's own process."""

import base64
import logging
import os
from collections.abc import Mapping

from click.testing import CliRunner, Result
from flask import Flask, appcontext_pushed

from rapport_service.cli import rapport
from rapport_service.core.db import db

SECRET = base64.b64encode(bytes(range(32))).decode()


def environment_for(url: str) -> dict[str, str]:
    """Good settings on a database."""
    return {"RAPPORT_SECRET": SECRET, "RAPPORT_DATABASE_URL": url}


def run_main(
    *arguments: str, environ: Mapping[str, str], typed: str | bytes | None = None
) -> Result:
    """Runs a command and leaves no trace of it in this process.

    Args:
        environ: the settings; whoever runs the tests may have others of that prefix.
        typed: what the command reads from its standard input.
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
