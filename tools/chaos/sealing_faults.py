"""Faults of the seal: a sealing folder that is lost and comes back, a blocked seal."""

import time
from collections import Counter
from collections.abc import Mapping

from demo.agency import ROOT
from tools.chaos import database
from tools.chaos.environment import RunEnvironment

LOST, BLOCKED = (
    "sealing folder lost, and found again",
    "seal blocked by nonsense, and allowed by an operator",
)

LOST_SECONDS = (1.0, 5.0)
"""Seconds for which the folder is away."""

SECONDS_BETWEEN_LOSSES = (6.0, 15.0)

POLL_SECONDS = 1.0
"""Seconds between two looks for a blocked seal."""


class SealingFaults:
    """Takes the sealing folder away from time to time, as a volume that unmounts.

    It also does what an operator does about a seal that is blocked, and keeps a copy of
    each key for the checks.

    Args:
        environment: of the run.

    Attributes:
        done: number of losses, and of seals that were allowed.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self.done: Counter[str] = Counter()
        self._environment = environment
        self._folder = environment.installation.sealing_folder
        self._away = self._folder.with_name("taken-away")
        self._next_loss = self._next_look = 0.0
        self._returns_at: float | None = None

    def advance(self, states: Mapping[str, str]) -> None:
        """Takes the folder away or puts it back, if that is due.

        Args:
            states: of all waves.
        """
        self._environment.key_keeper.keep()
        now = time.monotonic()
        if self._returns_at is not None:
            if now > self._returns_at:
                self.end()
            return
        if now > self._next_look:
            self._next_look = now + POLL_SECONDS
            self._allow_blocked_seals()
        if now > self._next_loss and "planned" not in states.values() and states:
            self._folder.rename(self._away)
            self._returns_at = now + self._environment.rng.uniform(*LOST_SECONDS)
            self.done[LOST] += 1

    def end(self) -> None:
        """Puts the folder back."""
        if self._returns_at is None:
            return
        self._returns_at = None
        self._away.rename(self._folder)
        self._next_loss = time.monotonic() + self._environment.rng.uniform(
            *SECONDS_BETWEEN_LOSSES
        )

    def _allow_blocked_seals(self) -> None:
        installation = self._environment.installation
        for wave in database.list_blocked_waves(installation.database_url, ROOT):
            installation.rapport("wave", "seal", ROOT, wave, "--accept-invalid")
            self.done[BLOCKED] += 1
