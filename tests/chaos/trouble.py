"""What happens to the service in a storm: deaths, attacks, and a restored backup."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from demo.waves import Wave
from tests.chaos.attacks import Attacker
from tests.chaos.disk import Doomed, can_inject
from tests.chaos.journal import Tail
from tests.chaos.rollback import Rollback
from tests.chaos.stage import Stage

WRITES = 40
"""Processes that die at a write go through so many numbers of it, one by one."""

KILLS_AFTER_PROMISE = 0.2
"""How likely the workers die the moment after an acknowledgement."""


class Trouble:
    """Makes it, now and then.

    Args:
        stage: is running.
        deadly: whether processes die.

    Attributes:
        done: how often what was done, the attacker's part aside.
        rollback: the restored backup of this run, if there is one.
        deadly_writes: at which of its writes a process has died.
    """

    def __init__(self, stage: Stage, *, deadly: bool) -> None:
        self.done: Counter[str] = Counter()
        self.rollback: Rollback | None = None
        self.deadly_writes: set[int] = set()
        self._stage = stage
        self._deadly = deadly
        self._attacker = Attacker(stage)
        self._crossed = Tail(stage.crossed)
        self._acknowledged: list[float] = []
        self._doomed: tuple[str, Doomed] | None = None
        self._nth = self._dice.randrange(WRITES)
        self._next_death = self._next_strike = 0.0

    @property
    def _dice(self) -> Random:
        return self._stage.dice

    def counts(self) -> Counter[str]:
        """How often what was done."""
        return self.done + self._attacker.done

    def will_restore(self, wave: Wave, seconds: float) -> None:
        """Restores a backup while a wave is open, so long after it was taken."""
        self.rollback = Rollback(self._stage, wave, seconds)

    def happen(self, states: Mapping[str, str], away: Sequence[str]) -> None:
        """Something happens, perhaps.

        Args:
            states: of all waves.
            away: devices without a signal.
        """
        self._bury()
        self._kill_after_promise()
        if not self._attacker.is_at_work:
            self._strike_or_roll_back(states, away)
        now = time.monotonic()
        if self._deadly and now > self._next_death:
            self._next_death = now + self._dice.uniform(2, 6)
            self._kill()

    def end(self) -> None:
        """No process has anything to fear any more."""
        if self._doomed is not None:
            self._doomed[1].spare()
            self._doomed = None
        self._stage.server.revive_tick()
        self._attacker.end()

    def _strike_or_roll_back(
        self, states: Mapping[str, str], away: Sequence[str]
    ) -> None:
        """Never both: what an attacker did after a snapshot nobody offers again."""
        if self.rollback is not None:
            went_back = self.rollback.go_on(states, self._acknowledged)
            self.done["service rolled back to a snapshot"] += went_back
            if self.rollback.copied is not None:
                return
        if time.monotonic() > self._next_strike:
            self._next_strike = time.monotonic() + self._dice.uniform(0, 2)
            self._attacker.strike(away)

    def _kill(self) -> None:
        """A worker or the tick dies: at once, or at one of its next writes."""
        server, role = self._stage.server, self._dice.choice(("worker", "tick"))
        pids = server.pids(role)
        if can_inject() and self._doomed is None and self._dice.random() < 0.5:
            if pids:
                self._nth = self._nth % WRITES + 1
                self._doomed = role, Doomed(self._dice.choice(pids), self._nth)
        elif role == "tick":
            server.kill_tick()
            self.done["tick killed"] += 1
        elif server.kill_worker(self._dice):
            self.done["worker killed"] += 1

    def _bury(self) -> None:
        """Looks whether the doomed process has died; a tick is started again."""
        if self._doomed is None:
            return
        role, doomed = self._doomed
        if doomed.is_over():
            self._doomed = None
            if doomed.died:
                self.done[f"{role} killed at its n-th write"] += 1
                self.deadly_writes.add(doomed.n)
            self._stage.server.revive_tick()

    def _kill_after_promise(self) -> None:
        """Kills all workers the moment a phone was told that its answer is safe."""
        told = [
            float(entry["at"])
            for entry in self._crossed.news()
            if entry["truly"]
            for result in entry.get("said", [])
            if result["status"] == "accepted"
        ]
        self._acknowledged += told
        if told and self._deadly and self._dice.random() < KILLS_AFTER_PROMISE:
            self._stage.server.kill_workers()
            self.done["all workers killed after an acknowledgement"] += 1
