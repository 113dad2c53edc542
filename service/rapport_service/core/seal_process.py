"""The sealing job as a child process, whose log is passed on without repetitions."""

import subprocess
import sys
from threading import Thread
from typing import IO, Protocol

from rapport_service.core.logging_config import RepeatFilter, is_line_news

_PROGRAM = "from rapport_service.cli import main; main()"


class SealProcess(Protocol):
    """A running sealing job; what is used of ``subprocess.Popen``."""

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended."""

    def terminate(self) -> None:
        """Ends it; what it has begun is done again by the next one."""


class _RelayedProcess:
    """A process whose standard error comes out of this one, line by line.

    Args:
        words: the command.
        repeats: leaves out a warning of its log that an earlier process has logged.
    """

    def __init__(self, words: list[str], repeats: RepeatFilter) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            words, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
        )
        assert self._process.stderr is not None
        self._relay = Thread(
            target=_relay_lines, args=(self._process.stderr, repeats), daemon=True
        )
        self._relay.start()

    def poll(self) -> int | None:
        """Its exit status; None while it runs, or a line of it is not out yet."""
        return None if self._relay.is_alive() else self._process.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, once it has ended and its last line is out."""
        status = self._process.wait(timeout)
        self._relay.join()
        return status

    def terminate(self) -> None:
        """Ends it; what it has begun is done again by the next one."""
        self._process.terminate()


class SealLauncher:
    """Starts ``rapport seal``, one after another, with the environment of this process.

    What fails in one fails in the next, a few seconds later, until somebody mends it:
    the failure is logged once, and again after an hour.
    """

    def __init__(self) -> None:
        self._repeats = RepeatFilter()

    def __call__(self) -> SealProcess:
        """Starts the job; the one before has ended."""
        self._repeats.begin_turn()
        return _RelayedProcess([sys.executable, "-c", _PROGRAM, "seal"], self._repeats)


start_seal_process = SealLauncher()


def _relay_lines(lines: IO[str], repeats: RepeatFilter) -> None:
    with lines:
        for line in lines:
            if is_line_news(line, repeats):
                sys.stderr.write(line)
                sys.stderr.flush()
