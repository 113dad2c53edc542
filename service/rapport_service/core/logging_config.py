"""Logs: one JSON object a line. No bodies, no tokens, no addresses.

The ballot-box door writes no line per request at all; a failure behind it is logged
with the hour alone.
"""

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "hourly",
}


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


def configure() -> None:
    """Sends the service's log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger("rapport_service")
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False
