"""Leaps of the server's clock: for seconds, the tick runs with a clock far ahead."""

import time
from collections import Counter
from collections.abc import Mapping

from tools.chaos import database
from tools.chaos.environment import RunEnvironment

HOURS, DAYS = 3600.0, 24 * 3600.0
LEAPS = (7 * HOURS, 10 * DAYS, 60 * DAYS, 3650 * DAYS)
"""Seconds of a leap. The rule lets a clock pass that is an hour ahead, or less."""

LIVE_STATES = frozenset({"announced", "open", "closed"})
"""States of a wave that a clock far ahead would end."""

MAX_START_SECONDS = 20.0
"""Seconds in which a tick begins, or the leap is given up."""

LEAP_SECONDS = 1.5
"""Seconds for which the clock stays ahead after the first such tick, about."""

CONFIRMATION_PROBABILITY = 0.3
"""Probability that an operator confirms the clock once it is right again."""

LEAPT = "tick with a clock that leapt far ahead"
CONFIRMED = "clock confirmed by an operator after a leap"


class ClockLeaps:
    """Lets the clock leap ahead from time to time, and come back.

    Args:
        environment: of the run.

    Attributes:
        done: number of leaps that a tick saw, and of confirmations.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self.done: Counter[str] = Counter()
        self._environment = environment
        self._next_leap = 0.0
        self._ends_at: float | None = None
        self._is_seen = False

    @property
    def is_ahead(self) -> bool:
        """Whether the tick that runs has a clock that is ahead."""
        return self._ends_at is not None

    def advance(self, states: Mapping[str, str]) -> None:
        """Begins or ends a leap, if one is due.

        A right tick comes between two leaps: two ticks of which the second is hours
        later are taken for a tick that runs seldom.

        Args:
            states: of all waves.
        """
        now = time.monotonic()
        if self._ends_at is None:
            is_due = now > self._next_leap and LIVE_STATES & set(states.values())
            if is_due and not self._is_leap_noted():
                self._is_seen = False
                self._ends_at = now + MAX_START_SECONDS
                self._environment.server.leap(self._environment.rng.choice(LEAPS))
            return
        if not self._is_seen and self._is_leap_noted():
            self._is_seen = True
            self.done[LEAPT] += 1
            self._ends_at = now + self._environment.rng.uniform(0.5, 1.5) * LEAP_SECONDS
        if now > self._ends_at:
            self.end()

    def end(self) -> None:
        """Starts a tick whose clock is right, if the one that runs is ahead."""
        if self._ends_at is None:
            return
        self._ends_at = None
        self._next_leap = time.monotonic() + self._environment.rng.uniform(8, 20)
        is_confirmed = self._environment.rng.random() < CONFIRMATION_PROBABILITY
        self._environment.server.return_from_leap(is_confirmed=is_confirmed)
        self.done[CONFIRMED] += is_confirmed

    def _is_leap_noted(self) -> bool:
        return database.is_leap_noted(self._environment.installation.database_url)
