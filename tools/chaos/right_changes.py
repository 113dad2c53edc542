"""Administrators who are made and removed while a wave is open."""

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus

from demo.agency import ROOT
from demo.installation import CommandFailedError
from tools.chaos.access_requests import enrol, read_status
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Entry, Journal

REMOVED = "administrator removed in mid-wave"
ADMINISTRATORS_ONLY = "/v1/clients"
SECONDS_BETWEEN = (8.0, 20.0)


class RightChanges:
    """Makes a person an administrator, lets them read, and removes them.

    Commands and requests run in a thread of their own, so that the run goes on.

    Args:
        environment: of the run.

    Attributes:
        done: number of administrators who were removed.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self.done: Counter[str] = Counter()
        self._environment = environment
        self._journal = Journal(environment.operations)
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[Entry] | None = None
        self._next = 0.0
        self._number = 0

    @property
    def is_running(self) -> bool:
        """Whether a person is an administrator for the time being."""
        return self._under_way is not None

    def advance(self, states: Mapping[str, str], *, may_begin: bool) -> None:
        """Begins with the next administrator, if that is due.

        Args:
            states: of all waves.
            may_begin: whether another one may be made; if not, only what was begun
                goes on.
        """
        if self._under_way is not None:
            if self._under_way.done():
                self.end()
            return
        is_due = may_begin and time.monotonic() > self._next
        if is_due and "open" in states.values():
            self._next = time.monotonic() + self._environment.rng.uniform(
                *SECONDS_BETWEEN
            )
            self._number += 1
            self._under_way = self._thread.submit(self._run, f"guest-{self._number}")

    def end(self) -> None:
        """Waits until no person is an administrator for the time being.

        Raises:
            CommandFailedError: a command failed otherwise than by its refusal.
        """
        if self._under_way is None:
            return
        self._journal.note("right removed", **self._under_way.result())
        self._under_way = None
        self.done[REMOVED] += 1

    def _run(self, person: str) -> Entry:
        """Makes and removes an administrator, in the thread."""
        installation, server = self._environment.installation, self._environment.server
        admin = ("organization", "admin", ROOT)
        code = installation.rapport(*admin, "--add", person).splitlines()[0]
        token, _ = enrol(server.url, code)
        before = read_status(server.url, ADMINISTRATORS_ONLY, token)
        installation.rapport(*admin, "--remove", person)
        after = read_status(server.url, ADMINISTRATORS_ONLY, token)
        return {
            "person": person,
            "before": before,
            "after": after,
            "is_last_kept": self._is_last_kept(),
        }

    def _is_last_kept(self) -> bool:
        """Whether the agency keeps its last administrator."""
        admin = ("organization", "admin", ROOT)
        (last,) = self._environment.installation.rapport(*admin, "--list").split()
        try:
            self._environment.installation.rapport(*admin, "--remove", last)
        except CommandFailedError:
            return True
        return False


def is_kept_out(entry: Entry) -> bool:
    """Whether a removed administrator is let in no more."""
    before, after = int(entry["before"]), int(entry["after"])
    return before == HTTPStatus.OK != after
