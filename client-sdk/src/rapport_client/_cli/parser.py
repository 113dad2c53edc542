"""Command line: its commands, their arguments and their help."""

import argparse
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapport_client import _http
from rapport_client._cli import ballot_commands, field_commands
from rapport_client._cli.outcome import EXIT_STATUS_HELP, Options, Outcome
from rapport_client.device import DEFAULT_PERSON

_Argument = Callable[[ArgumentParser], None]


def _add_code(parser: ArgumentParser) -> None:
    """An enrolment code."""
    parser.add_argument("code", metavar="CODE", help="such as acme-7QFM-29XK-T4WD")


def _add_again(parser: ArgumentParser) -> None:
    """Consent to another code for somebody who is enrolled."""
    parser.add_argument(
        "--again",
        action="store_true",
        help="this is another code of the person who is enrolled here, nobody else's",
    )


def _add_wave(parser: ArgumentParser) -> None:
    """A wave's public id."""
    parser.add_argument("wave", metavar="WAVE", help="the id that `pulses` shows")


def _add_outbox(parser: ArgumentParser) -> None:
    """The file that is the device, the person on it, and its key."""
    parser.add_argument(
        "--outbox",
        metavar="PATH",
        default="outbox.db",
        help="the file that is this device (default: outbox.db in this folder)",
    )
    parser.add_argument(
        "--person",
        metavar="NAME",
        type=_parse_person,
        default=DEFAULT_PERSON,
        help="whose answers, where several people share this device (default: me)",
    )
    parser.add_argument(
        "--key-file",
        metavar="PATH",
        help="the file with the outbox's key (default: the outbox's name and .key)",
    )


def _add_keep_going(parser: ArgumentParser) -> None:
    """Syncing until the process is stopped."""
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="go on until stopped: send what is put into the outbox, draw every hour",
    )


def _add_server(parser: ArgumentParser) -> None:
    """The service's origin."""
    parser.add_argument(
        "--server",
        metavar="URL",
        type=_parse_origin,
        required=True,
        help="the service, such as https://rapport.example",
    )


def _add_ballot_box(parser: ArgumentParser) -> None:
    """The origin of the ballot-box door."""
    parser.add_argument(
        "--ballot-box",
        metavar="URL",
        type=_parse_origin,
        help="where answers go, if that is another address than --server",
    )


def _add_language(parser: ArgumentParser) -> None:
    """The language of the questions, and of what is said around them."""
    parser.add_argument(
        "--language",
        metavar="TAG",
        default="en",
        help="en or es; what is not translated is in English (default: en)",
    )


def _add_answers(parser: ArgumentParser) -> None:
    """A file of answers."""
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="JSON instead of questions at the terminal; - reads the standard input",
    )


def _add_sync(parser: ArgumentParser) -> None:
    """The reply of the poll book."""
    _add_file(parser, "--sync", "what GET /v1/sync replied")


def _add_charter(parser: ArgumentParser) -> None:
    """The charter of the wave."""
    _add_file(parser, "--charter", "what GET /v1/waves/WAVE/charter replied")


def _add_key(parser: ArgumentParser) -> None:
    """The group's ballot key."""
    _add_file(parser, "--key", "what GET /v1/keys/... replied")


def _add_instrument(parser: ArgumentParser) -> None:
    """The questions."""
    _add_file(parser, "--instrument", "what GET /v1/instruments/... replied")


def _add_submission(parser: ArgumentParser) -> None:
    """The body that was sent."""
    _add_file(parser, "--submission", "the body that was sent")


def _add_reply(parser: ArgumentParser) -> None:
    """The service's reply."""
    _add_file(parser, "--reply", "what the service replied")


def _add_json(parser: ArgumentParser) -> None:
    """JSON instead of text."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object instead of text, also when something goes wrong",
    )


def _add_file(parser: ArgumentParser, name: str, help_text: str) -> None:
    parser.add_argument(name, metavar="FILE", required=True, help=help_text)


def _parse_person(text: str) -> str:
    if not text:
        raise ArgumentTypeError("a person's name may not be empty")
    return text


def _parse_origin(text: str) -> str:
    try:
        return _http.parse_origin(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


ABOUT = """\
Answer Rapport pulses from a terminal: enrol once, sync where there is a signal, answer
anywhere, sync again. All that this device knows is in one file, its outbox. Keep it to
yourself, and its key too: whoever has both can answer in your place.
"""

ABOUT_BALLOTS = """\
Draw and send with any program that speaks HTTP, such as curl. These commands do the
arithmetic and keep the secrets, and never use the network; `answer` and `status` work
as ever. README.md shows a session from beginning to end, docs/ballots.md explains it.
"""


@dataclass(frozen=True)
class _Command:
    name: str
    run: Callable[[Options], Outcome]
    short: str
    long: str
    arguments: tuple[_Argument, ...]


FIELD_COMMANDS = (
    _Command(
        "enrol",
        field_commands.enrol,
        "enrol this device with a code; once, online",
        "Enrol this device with the code that your agency gave you. If the line breaks,"
        " run it again with the same code: it is always the same device that asks."
        " Somebody else on the same device needs another --person.",
        (_add_code, _add_again, _add_server, _add_outbox),
    ),
    _Command(
        "sync",
        field_commands.sync,
        "send the answers that wait, then draw ballots for the pulses to come",
        "Send the answers that wait, one by one and without credentials, then draw a"
        " ballot for every pulse that is announced, whether or not you will answer it."
        " With --keep-going it goes on until it is stopped, and minutes lie between"
        " asking for pulses and sending answers; a SIGUSR1 tells it that a connection"
        " has come back.",
        (_add_server, _add_ballot_box, _add_keep_going, _add_outbox),
    ),
    _Command(
        "pulses",
        field_commands.pulses,
        "show what can be answered now; needs no signal",
        "Show the pulses that can be answered now, with their questions. This goes by"
        " the clock of this device and needs no signal.",
        (_add_language, _add_outbox),
    ),
    _Command(
        "answer",
        field_commands.answer,
        "answer a pulse; needs no signal",
        "Answer a pulse: question by question, or from a file of JSON such as"
        ' {"answers": {"A0": 4, ...}, "context": "normal"}; the context may be null.'
        " Each person is asked other questions: `pulses --json` lists yours, which all"
        " need an answer, and the values that each takes. The answers are on disk when"
        " this ends and go out with the next sync. They cannot be changed.",
        (_add_wave, _add_answers, _add_language, _add_outbox),
    ),
    _Command(
        "withdraw",
        field_commands.withdraw,
        "take back your answer to a pulse; needs no signal",
        "Take back what you answered. It goes out with the next sync and is final: the"
        " pulse cannot be answered again. Once a score that counts your answer is out,"
        " it is too late, and the sync says so.",
        (_add_wave, _add_language, _add_outbox),
    ),
    _Command(
        "export-dead",
        field_commands.export_dead,
        "print what was refused for good, to ask for help with it",
        "Print, as JSON, every item that the service refused for good, with its ballot"
        " and its content. Show it only to somebody whom you trust with your answers.",
        (_add_outbox,),
    ),
    _Command(
        "status",
        field_commands.status,
        "show where every answer is",
        "Show where everything given on this device is: it waits to be sent, is with"
        " the service, was taken back, or was refused and why. With --json the state"
        " is queued, in_flight, settled (the service has it, or says why it never"
        " will) or dead (refused for good).",
        (_add_language, _add_outbox),
    ),
)

BALLOT_COMMANDS = (
    _Command(
        "check",
        ballot_commands.check,
        "check a charter; prints which documents to fetch",
        "Check that the charter is the one that the poll book names and that it"
        " protects your group. Prints the paths of the two documents to fetch next,"
        " without credentials: the group's ballot key and the questions.",
        (_add_wave, _add_sync, _add_charter),
    ),
    _Command(
        "blind",
        ballot_commands.blind,
        "make a ballot and hide it; prints the body for POST /v1/ballots",
        "Make a ballot for the wave, keep its secrets in the outbox, and print the"
        " request that has it signed without being seen. Run again, it prints the same"
        " request: a wave has one ballot.",
        (
            *(_add_wave, _add_sync, _add_charter, _add_key, _add_instrument),
            _add_outbox,
        ),
    ),
    _Command(
        "finish",
        ballot_commands.finish,
        "finish the ballot that was signed; prints it",
        "Take the signature out of the reply, unblind it, verify it as the ballot box"
        " will, and print the ballot, which is a JWT. Now `answer` takes answers.",
        (_add_wave, _add_reply, _add_outbox),
    ),
    _Command(
        "submission",
        ballot_commands.submission,
        "print the body for POST /v1/submissions",
        "Print the request that sends the answers, which must have been given. Send it"
        " without any credentials, and not right after a request that has some.",
        (_add_wave, _add_outbox),
    ),
    _Command(
        "settle",
        ballot_commands.settle,
        "check the reply to a submission, and let go of the answers",
        "Check that the reply is the exact one to this submission, and note what it"
        " says. Anything else leaves the answers waiting: send the same body again.",
        (_add_wave, _add_submission, _add_reply, _add_outbox),
    ),
)


def parse(words: Sequence[str] | None) -> Options:
    """Reads a command line; ends the process with status 2 where it makes no sense."""
    root = argparse.ArgumentParser(
        prog="rapport-field",
        description=ABOUT,
        epilog=EXIT_STATUS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_commands(commands.add_parser, FIELD_COMMANDS)
    group = commands.add_parser(
        "ballot",
        help="the same with curl in your own hands: check, blind, finish, ...",
        description=ABOUT_BALLOTS,
        epilog=EXIT_STATUS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    steps = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_commands(steps.add_parser, BALLOT_COMMANDS)
    return root.parse_args(words, namespace=Options())


def _add_commands(
    add_parser: Callable[..., argparse.ArgumentParser], commands: Sequence[_Command]
) -> None:
    for command in commands:
        parser = add_parser(
            command.name,
            help=command.short,
            description=command.long,
            allow_abbrev=False,
        )
        for argument in (*command.arguments, _add_json):
            argument(parser)
        parser.set_defaults(run=command.run)
