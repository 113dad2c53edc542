"""What commands print: lines for people, or JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ParamSpec, TypeVar

import click

ACTOR = "command line"
"""Who did it, where a command is audited."""

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def json_option(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command ``--json``, as the argument ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")(
        command
    )


def print_result(
    document: object,
    lines: Iterable[str],
    *,
    as_json: bool,
    columns: Sequence[str] = (),
) -> None:
    """Prints a result, either as one JSON document or as lines.

    Lines are headed by their columns' names where somebody looks on at a terminal;
    programs get the lines alone.
    """
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if columns and sys.stdout.isatty():
        click.echo("\t".join(columns))
    for line in lines:
        click.echo(line)


def print_note(text: str) -> None:
    """Says what somebody may not have meant; it goes beside the result, not into it."""
    click.echo(f"note: {text}", err=True)


def progress(steps: Sequence[T], label: str) -> Iterator[T]:
    """Goes through long work with a bar, where somebody looks on at a terminal."""
    hidden = not steps or not sys.stderr.isatty()
    with click.progressbar(steps, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield from bar
