"""Results, notes, progress and errors of commands, for people and for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import click

from rapport_schemas.errors import DocumentInvalidError, FieldError
from rapport_service.agency.errors import (
    OrganizationInvalidError,
    SeparatorInIdError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.charter.schedule import DatesInvalidError
from rapport_service.core.database_errors import DATABASE_ERRORS, diagnose
from rapport_service.core.db import db
from rapport_service.health import NotReadyError, SecretMismatchError
from rapport_service.migrate import UnknownSchemaError
from rapport_service.pollbook.errors import (
    ClientLimitError,
    ClientRevokedError,
    ClientUnknownError,
)
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.registry.queries import UnknownWaveError
from rapport_service.waves.held_content import NotSealedError
from rapport_service.waves.planning import PulseInvalidError
from rapport_service.waves.transitions import WaveEndedError

ACTOR = "command line"
"""The actor in the audit entries of commands."""

MESSAGES_BY_EXCEPTION: dict[type[Exception], str] = {
    UnknownOrganizationError: "there is no agency {}",
    UnknownPersonError: "there is no person {} in the roster",
    UnknownWaveError: "there is no wave {}",
    UnknownMarkerError: "there is no marker {}",
    ClientUnknownError: "there is no client {}",
    ClientRevokedError: "this client was revoked. Create a new one.",
    WaveEndedError: "this wave is already sealed or cancelled",
    NotSealedError: (
        "this wave is not sealed yet. Run the command again after the seal."
        " A cancelled wave has no numbers."
    ),
    NotReadyError: "{}",
    SecretMismatchError: "{}",
    UnknownSchemaError: "{}",
    OrganizationInvalidError: "{}",
    SeparatorInIdError: "a table cannot hold the team id {}. Use --json.",
    ClientLimitError: "{}",
    DatesInvalidError: "{}",
    PulseInvalidError: "{}",
}
"""The message for each refusal; ``{}`` is the message of the exception."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def json_option(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command ``--json``, as the argument ``as_json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as JSON."
    )(command)


def print_result(
    document: object,
    lines: Iterable[str],
    *,
    as_json: bool,
    columns: Sequence[str] = (),
) -> None:
    """Prints a result, either as one JSON document or as lines.

    At a terminal the names of the columns come first; programs get the lines alone.
    """
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if columns and sys.stdout.isatty():
        click.echo("\t".join(columns))
    for line in lines:
        click.echo(line)


def print_note(text: str) -> None:
    """Prints a warning about the command to standard error, apart from its result."""
    click.echo(f"note: {text}", err=True)


def progress(steps: Sequence[T], label: str) -> Iterator[T]:
    """Iterates over long work, with a progress bar at a terminal."""
    hidden = not steps or not sys.stderr.isatty()
    with click.progressbar(steps, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield from bar


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Turns refusals of the service into plain messages and exit status 1."""
    try:
        yield
    except tuple(MESSAGES_BY_EXCEPTION) as error:
        raise click.ClickException(
            MESSAGES_BY_EXCEPTION[type(error)].format(error)
        ) from error
    except DocumentInvalidError as error:
        raise click.ClickException(_format_field_errors(error.errors)) from error
    except DATABASE_ERRORS as error:
        raise click.ClickException(str(diagnose(error, db.engine.url))) from error


def _format_field_errors(errors: Sequence[FieldError]) -> str:
    return "\n".join(f"{error.field}: {error.rule}" for error in errors)
