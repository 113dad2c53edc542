"""Start of the sealing job as a child of the tick, when it has work here."""

import logging
import time
from subprocess import TimeoutExpired

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.dependencies import Dependencies
from rapport_service.core.seal_process import SealProcess
from rapport_service.lifecycle.sealing_site import find_site
from rapport_service.lifecycle.sealing_work import find_work
from rapport_service.registry.models import Wave

log = logging.getLogger(__name__)

MIN_PAUSE_SECONDS = 0.2
"""How long a tick rests in any case."""

RETRY_SECONDS = 5
"""How long after a run that failed there is another one, at least."""


class SealStarter:
    """Starts the sealing job as a child of the tick, one at a time, if it has work."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._process: SealProcess | None = None
        self._has_warned = False
        self._retry_at = 0.0

    def start_if_due(self) -> bool:
        """Starts the job if this machine seals, and there is something to do.

        Returns:
            Whether it has been started now.
        """
        status = None if self._process is None else self._process.poll()
        if self._process is not None and status is None:
            return False
        self._process = None
        if status:
            self._retry_at = time.monotonic() + RETRY_SECONDS
        if time.monotonic() < self._retry_at:
            return False
        site = find_site(self._deps)
        if not site.problems and not self._has_warned:
            self._has_warned = True
            log.warning("this machine does not seal: RAPPORT_SEALING_KEYS is not set")
        if not site.problems:
            return False
        folders = site.usable
        with read_transaction(Door.SEAL) as session:
            work = find_work(session, folders, self._deps.clock())
            is_new = site.may_initialize and folders is None and _has_keyless(session)
        if work or is_new or (folders is not None and folders.can_copy()):
            self._process = self._deps.start_seal()
        return self._process is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the job that was started; whether it ended, and well."""
        if self._process is None:
            return True
        try:
            return self._process.wait(timeout) == 0
        except TimeoutExpired:
            return False

    def pause(self, seconds: float) -> None:
        """Waits so long, or until the job has ended: then there may be a next step."""
        if self._process is None:
            time.sleep(seconds)
        else:
            self.wait(seconds)
            time.sleep(min(seconds, MIN_PAUSE_SECONDS))

    def terminate(self) -> None:
        """Ends the job; the next one does what it had begun."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()


def _has_keyless(session: Session) -> bool:
    """Whether a planned wave waits for a key, in a database that never had one."""
    keyless = select(Wave.wave_id).where(
        Wave.state == WaveState.PLANNED, Wave.sealing_key.is_(None)
    )
    return session.scalar(keyless.limit(1)) is not None
