"""A backup is restored while a wave is open: what came in since the backup is gone."""

import time
from collections.abc import Mapping, Sequence

from demo.waves import Wave
from tools.chaos.environment import RunEnvironment


class Rollback:
    """Takes a snapshot of an open wave, lets time pass, and goes back to it.

    Args:
        stage: is running.
        wave: the last one; all others have to be sealed before.
        seconds: between the snapshot and the way back, at least.
    """

    def __init__(self, stage: RunEnvironment, wave: Wave, seconds: float) -> None:
        self.copied: float | None = None
        self.restored: float | None = None
        self._stage = stage
        self._wave = wave
        self._seconds = seconds

    @property
    def is_done(self) -> bool:
        """Whether the service has gone back."""
        return self.restored is not None

    def advance(self, states: Mapping[str, str], acknowledged: Sequence[float]) -> bool:
        """Does what is due; says whether the service went back just now.

        Args:
            states: of all waves.
            acknowledged: when phones were told of answers that they are safe. One has
                to come in after the snapshot, or there is nothing to forget.
        """
        others = {state for wave, state in states.items() if wave != self._wave.id}
        if self.is_done or states.get(self._wave.id) != "open" or others != {"sealed"}:
            return False
        if self.copied is None:
            self._stage.server.restart(roll_back=False)
            self.copied = time.monotonic()
            return False
        forgets = any(at > self.copied for at in acknowledged)
        if forgets and time.monotonic() > self.copied + self._seconds:
            self._stage.server.restart(roll_back=True)
            self.restored = time.monotonic()
            return True
        return False
