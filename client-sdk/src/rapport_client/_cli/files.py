"""Reads the files that a command line names."""

import json
import sys
from pathlib import Path

from rapport_client._cli.outcome import RefusedError, UsageError

STDIN = "-"


def read_file(name: str) -> bytes:
    """The bytes of a file; ``-`` is the standard input.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        if name == STDIN:
            return sys.stdin.buffer.read()
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def read_answers(name: str) -> tuple[dict[str, object], str | None]:
    """The answers and the context in a file of JSON.

    Only its outer form is checked here: the questions decide what a good answer is.

    Raises:
        UsageError: it cannot be read, or is of another form.
    """
    try:
        document = json.loads(read_file(name).decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON") from error
    match document:
        case {"answers": dict(answers)} if document.keys() <= {"answers", "context"}:
            context = document.get("context")
        case _:
            raise UsageError(f'{name} is not like {{"answers": ..., "context": ...}}')
    if not isinstance(context, str | None):
        raise UsageError(f"{name}: the context is neither a text nor null")
    return answers, context


def require_file(outbox: str) -> None:
    """Keeps a mistyped name from making a new device.

    Raises:
        RefusedError: there is no such file.
    """
    if not Path(outbox).exists():
        raise RefusedError(
            f"there is no outbox {outbox}: say where it is with --outbox, or make one"
            " with `rapport-field enrol`"
        )
