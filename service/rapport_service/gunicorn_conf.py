"""gunicorn's configuration: ``gunicorn -c python:rapport_service.gunicorn_conf ...``.

gunicorn itself would write the address that sent a malformed request. Nothing
here may write an address, so its messages about single requests are dropped, and what
it says of the server is written as JSON like the service's own log.
"""

import gc
import logging

from gunicorn.glogging import Logger

from rapport_service.core.logging_config import JsonFormatter
from rapport_service.framing_errors import ProblemWorker

wsgi_app = "rapport_service.app:from_environment()"
worker_class = ProblemWorker
workers = 2
threads = 4
control_socket_disable = True

REQUEST_MESSAGE_PREFIXES = (
    "Invalid request",
    "Error handling",
    "Socket error",
    "HTTP/2",
    "WSGI app sent body",
)
"""How gunicorn's messages about single requests begin."""


MIN_NEW_OBJECTS = 10_000
"""How many new objects make Python look for garbage in cycles; its default is 700."""


def post_worker_init(_worker: object) -> None:
    """Spares the objects of the program itself each search for garbage.

    A request with 100,000 people would take half as long again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MIN_NEW_OBJECTS)


class QuietLogger(Logger):  # type: ignore[misc] # gunicorn ships no type hints
    """gunicorn's log without a line per request, good or malformed."""

    def setup(self, cfg: object) -> None:
        """Sets the log up and mutes messages about single requests."""
        super().setup(cfg)
        self.error_log.addFilter(_is_about_server)
        for handler in self.error_log.handlers:
            handler.setFormatter(_ServerFormatter())

    def access(self, *_: object) -> None:
        """Writes nothing, also where an access log is asked for."""


class _ServerFormatter(JsonFormatter):
    """Adds the traceback: no message about the server quotes a request."""

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            record.trace = self.formatException(record.exc_info)
        return super().format(record)


def _is_about_server(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(REQUEST_MESSAGE_PREFIXES)


logger_class = QuietLogger
