"""The command line: its commands, their arguments and their help."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapport_client._cli import arguments as given
from rapport_client._cli import ballot_commands, field_commands
from rapport_client._cli.options import Options
from rapport_client._cli.outcome import EXIT_STATUS_HELP, Outcome

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
    arguments: tuple[given.Argument, ...]


FIELD_COMMANDS = (
    _Command(
        "enrol",
        field_commands.enrol,
        "enrol this device with a code; once, online",
        "Enrol this device with the code that your agency gave you. If the line breaks,"
        " run it again with the same code: it is always the same device that asks."
        " Somebody else on the same device needs another --person.",
        (given.code, given.again, given.server, given.outbox),
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
        (given.server, given.ballot_box, given.keep_going, given.outbox),
    ),
    _Command(
        "pulses",
        field_commands.pulses,
        "show what can be answered now; needs no signal",
        "Show the pulses that can be answered now, with their questions. This goes by"
        " the clock of this device and needs no signal.",
        (given.language, given.outbox),
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
        (given.wave, given.answers, given.language, given.outbox),
    ),
    _Command(
        "withdraw",
        field_commands.withdraw,
        "take back your answer to a pulse; needs no signal",
        "Take back what you answered. It goes out with the next sync and is final: the"
        " pulse cannot be answered again. Once a score that counts your answer is out,"
        " it is too late, and the sync says so.",
        (given.wave, given.language, given.outbox),
    ),
    _Command(
        "export-dead",
        field_commands.export_dead,
        "print what was refused for good, to ask for help with it",
        "Print, as JSON, every item that the service refused for good, with its ballot"
        " and its content. Show it only to somebody whom you trust with your answers.",
        (given.outbox,),
    ),
    _Command(
        "status",
        field_commands.status,
        "show where every answer is",
        "Show where everything given on this device is: it waits to be sent, is with"
        " the service, was taken back, or was refused and why. With --json the state"
        " is queued, in_flight, settled (the service has it, or says why it never"
        " will) or dead (refused for good).",
        (given.language, given.outbox),
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
        (given.wave, given.sync, given.charter),
    ),
    _Command(
        "blind",
        ballot_commands.blind,
        "make a ballot and hide it; prints the body for POST /v1/ballots",
        "Make a ballot for the wave, keep its secrets in the outbox, and print the"
        " request that has it signed without being seen. Run again, it prints the same"
        " request: a wave has one ballot.",
        (
            *(given.wave, given.sync, given.charter, given.key, given.instrument),
            given.outbox,
        ),
    ),
    _Command(
        "finish",
        ballot_commands.finish,
        "finish the ballot that was signed; prints it",
        "Take the signature out of the reply, unblind it, verify it as the ballot box"
        " will, and print the ballot, which is a JWT. Now `answer` takes answers.",
        (given.wave, given.reply, given.outbox),
    ),
    _Command(
        "submission",
        ballot_commands.submission,
        "print the body for POST /v1/submissions",
        "Print the request that sends the answers, which must have been given. Send it"
        " without any credentials, and not right after a request that has some.",
        (given.wave, given.outbox),
    ),
    _Command(
        "settle",
        ballot_commands.settle,
        "check the reply to a submission, and let go of the answers",
        "Check that the reply is the exact one to this submission, and note what it"
        " says. Anything else leaves the answers waiting: send the same body again.",
        (given.wave, given.submission, given.reply, given.outbox),
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
        for argument in (*command.arguments, given.as_json):
            argument(parser)
        parser.set_defaults(run=command.run)
