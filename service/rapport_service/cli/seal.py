"""``rapport seal``: the job that alone can read what people answered."""

import sys
import time

import click

from rapport_service.cli.doctor import print_checks
from rapport_service.cli.output import form_options, print_note, reporting_errors
from rapport_service.cli.sealing_checks import check_sealing
from rapport_service.cli.tick import exit_at_sigterm
from rapport_service.core import logging_config
from rapport_service.core.dependencies import dependencies
from rapport_service.lifecycle.sealing_site import find_lost_keys, mark_folders


@click.group(invoke_without_command=True)
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    help="Repeat without end, with this many seconds in between.",
)
@click.pass_context
def seal(context: click.Context, every: float | None) -> None:
    """Make sealing keys, and seal the waves that are due.

    You can run it twice at once. The keys lie in the folder RAPPORT_SEALING_KEYS, or in
    two folders with a colon between. Nobody can read an answer without them, and no
    answer is lost while they are missing: the wave waits.

    The command needs no RAPPORT_SECRET, and a login of the database that is a member of
    the role rapport_seal alone. A failure is logged and does not stop the rest. The
    exit status is then 1.
    """
    if context.invoked_subcommand is not None:
        return
    # Here, because it loads scipy: without it, the other commands start sooner.
    from rapport_service.lifecycle.organization import (  # noqa: PLC0415
        logging_failures,
    )
    from rapport_service.lifecycle.sealing import run_sealing_job  # noqa: PLC0415

    deps = dependencies()
    retry_blocked = True  # once, in case that this version can open more
    if every is not None:
        exit_at_sigterm()
    warned: set[str] = set()
    repeats = logging_config.log_repeats_once()
    while every is not None:
        repeats.begin_turn()
        with logging_failures():
            run_sealing_job(deps, retry_blocked=retry_blocked, warned=warned)
            retry_blocked = False
        time.sleep(every)
    with reporting_errors():
        if not run_sealing_job(deps, retry_blocked=retry_blocked):
            sys.exit(1)


@seal.command()
def init() -> None:
    """Mark the sealing folders as those of this database.

    Makes each folder, if there is none. A folder without the mark does not count: it is
    where a volume is not mounted, or a container that began anew.
    """
    with reporting_errors():
        folders = mark_folders(dependencies())
        for folder in folders:
            click.echo(f"{folder.path}: ready")
        lost = find_lost_keys(dependencies())
    if len(folders) > 1:
        print_note(
            "restart `rapport tick`, or `rapport seal --every`, with these folders. It "
            "then copies what one of them lacks. `rapport seal` does so at once"
        )
    if lost:
        print_note(
            f"the keys of {', '.join(lost)} are not in there. Put the files back from "
            "a copy of the folder, or these waves cannot be sealed"
        )


@seal.command()
@form_options
def check(form: str | None) -> None:
    """Check the sealing folders, the keys in them, and seals that are held up.

    These are lines of `rapport doctor`, where the secret of the service is not known.
    """
    with reporting_errors():
        results = list(check_sealing(dependencies()))
    print_checks(results, form)
