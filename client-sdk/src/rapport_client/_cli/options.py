"""What a command line says, typed; a command reads the options that it declares."""

import argparse
from collections.abc import Callable

from rapport_client._cli.outcome import Outcome


class Options(argparse.Namespace):
    """The options of all commands.

    Attributes:
        run: the command.
        json: tell the outcome as JSON.
        outbox: the file that is the device.
        person: whose namespace in it.
        key_file: the file with the outbox's key; the one beside it if None.
        keep_going: sync until the process is stopped.
        server: the service's origin.
        ballot_box: the origin of the ballot-box door, if it has one of its own.
        code: an enrolment code.
        again: the person who is enrolled has another code.
        wave: a wave's public id.
        language: of the questions, and of what is said around them.
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
    server: str
    ballot_box: str | None
    code: str
    again: bool
    wave: str
    language: str
    answers: str | None
    sync: str
    charter: str
    key: str
    instrument: str
    submission: str
    reply: str
