"""Catching everything that a stretch of work logs, as it would be written."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rapport_service.core.logging_config import JsonFormatter


class LogRecords(list[dict[str, Any]]):
    """The lines, read back; ``text`` is what was written."""

    text: str = ""


@contextmanager
def capture_logs() -> Iterator[LogRecords]:
    """What every logger of the process says: ours, and the libraries' warnings."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, ours = logging.getLogger(), logging.getLogger("rapport_service")
    before = ours.level, ours.propagate, ours.handlers
    ours.setLevel(logging.INFO)
    ours.propagate, ours.handlers = True, []
    root.addHandler(handler)
    lines = LogRecords()
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        ours.level, ours.propagate, ours.handlers = before
        lines.text = stream.getvalue()
        lines += [json.loads(line) for line in lines.text.splitlines()]
