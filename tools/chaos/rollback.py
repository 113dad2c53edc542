"""Restore of a backup while a wave is open, which loses everything since."""

import time
from collections.abc import Mapping, Sequence

from demo.waves import Wave
from tools.chaos.environment import RunEnvironment

SNAPSHOT = "snapshot"


class Rollback:
    """Takes a snapshot of the database in an open wave, and restores it later.

    Args:
        environment: of the run.
        wave: the last one; all others have to be sealed before.
        seconds: between snapshot and restore, at least.
    """

    def __init__(self, environment: RunEnvironment, wave: Wave, seconds: float) -> None:
        self.copied: float | None = None
        self.restored: float | None = None
        self._environment = environment
        self._wave = wave
        self._seconds = seconds

    @property
    def is_done(self) -> bool:
        """Whether the snapshot was restored."""
        return self.restored is not None

    def is_possible(self, states: Mapping[str, str]) -> bool:
        """Whether the snapshot can be taken or restored now.

        Args:
            states: of all waves.
        """
        others = {state for wave, state in states.items() if wave != self._wave.id}
        is_open = states.get(self._wave.id) == "open"
        return not self.is_done and is_open and others == {"sealed"}

    def advance(self, states: Mapping[str, str], acknowledged: Sequence[float]) -> bool:
        """Takes the next step that is due; returns whether it was the restore.

        Args:
            states: of all waves.
            acknowledged: times at which answers were acknowledged. One of them has to
                be after the snapshot, or the restore would lose nothing.
        """
        if not self.is_possible(states):
            return False
        if self.copied is None:
            self._environment.server.restart(SNAPSHOT, roll_back=False)
            self.copied = time.monotonic()
            return False
        forgets = any(at > self.copied for at in acknowledged)
        if forgets and time.monotonic() > self.copied + self._seconds:
            self._environment.server.restart(SNAPSHOT, roll_back=True)
            self.restored = time.monotonic()
            return True
        return False
