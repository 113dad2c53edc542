"""``rapport tick``: moves every wave to the step that is due."""

import os
import signal
import sys
import time

import click

from rapport_service.cli.output import progress, reporting_errors
from rapport_service.core.dependencies import dependencies


@click.command()
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    help="Repeat without end, with this many seconds in between.",
)
@click.option(
    "--confirm-clock",
    is_flag=True,
    help="Say that the clock of this computer is right now. With --every this is said "
    "once, of the first run.",
)
def tick(every: float | None, *, confirm_clock: bool) -> None:
    """Move each wave to the step that is due. You can run it twice at once.

    Plans waves, makes ballot keys, announces, opens, closes, seals and retires waves,
    makes the reports on markers and cleans the database up. A failure is logged and
    does not stop the rest. The exit status is then 1.

    If the clock went ahead by more than a wave lasts since the last tick, the clock may
    be wrong. The wave then waits: for an hour, or for --confirm-clock.
    """
    # Here, because it loads scipy: without it, the other commands start sooner.
    from rapport_service.lifecycle.organization import (  # noqa: PLC0415
        advance_all,
        logging_failures,
    )

    deps = dependencies()
    if every is not None:
        # The first process of a container ignores what it has no handler for.
        signal.signal(signal.SIGTERM, _exit_now)
    while every is not None:
        with logging_failures():
            advance_all(deps, progress, confirm_clock=confirm_clock)
            confirm_clock = False
        time.sleep(every)
    with reporting_errors():
        if not advance_all(deps, progress, confirm_clock=confirm_clock):
            sys.exit(1)


def _exit_now(_number: int, _frame: object) -> None:
    """Ends at once; an open transaction is rolled back.

    An exception would not do: SQLite asks what it may do in a callback, and sqlite3
    swallows whatever is raised in there.
    """
    os._exit(0)
