"""``rapport tick``: everything that happens because time has passed."""

import os
import signal
import sys
import time

import click

from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import progress
from rapport_service.core.dependencies import dependencies
from rapport_service.lifecycle.organization import advance_all, logging_failures


@click.command()
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    help="Repeat for ever, this many seconds apart.",
)
def tick(every: float | None) -> None:
    """Do all that is due by now. Safe to run twice at once.

    Makes ballot keys; announces, opens, closes, seals and retires waves; assesses the
    effects of markers; vacuums the database. A failure is logged and stops nothing
    else; exit status 1 if there was one.
    """
    deps = dependencies()
    if every is not None:
        # The first process of a container ignores what it has no handler for.
        signal.signal(signal.SIGTERM, _exit_now)
    while every is not None:
        with logging_failures():
            advance_all(deps, progress)
        time.sleep(every)
    with reporting_errors():
        if not advance_all(deps, progress):
            sys.exit(1)


def _exit_now(_number: int, _frame: object) -> None:
    """Ends at once: a transaction that is under way never happened.

    An exception would not do: SQLite asks what it may do in a callback, and sqlite3
    swallows whatever is raised in there.
    """
    os._exit(0)
