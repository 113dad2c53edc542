"""The ``rapport-field`` command: a caseworker's phone at a terminal."""

import json
import os
import sys
from collections.abc import Sequence

from rapport_client._cli import parser
from rapport_client._cli.messages import STOPPED
from rapport_client._cli.outcome import Outcome, RefusedError, failure_outcome
from rapport_client.errors import RapportError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: the command line without the program's name; that of this process
            if None.

    Returns:
        The exit status, one of ``Exit``.
    """
    options = parser.parse(arguments)
    try:
        outcome = options.run(options)
    except RapportError as error:
        outcome = failure_outcome(error, options.language)
    except KeyboardInterrupt:
        outcome = failure_outcome(RefusedError(STOPPED), options.language)
    try:
        _print_outcome(outcome, as_json=options.json)
    except BrokenPipeError:
        # The reader has closed the pipe; Python would report that again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return outcome.exit


def _print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    text = outcome.text
    if as_json:
        text = json.dumps(outcome.document, ensure_ascii=False, indent=2)
    stream = sys.stderr if outcome.is_failure and not as_json else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()
