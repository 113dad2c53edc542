"""Command options and command outcomes: text, JSON document, exit status."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from rapport_client.errors import (
    OutboxUnusable,
    ProblemError,
    RapportError,
    TokenFileUnusable,
    TransportFailure,
    UnexpectedReply,
)


def escape_control_characters(text: str) -> str:
    """The text with every control character but the line feed made visible."""
    return "".join(
        each if each == "\n" or each.isprintable() else repr(each)[1:-1]
        for each in text
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
  2  the command line, or a file that it names, is wrong
  3  no reply, or one that is not Rapport's: try again where there is a signal
  4  the outbox, or the file of tokens, cannot be read or written
"""


class RefusedError(RapportError):
    """The command cannot be carried out in this state."""


class UsageError(RapportError):
    """A file or an argument cannot be read, or has another form."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a command.

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
        """Whether the document is an error."""
        return "error" in self.document


def failure_outcome(error: RapportError, language: str, *advice: str) -> Outcome:
    """The outcome of a command that an exception ended, and what to do next."""
    code = error.code if isinstance(error, ProblemError) else None
    message = error.in_language(language)
    lines = [
        f"rapport-field: {message}",
        *(f"  {line}" for line in advice),
    ]
    document = {"name": type(error).__name__, "code": code, "message": message}
    return Outcome(
        {"error": document},
        escape_control_characters("\n".join(lines)),
        _exit_for(error),
    )


def _exit_for(error: Exception) -> Exit:
    match error:
        case TransportFailure() | UnexpectedReply():
            return Exit.NO_CONNECTION
        case OutboxUnusable() | TokenFileUnusable():
            return Exit.OUTBOX_UNUSABLE
        case UsageError():
            return Exit.USAGE
        case _:
            return Exit.REFUSED


class Options(argparse.Namespace):
    """The options of all commands.

    Attributes:
        run: the command.
        json: print the outcome as JSON.
        outbox: the file that is the device.
        person: the name of a namespace in it.
        key_file: the file with the outbox's key; the one next to it if None.
        keep_going: sync until the process is stopped.
        server: the service's origin; that of the enrolment if None.
        ballot_box: the origin of the ballot-box door, if it has one of its own; that of
            the enrolment if None.
        url: the service's new origin.
        code: an enrolment code.
        new_code: a code that takes the place of an enrolment that has ended.
        again: the person who is enrolled has another code.
        wave_id: a wave's public id; the only one there is if None.
        language: of the questions, and of all text for the person.
        device: the secret with which a code was presented before; None if it was not.
        tokens: the file with a reader's tokens.
        team: a team that is to be shown; all if None.
        csv: print a table.
        answers: a file of answers, ``-`` for the standard input, None to ask.
        sync: a file with the reply of ``/v1/sync``.
        charter: a file with a charter.
        key: a file with a ballot key.
        instrument: a file with questions.
        submission: a file with the body of a submission.
        reply: a file with the service's reply.
    """

    run: Callable[["Options"], Outcome]
    json: bool
    outbox: str
    person: str
    key_file: str | None
    keep_going: bool
    server: str | None
    ballot_box: str | None
    url: str
    code: str
    new_code: str | None
    again: bool
    wave_id: str
    language: str
    device: str | None
    tokens: str
    team: str | None
    csv: bool
    answers: str | None
    sync: str
    charter: str
    key: str
    instrument: str
    submission: str
    reply: str
