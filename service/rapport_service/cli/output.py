"""Results, notes, progress and errors of commands, for people and for programs."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

import click

from rapport_schemas.errors import DocumentInvalidError
from rapport_service.agency.administrators import (
    AdministratorsLeftOutError,
    LastAdministratorError,
    RightNotHeldError,
)
from rapport_service.agency.errors import (
    OrganizationInvalidError,
    SeparatorInIdError,
    TimeZoneGoneError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.core.data_keys import (
    DataKeysMissingError,
    SecretMismatchError,
    SecretNotReplacedError,
)
from rapport_service.core.database_errors import DATABASE_ERRORS, diagnose
from rapport_service.core.db import db
from rapport_service.core.dump import DumpError
from rapport_service.core.vacuum import VacuumBlockedError
from rapport_service.health import NotReadyError
from rapport_service.lifecycle.sealing_site import SealingFolderError
from rapport_service.migrate import UnknownSchemaError
from rapport_service.pollbook.errors import (
    ClientRevokedError,
    ClientUnknownError,
)
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.registry.queries import UnknownWaveError
from rapport_service.reports.service import NothingMeasuredError
from rapport_service.tables.table import Table
from rapport_service.tables.text import (
    escape_unprintable,
    format_table,
    format_tabs,
    wrap_text,
)
from rapport_service.waves.free_windows import WindowTakenError
from rapport_service.waves.planning import UnknownPulseError
from rapport_service.waves.transitions import SealNotBlockedError, WaveEndedError

MESSAGES_BY_EXCEPTION: dict[type[Exception], str] = {
    UnknownOrganizationError: "there is no agency {}",
    UnknownPersonError: "there is no person {} in the roster",
    UnknownWaveError: "there is no wave {}",
    UnknownMarkerError: "there is no marker {}",
    NothingMeasuredError: (
        "there are no results here yet. Look again after the next wave."
    ),
    ClientUnknownError: "there is no client {}",
    ClientRevokedError: "this client was revoked. Create a new one.",
    WaveEndedError: "this wave is already sealed or cancelled",
    NotReadyError: "{}",
    SecretMismatchError: "{}",
    SecretNotReplacedError: "{}",
    DataKeysMissingError: "{}",
    UnknownSchemaError: "{}",
    OrganizationInvalidError: "{}",
    TimeZoneGoneError: "{}",
    SeparatorInIdError: "a table cannot hold the team id {}. Use --json.",
    UnknownPulseError: "there is no pulse {}",
    LastAdministratorError: (
        "{} is the last administrator of this agency. Add another one first."
    ),
    AdministratorsLeftOutError: (
        "this file leaves out every administrator: {}. Nothing was changed. Keep one "
        "in the file, or add another one first."
    ),
    RightNotHeldError: "{}",
    WindowTakenError: "{}. Choose other dates, cancel that wave, or stop its pulse.",
    DumpError: "{}",
    VacuumBlockedError: (
        "other sessions hold the tables, as a backup does. Run the command again after"
        " their end."
    ),
    SealingFolderError: "{}",
    SealNotBlockedError: "the seal of this wave is not blocked",
}
"""The message for each refusal; ``{}`` is the message of the exception."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Form(StrEnum):
    """The form of a result. Without an option a terminal gets a table, others tabs."""

    TABLE = "table"
    TABS = "tabs"
    CSV = "csv"
    JSON = "json"


FORM_HELP = {
    Form.TABLE: "Print a table with headings, also if this is not a terminal.",
    Form.CSV: "Print the result as CSV.",
    Form.JSON: "Print the result as JSON.",
}


@dataclass(frozen=True)
class Section:
    """Part of a result as people read it.

    Attributes:
        table: the table of the part.
        documents: the documents with its rows.
        title: a line above the table.
        sentences: what the table means, below it.
    """

    table: Table
    documents: Sequence[object]
    title: str = ""
    sentences: Sequence[str] = ()


def form_options(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command ``--table``, ``--csv`` and ``--json``, as the argument ``form``.

    The last one on the command line counts.
    """
    for form, text in reversed(FORM_HELP.items()):
        option = click.option(f"--{form}", "form", flag_value=form.value, help=text)
        command = option(command)
    return command


def print_result(
    document: object,
    table: Table,
    form: str | None,
    *,
    documents: Sequence[object] = (),
    sections: Sequence[Section] = (),
) -> None:
    """Prints a result in the form that is asked for.

    Args:
        document: the result as JSON has it.
        table: its table as CSV and, without sections, as text.
        form: one of ``Form``; None chooses by whether this is a terminal.
        documents: the documents with the rows of the table, if it is not this one.
        sections: the result as people read it, if that is not the table alone.
    """
    documents = documents or [document]
    sections = sections or [Section(table, documents)]
    match Form(form or (Form.TABLE if sys.stdout.isatty() else Form.TABS)):
        case Form.JSON:
            click.echo(_format_json(document))
        case Form.CSV:
            # Lines end as other commands expect it.
            click.echo(table.write(*documents, line_end="\n"), nl=False)
        case Form.TABS:
            for section in sections:
                for line in format_tabs(section.table, section.documents):
                    click.echo(line)
        case Form.TABLE:
            width = _terminal_width()
            for number, section in enumerate(sections):
                if number:
                    click.echo()
                _print_section(section, width)


def _print_section(section: Section, width: int | None) -> None:
    table = format_table(section.table, section.documents, width)
    blocks = (
        _wrap([section.title] if section.title else [], width),
        list(table),
        _wrap(section.sentences, width),
    )
    click.echo("\n\n".join("\n".join(block) for block in blocks if block))


def _wrap(texts: Iterable[str], width: int | None) -> list[str]:
    lines = map(escape_unprintable, texts)
    if width is None:
        return list(lines)
    return [part for line in lines for part in wrap_text(line, width)]


def _format_json(document: object) -> str:
    """The document as JSON; what a terminal would run, not show, is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        each if each == "\n" or each.isprintable() else json.dumps(each)[1:-1]
        for each in text
    )


def _terminal_width() -> int | None:
    """The width of the terminal, or of the variable COLUMNS; None elsewhere."""
    return shutil.get_terminal_size(fallback=(0, 0)).columns or None


def print_note(text: str) -> None:
    """Prints a warning about the command to standard error, apart from its result."""
    click.echo(f"note: {escape_unprintable(text)}", err=True)


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
        message = MESSAGES_BY_EXCEPTION[type(error)].format(error)
        raise click.ClickException(escape_unprintable(message)) from error
    except DocumentInvalidError as error:
        raise click.ClickException(escape_unprintable(str(error))) from error
    except click.ClickException as error:
        raise click.ClickException(escape_unprintable(error.message)) from error
    except DATABASE_ERRORS as error:
        raise click.ClickException(str(diagnose(error, db.engine.url))) from error
