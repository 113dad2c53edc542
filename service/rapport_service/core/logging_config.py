"""Logs: one JSON object a line. No bodies, no tokens, no addresses.

The ballot-box door writes no line per request at all; a failure behind it is logged
with the hour alone.
"""

import json
import logging
import math
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import cast

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "hourly",
}

REPEAT_SECONDS = 60 * 60
"""How long a warning that stays true is not repeated by a loop."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line; ``extra`` members come along."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for one record."""
        at = datetime.fromtimestamp(record.created, UTC)
        hourly = getattr(record, "hourly", False)
        line: dict[str, object] = {
            "at": at.isoformat(timespec="hours" if hourly else "milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line.update(
            (name, value)
            for name, value in vars(record).items()
            if name not in _STANDARD
        )
        return json.dumps(line, default=str)


class RepeatFilter(logging.Filter):
    """Lets a warning through once, and not at every turn of a loop.

    The same one is let through again an hour later, or once it was gone for a turn.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._logged_at: dict[str, float] = {}
        self._seen: set[str] = set()

    def begin_turn(self) -> None:
        """Forgets the warnings that the last turn did not repeat."""
        self._logged_at = {
            key: at for key, at in self._logged_at.items() if key in self._seen
        }
        self._seen.clear()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is news, or no warning."""
        members = {
            name: value for name, value in vars(record).items() if name not in _STANDARD
        }
        return self.is_news(record.levelno, record.getMessage(), members)

    def is_news(self, level: int, event: str, members: Mapping[str, object]) -> bool:
        """Whether an event is news, or no warning; its trace makes no difference."""
        if level < logging.WARNING:
            return True
        facts = sorted(
            (name, str(value)) for name, value in members.items() if name != "trace"
        )
        key = f"{event} {facts}"
        self._seen.add(key)
        now = self._clock()
        if now - self._logged_at.get(key, -math.inf) < REPEAT_SECONDS:
            return False
        self._logged_at[key] = now
        return True


def is_line_news(line: str, repeats: RepeatFilter) -> bool:
    """Whether a line of another process's log is news, or no line of a log."""
    try:
        members = json.loads(line)
    except ValueError:
        return True
    match members:
        case {"at": str(), "level": str(level), "event": str(event), **rest}:
            number = logging.getLevelNamesMapping().get(level.upper(), logging.ERROR)
            return repeats.is_news(number, event, cast(Mapping[str, object], rest))
        case _:
            return True


def log_repeats_once() -> RepeatFilter:
    """Gives the log a filter for a loop, whose turns the caller begins."""
    repeats = RepeatFilter()
    for handler in logging.getLogger("rapport_service").handlers:
        handler.addFilter(repeats)
    return repeats


def configure() -> None:
    """Sends the service's log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger("rapport_service")
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
