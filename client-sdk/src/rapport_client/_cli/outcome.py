"""What a command comes to: a text, a JSON document, and an exit status."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from rapport_client._cli.terminal_text import escape_control_characters
from rapport_client.errors import (
    OutboxUnusable,
    ProblemError,
    TransportFailure,
    UnexpectedReply,
)


class Exit(IntEnum):
    """The exit status."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NO_CONNECTION = 3
    OUTBOX_UNUSABLE = 4


EXIT_STATUS_HELP = """\
exit status:
  0  done
  1  refused; an answer waits or was refused (sync, status); a code is needed (sync)
  2  the command line, or a file that it names, is not right
  3  no reply, or one that is not Rapport's: try again where there is a signal
  4  the outbox cannot be read or written
"""


class RefusedError(Exception):
    """What was asked for cannot be done as things are."""


class UsageError(Exception):
    """A file or a text that was given cannot be read as what it should be."""


@dataclass(frozen=True)
class Outcome:
    """What a command comes to.

    Attributes:
        document: for ``--json``.
        text: for people.
        exit: the exit status.
    """

    document: Mapping[str, object]
    text: str
    exit: Exit = Exit.DONE

    @property
    def is_failure(self) -> bool:
        """Whether there is nothing to tell but what went wrong."""
        return "error" in self.document


def failure_outcome(error: Exception, *advice: str) -> Outcome:
    """The outcome of a command that an exception ended, and what to do next."""
    code = error.code if isinstance(error, ProblemError) else None
    rules = error.errors if isinstance(error, ProblemError) else ()
    lines = [
        f"rapport-field: {error}",
        *(f"  {rule.field}: {rule.rule}" for rule in rules),
        *(f"  {line}" for line in advice),
    ]
    told = {"name": type(error).__name__, "code": code, "message": str(error)}
    return Outcome(
        {"error": told}, escape_control_characters("\n".join(lines)), _exit_for(error)
    )


def _exit_for(error: Exception) -> Exit:
    match error:
        case TransportFailure() | UnexpectedReply():
            return Exit.NO_CONNECTION
        case OutboxUnusable():
            return Exit.OUTBOX_UNUSABLE
        case UsageError():
            return Exit.USAGE
        case _:
            return Exit.REFUSED
