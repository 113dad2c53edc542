"""The arguments of the commands; each is declared once."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable

from rapport_client import _http
from rapport_client.device import DEFAULT_PERSON

Argument = Callable[[ArgumentParser], None]


def code(parser: ArgumentParser) -> None:
    """An enrolment code."""
    parser.add_argument("code", metavar="CODE", help="such as acme-7QFM-29XK-T4WD")


def again(parser: ArgumentParser) -> None:
    """Consent to another code for somebody who is enrolled."""
    parser.add_argument(
        "--again",
        action="store_true",
        help="this is another code of the person who is enrolled here, nobody else's",
    )


def wave(parser: ArgumentParser) -> None:
    """A wave's public id."""
    parser.add_argument("wave", metavar="WAVE", help="the id that `pulses` shows")


def outbox(parser: ArgumentParser) -> None:
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


def keep_going(parser: ArgumentParser) -> None:
    """Syncing until the process is stopped."""
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="go on until stopped: send what is put into the outbox, draw every hour",
    )


def server(parser: ArgumentParser) -> None:
    """The service's origin."""
    parser.add_argument(
        "--server",
        metavar="URL",
        type=_parse_origin,
        required=True,
        help="the service, such as https://rapport.example",
    )


def ballot_box(parser: ArgumentParser) -> None:
    """The origin of the ballot-box door."""
    parser.add_argument(
        "--ballot-box",
        metavar="URL",
        type=_parse_origin,
        help="where answers go, if that is another address than --server",
    )


def language(parser: ArgumentParser) -> None:
    """The language of the questions, and of what is said around them."""
    parser.add_argument(
        "--language",
        metavar="TAG",
        default="en",
        help="en or es; what is not translated is in English (default: en)",
    )


def answers(parser: ArgumentParser) -> None:
    """A file of answers."""
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="JSON instead of questions at the terminal; - reads the standard input",
    )


def sync(parser: ArgumentParser) -> None:
    """The reply of the poll book."""
    _add_file(parser, "--sync", "what GET /v1/sync replied")


def charter(parser: ArgumentParser) -> None:
    """The charter of the wave."""
    _add_file(parser, "--charter", "what GET /v1/waves/WAVE/charter replied")


def key(parser: ArgumentParser) -> None:
    """The group's ballot key."""
    _add_file(parser, "--key", "what GET /v1/keys/... replied")


def instrument(parser: ArgumentParser) -> None:
    """The questions."""
    _add_file(parser, "--instrument", "what GET /v1/instruments/... replied")


def submission(parser: ArgumentParser) -> None:
    """The body that was sent."""
    _add_file(parser, "--submission", "the body that was sent")


def reply(parser: ArgumentParser) -> None:
    """The service's reply."""
    _add_file(parser, "--reply", "what the service replied")


def as_json(parser: ArgumentParser) -> None:
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
