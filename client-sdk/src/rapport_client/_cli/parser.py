"""Command line: its commands, their arguments and their help."""

import argparse
import os
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapport_client import _http
from rapport_client._cli import ballot_commands, field_commands, reading_commands
from rapport_client._cli.messages import DEFAULT_OUTBOX
from rapport_client._cli.outcome import EXIT_STATUS_HELP, Options, Outcome
from rapport_client._version import __version__
from rapport_client._wording import read_locale
from rapport_client.device import DEFAULT_PERSON

_Argument = Callable[[ArgumentParser], None]


def _add_code(parser: ArgumentParser) -> None:
    """An enrolment code."""
    parser.add_argument("code", metavar="CODE", help="such as acme-7QFM-29XK-T4WD")


def _add_again(parser: ArgumentParser) -> None:
    """Consent to another code for a person who is enrolled."""
    parser.add_argument(
        "--again",
        action="store_true",
        help="this is another code of the same person who is enrolled here",
    )


def _add_wave(parser: ArgumentParser) -> None:
    """A wave's public id."""
    parser.add_argument("wave_id", metavar="WAVE", help="the id that `pulses` shows")


def _add_wave_if_several(parser: ArgumentParser) -> None:
    """A wave's public id, where there can be a doubt."""
    parser.add_argument(
        "wave_id",
        metavar="WAVE",
        nargs="?",
        help="the id that `pulses` shows; not needed if there is only one",
    )


def _add_outbox(parser: ArgumentParser) -> None:
    """The file that is the device, the person on it, and its key."""
    parser.add_argument(
        "--outbox",
        metavar="PATH",
        default=DEFAULT_OUTBOX,
        help="the file that is this device (default: outbox.db in this folder)",
    )
    parser.add_argument(
        "--person",
        metavar="NAME",
        type=_parse_person,
        default=DEFAULT_PERSON,
        help="your name, if several people share this device (default: me)",
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
        help="run until stopped: send new answers, draw ballots every hour",
    )


def _add_server(parser: ArgumentParser) -> None:
    """The service's origin."""
    parser.add_argument(
        "--server",
        metavar="URL",
        type=_parse_origin,
        help="the service, such as https://rapport.example; needed for the first"
        " enrolment on an outbox only, which keeps it",
    )


def _add_ballot_box(parser: ArgumentParser) -> None:
    """The origin of the ballot-box door."""
    parser.add_argument(
        "--ballot-box",
        metavar="URL",
        type=_parse_origin,
        help="the address for answers, if it is not that of the service; kept, too",
    )


def _add_url(parser: ArgumentParser) -> None:
    """The service's new origin."""
    parser.add_argument(
        "url",
        metavar="URL",
        type=_parse_origin,
        help="the new address of your service, such as https://rapport.example",
    )


def _add_new_code(parser: ArgumentParser) -> None:
    """A code in place of an enrolment that has ended."""
    parser.add_argument(
        "--code",
        dest="new_code",
        metavar="CODE",
        help="a new code of yours, if your enrolment has ended",
    )


def _add_tokens(parser: ArgumentParser) -> None:
    """The file with a reader's tokens."""
    parser.add_argument(
        "--tokens",
        metavar="PATH",
        default=reading_commands.DEFAULT_TOKENS,
        help="the file with your tokens (default: rapport-reading.json in this folder)",
    )


def _add_device(parser: ArgumentParser) -> None:
    """The secret with which a code was presented before."""
    parser.add_argument(
        "--device",
        metavar="SECRET",
        help="what `rapport-field enrol` printed, if you gave it this code before",
    )


def _add_team(parser: ArgumentParser) -> None:
    """One team, and one wave of it."""
    parser.add_argument(
        "team",
        metavar="TEAM",
        nargs="?",
        help="the id or the external id of a team; with it, its score is explained",
    )
    parser.add_argument(
        "--wave", metavar="WAVE", help="the id of a wave (default: the newest)"
    )


def _add_csv(parser: ArgumentParser) -> None:
    """A table instead of text."""
    parser.add_argument(
        "--csv", action="store_true", help="print a table (CSV) instead of text"
    )


def _add_language(parser: ArgumentParser) -> None:
    """The language of the questions, and of all text for the person."""
    parser.add_argument(
        "--language",
        metavar="TAG",
        default=read_locale(os.environ),
        help="en or es, or with a region, such as es-MX; untranslated text is in"
        " English (default: that of this computer)",
    )


def _add_answers(parser: ArgumentParser) -> None:
    """A file of answers."""
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="a JSON file, or - for the standard input; without it, the command asks;"
        " the file stays readable: delete it afterwards",
    )


def _add_sync(parser: ArgumentParser) -> None:
    """The reply of the poll book."""
    _add_file(parser, "--sync", "the reply of GET /v1/sync")


def _add_charter(parser: ArgumentParser) -> None:
    """The charter of the wave."""
    _add_file(parser, "--charter", "the reply of GET /v1/waves/WAVE/charter")


def _add_key(parser: ArgumentParser) -> None:
    """The group's ballot key."""
    _add_file(parser, "--key", "the reply of GET /v1/keys/...")


def _add_instrument(parser: ArgumentParser) -> None:
    """The questions."""
    _add_file(parser, "--instrument", "the reply of GET /v1/instruments/...")


def _add_submission(parser: ArgumentParser) -> None:
    """The body that was sent."""
    _add_file(parser, "--submission", "the body that you sent")


def _add_reply(parser: ArgumentParser) -> None:
    """The service's reply."""
    _add_file(parser, "--reply", "the reply of the service")


def _add_json(parser: ArgumentParser) -> None:
    """JSON instead of text."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object instead of text, also for errors",
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
Answer Rapport pulses from a terminal. Enrol once. Sync where there is a signal, answer
anywhere, and sync again. All data of this device is in one file, its outbox. Keep the
file and its key to yourself: a person who has both can answer in your place.
"""

ABOUT_BALLOTS = """\
Draw and send with any program that speaks HTTP, such as curl. These commands compute
and keep the secrets, and never use the network. `answer` and `status` work as usual.
README.md shows a session from beginning to end, and docs/ballots.md explains it.
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
        "Enrol this device with the code that your agency gave you. If the connection"
        " breaks, run the command again on this device with the same code. If"
        " another person uses this device too, choose another name with --person. The"
        " outbox keeps the address of the service, and sends nothing to any other.",
        (
            _add_code,
            _add_again,
            _add_server,
            _add_ballot_box,
            _add_language,
            _add_outbox,
        ),
    ),
    _Command(
        "sync",
        field_commands.sync,
        "send the answers that wait, then draw ballots for the pulses to come",
        "Send the answers that wait, one by one and without credentials. Then draw a"
        " ballot for every pulse that is announced, whether or not you answer it later."
        " With --keep-going it runs until you stop it, and leaves some minutes between"
        " asking for pulses and sending answers. Send it a SIGUSR1 when a connection"
        " has come back.",
        (_add_server, _add_ballot_box, _add_keep_going, _add_language, _add_outbox),
    ),
    _Command(
        "move",
        field_commands.move,
        "follow your service to its new address; online",
        "Tell this outbox the new address of your service, for all people on it. The"
        " new address has to prove that it is the same service; if it cannot, nothing"
        " is changed, and no answer is sent to it.",
        (_add_url, _add_ballot_box, _add_new_code, _add_language, _add_outbox),
    ),
    _Command(
        "pulses",
        field_commands.pulses,
        "show what can be answered now, and what comes next; needs no signal",
        "Show the pulses that you can answer now, with their questions, and when the"
        " next one opens. The times go by the clock of this device, unless the service"
        " contradicts it. No signal is needed.",
        (_add_language, _add_outbox),
    ),
    _Command(
        "answer",
        field_commands.answer,
        "answer a pulse; needs no signal",
        "Answer a pulse: question by question, or from a JSON file such as"
        ' {"answers": {"A0": 4, ...}, "context": "normal"}; the context may be null.'
        " Each person gets other questions: `pulses --json` lists yours, and the values"
        " that each takes. All of them need an answer. This command locks your answers"
        " in an envelope that nobody can open before all are opened together. It is on"
        " disk when the command ends, and goes out with the next sync. You cannot"
        " change it.",
        (_add_wave_if_several, _add_answers, _add_language, _add_outbox),
    ),
    _Command(
        "withdraw",
        field_commands.withdraw,
        "withdraw your answer to a pulse; needs no signal",
        "Withdraw your answer. The withdrawal goes out with the next sync and is final:"
        " you cannot answer the pulse again. Once the answers have been unlocked, all"
        " together, it is too late, and the sync says so.",
        (_add_wave_if_several, _add_language, _add_outbox),
    ),
    _Command(
        "offer-again",
        field_commands.offer_again,
        "send an answer again that was refused for good; needs no signal",
        "Put an answer, or the withdrawal of one, back among those that wait, although"
        " it was refused for good. It goes out with the next sync. Use it when the"
        " cause has gone.",
        (_add_wave_if_several, _add_language, _add_outbox),
    ),
    _Command(
        "export-dead",
        field_commands.export_dead,
        "print the items that were refused for good, to ask for help",
        "Print, as JSON, every item that the service refused for good, with its ballot"
        " and its sealed envelope. Show it only to a person whom you trust: with your"
        " ballot they can withdraw your answer.",
        (_add_outbox,),
    ),
    _Command(
        "read",
        reading_commands.read,
        "read scores with a code for reading; once, online",
        "Read the scores of teams with the code for reading that your agency gave you."
        " Your tokens are kept in a file that only you can read. If the connection"
        " breaks, run the command again with the same code.",
        (_add_code, _add_server, _add_device, _add_language, _add_tokens),
    ),
    _Command(
        "results",
        reading_commands.results,
        "show the scores of the teams that you may read; online",
        "Show the newest score of each team that you may read, or of one team with the"
        " sentences that explain it. Run `rapport-field read` once before. With --json"
        " it prints the documents of the service.",
        (_add_team, _add_csv, _add_language, _add_tokens),
    ),
    _Command(
        "status",
        field_commands.status,
        "show where every answer is",
        "Show the state of every answer: it waits to be sent, the service has it, it"
        " was withdrawn, or it was refused and why. With --json the state is queued,"
        " in_flight, settled (the service has it, or says why it never will) or dead"
        " (refused for good).",
        (_add_language, _add_outbox),
    ),
)

BALLOT_COMMANDS = (
    _Command(
        "check",
        ballot_commands.check,
        "check a charter; prints which documents to fetch",
        "Check that the charter is the one that the poll book names, and that it"
        " protects your group. It prints the paths of the two documents to fetch next,"
        " without credentials: the group's ballot key and the questions.",
        (_add_wave, _add_sync, _add_charter),
    ),
    _Command(
        "blind",
        ballot_commands.blind,
        "make a ballot and blind it; prints the body for POST /v1/ballots",
        "Make a ballot for the wave, keep its secrets in the outbox, and print the"
        " request to sign it blind. If you run it again, it prints the same request: a"
        " wave has one ballot.",
        (
            *(_add_wave, _add_sync, _add_charter, _add_key, _add_instrument),
            _add_outbox,
        ),
    ),
    _Command(
        "finish",
        ballot_commands.finish,
        "finish the ballot that was signed; prints it",
        "Take the signature from the reply, unblind it, verify it as the ballot box"
        " does, and print the ballot, which is a JWT. Then `answer` takes answers.",
        (_add_wave, _add_reply, _add_outbox),
    ),
    _Command(
        "submission",
        ballot_commands.submission,
        "print the body for POST /v1/submissions",
        "Print the request that sends your answers. Answer the pulse first. Send the"
        " request without credentials, and not right after a request that has some.",
        (_add_wave, _add_outbox),
    ),
    _Command(
        "settle",
        ballot_commands.settle,
        "check the reply to a submission, and record its result",
        "Check that the reply is the exact one to this submission, and record its"
        " result. After any other reply the answers still wait: send the same body"
        " again.",
        (_add_wave, _add_submission, _add_reply, _add_outbox),
    ),
)


def parse(words: Sequence[str] | None) -> Options:
    """Parses a command line; ends the process with status 2 if it is wrong."""
    root = argparse.ArgumentParser(
        prog="rapport-field",
        description=ABOUT,
        epilog=EXIT_STATUS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    root.add_argument(
        "--version", action="version", version=f"rapport-field {__version__}"
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_commands(commands.add_parser, FIELD_COMMANDS)
    group = commands.add_parser(
        "ballot",
        help="the same steps with curl: check, blind, finish, ...",
        description=ABOUT_BALLOTS,
        epilog=EXIT_STATUS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    steps = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_commands(steps.add_parser, BALLOT_COMMANDS)
    defaults = Options(language=read_locale(os.environ))
    return root.parse_args(words, namespace=defaults)


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
