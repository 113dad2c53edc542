"""gunicorn's configuration: ``gunicorn -c python:rapport_service.serving ...``.

gunicorn itself would write the address of whoever sends a malformed request. Nothing
here may write an address, so its messages about single requests are dropped.
"""

import logging

from gunicorn.glogging import Logger

wsgi_app = "rapport_service.app:from_environment()"
worker_class = "gthread"
workers = 2
threads = 4
control_socket_disable = True


class QuietLogger(Logger):  # type: ignore[misc] # gunicorn ships no type hints
    """gunicorn's log without a line per request, good or malformed."""

    def setup(self, cfg: object) -> None:
        """Sets the log up and mutes what speaks of single requests."""
        super().setup(cfg)
        self.error_log.addFilter(_about_the_server)


def _about_the_server(record: logging.LogRecord) -> bool:
    message = str(record.msg)
    return not message.startswith(("Invalid request", "Error handling request"))


logger_class = QuietLogger
