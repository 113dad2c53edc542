"""``rapport tick``: moves every wave to the step that is due."""

import os
import signal
import sys
from collections.abc import Callable

import click

from rapport_service.cli.output import progress, reporting_errors
from rapport_service.core import logging_config
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

    Plans waves, makes ballot keys, announces, opens, closes and retires waves, makes
    the reports on markers and cleans the database up. Each step of a wave is one line
    of the log. A failure is logged and does not stop the rest. The exit status is then
    1. With --every, a warning that stays true is logged once an hour.

    Where this computer has the sealing folder, `rapport seal` is started as well when
    it has work.

    If the clock went ahead by more than a wave lasts since the last tick, the clock may
    be wrong. The wave then waits: for an hour, or for --confirm-clock.
    """
    # Here, because it loads scipy: without it, the other commands start sooner.
    from rapport_service.lifecycle.organization import (  # noqa: PLC0415
        advance_all,
        logging_failures,
    )
    from rapport_service.lifecycle.seal_starter import SealStarter  # noqa: PLC0415

    deps = dependencies()
    seals = SealStarter(deps)
    if every is not None:
        exit_at_sigterm(seals.terminate)
    repeats = logging_config.log_repeats_once()
    while every is not None:
        repeats.begin_turn()
        with logging_failures():
            advance_all(deps, progress, confirm_clock=confirm_clock)
            confirm_clock = False
            seals.start_if_due()
        seals.pause(every)
    with reporting_errors():
        has_failed = not advance_all(deps, progress, confirm_clock=confirm_clock)
        if seals.start_if_due():
            has_failed |= not seals.wait()
            has_failed |= not advance_all(deps, progress)  # what has become possible
    if has_failed:
        sys.exit(1)


def exit_at_sigterm(terminate: Callable[[], None] = lambda: None) -> None:
    """Lets SIGTERM end this process at once; an open transaction is rolled back.

    The first process of a container ignores what it has no handler for. An exception
    would not do: SQLite asks what it may do in a callback, and sqlite3 swallows
    whatever is raised in there.

    Args:
        terminate: ends what this process has started.
    """

    def end(_number: int, _frame: object) -> None:
        terminate()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
