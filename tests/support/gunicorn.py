"""The service as it is run: gunicorn with its own configuration."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 20
"""Seconds to wait for a reply, or for the end of a process."""

SECRET = bytes(range(32))
"""A throw-away secret, the same in every run, so that failures repeat."""


def environment(database_url: str) -> dict[str, str]:
    """The settings of the service; others of the process that runs the tests go."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")}
    return others | {
        "RAPPORT_SECRET": base64.b64encode(SECRET).decode(),
        "RAPPORT_DATABASE_URL": database_url,
    }


class GunicornServer:
    """A server on a port of its own.

    Args:
        database_url: the database of the service.
        log: the file for its output.
        options: options of gunicorn, besides the usual ones.
    """

    def __init__(self, database_url: str, log: Path, *options: str) -> None:
        self.log = log
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        with listening, self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(BIN / "gunicorn", "-c", "python:rapport_service.gunicorn_conf"),
                    *("-b", f"fd://{listening.fileno()}", "--access-logfile", "-"),
                    *options,
                ],
                env=environment(database_url),
                pass_fds=[listening.fileno()],
                stdout=output,
                stderr=output,
            )

    def request(
        self, method: str, path: str, **kwargs: Any
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Sends one request on a connection of its own; the reply and its body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, TIMEOUT_SECONDS)
        try:
            connection.request(method, path, **kwargs)
            reply = connection.getresponse()
            return reply, reply.read()
        finally:
            connection.close()

    def raw(self, payload: bytes) -> bytes:
        """Sends bytes as they are; the reply, until the connection ends."""
        address = ("127.0.0.1", self.port)
        with socket.create_connection(address, TIMEOUT_SECONDS) as connection:
            connection.sendall(payload)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def workers(self) -> list[int]:
        """The process ids of its workers now."""
        master = self.process.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(pid) for pid in children.split()]

    def stop(self) -> int:
        """Ends it with SIGTERM; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_SECONDS)
