"""Running service: gunicorn on a port, and ``rapport tick``."""

import os
import signal
import socket
import subprocess
import sys
import time
from typing import Self

from demo.installation import Installation

GUNICORN = ("gunicorn", "-c", "python:rapport_service.gunicorn_conf")
STOP_SECONDS = 10
LOG_LINES = 40


class PortTakenError(Exception):
    """The port is in use by another program, or may not be used."""


class ServiceStoppedError(Exception):
    """The service ended by itself."""


class Server:
    """Serves an installation, with its schema up to date, until the block ends.

    Where the block ends with an error, the end of the service's log is printed.

    Args:
        installation: what to serve.
        port: on 127.0.0.1; any free one if 0.
        tick_seconds: the seconds between two looks for what is due in a wave.
    """

    def __init__(
        self, installation: Installation, *, port: int = 0, tick_seconds: float = 1
    ) -> None:
        self.installation = installation
        self._port = port
        self._tick_seconds = tick_seconds
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        with self._listen() as listener:
            self.url = "http://{}:{}".format(*listener.getsockname())
            self.installation.upgrade()
            descriptor = listener.fileno()
            try:
                self._start(
                    "web", *GUNICORN, "-b", f"fd://{descriptor}", inherits=(descriptor,)
                )
                self._start_ticking()
            except BaseException:
                self._stop()
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop()
        if kind is not None and issubclass(kind, Exception):
            self._print_log()

    def serve_forever(self) -> None:
        """Waits for a signal, or for the service to end by itself; never returns.

        Raises:
            ServiceStoppedError: gunicorn or the tick ended.
        """
        while all(process.poll() is None for process in self._processes.values()):
            time.sleep(0.5)
        raise ServiceStoppedError(
            f"The service has stopped. Read why in {self.installation.log}"
        )

    def _stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _listen(self) -> socket.socket:
        """Takes the port before anything else happens; gunicorn inherits it.

        A client that connects before gunicorn is up waits a moment.
        """
        try:
            return socket.create_server(("127.0.0.1", self._port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise PortTakenError(
                f"Port {self._port} cannot be used: {reason}"
            ) from error
        except OverflowError as error:
            raise PortTakenError(f"{self._port} is not a port") from error

    def _start_ticking(self) -> None:
        self._start("tick", "rapport", "tick", "--every", str(self._tick_seconds))

    def _start(
        self, role: str, name: str, *arguments: str, inherits: tuple[int, ...] = ()
    ) -> None:
        with self.installation.log.open("ab") as log:
            self._processes[role] = subprocess.Popen(
                self.installation.command(name, *arguments),
                env=self.installation.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=inherits,
                start_new_session=True,  # Ctrl-C is for us; we stop them in order
            )

    def _print_log(self) -> None:
        lines = self.installation.log.read_text().splitlines()[-LOG_LINES:]
        print(
            f"The last lines of {self.installation.log}:",
            *lines,
            sep="\n",
            file=sys.stderr,
        )


def end_by_signal() -> None:
    """Lets SIGTERM and SIGHUP end this program as Ctrl-C does, cleaning up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
