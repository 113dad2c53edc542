"""What happens to the service in a storm: deaths, attacks, and a restored backup."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from demo.waves import Wave
from tools.chaos.attacks import Attacker
from tools.chaos.disk_faults import WriteKiller, can_inject
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Tail
from tools.chaos.rollback import Rollback

MAX_WRITE_NUMBER = 40
"""Processes that die at a write go through so many numbers of it, one by one."""

KILL_AFTER_ACK_PROBABILITY = 0.2
"""How likely the workers die the moment after an acknowledgement."""


class ServiceFaults:
    """Makes it, now and then.

    Args:
        stage: is running.
        deadly: whether processes die.

    Attributes:
        done: how often what was done, the attacker's part aside.
        rollback: the restored backup of this run, if there is one.
        deadly_writes: at which of its writes a process has died.
    """

    def __init__(self, stage: RunEnvironment, *, deadly: bool) -> None:
        self.done: Counter[str] = Counter()
        self.rollback: Rollback | None = None
        self.deadly_writes: set[int] = set()
        self._stage = stage
        self._deadly = deadly
        self._attacker = Attacker(stage)
        self._crossed = Tail(stage.exchanges)
        self._acknowledged_at: list[float] = []
        self._marked_process: tuple[str, WriteKiller] | None = None
        self._write_number = self._rng.randrange(MAX_WRITE_NUMBER)
        self._next_death = self._next_strike = 0.0

    @property
    def _rng(self) -> Random:
        return self._stage.rng

    def count_faults(self) -> Counter[str]:
        """How often what was done."""
        return self.done + self._attacker.done

    def schedule_restore(self, wave: Wave, seconds: float) -> None:
        """Restores a backup while a wave is open, so long after it was taken."""
        self.rollback = Rollback(self._stage, wave, seconds)

    def inject(self, states: Mapping[str, str], away: Sequence[str]) -> None:
        """Something happens, perhaps.

        Args:
            states: of all waves.
            away: devices without a signal.
        """
        self._reap_killed()
        self._kill_after_acknowledgement()
        if not self._attacker.is_running:
            self._strike_or_roll_back(states, away)
        now = time.monotonic()
        if self._deadly and now > self._next_death:
            self._next_death = now + self._rng.uniform(2, 6)
            self._kill_process()

    def end(self) -> None:
        """No process has anything to fear any more."""
        if self._marked_process is not None:
            self._marked_process[1].release()
            self._marked_process = None
        self._stage.server.revive_tick()
        self._attacker.end()

    def _strike_or_roll_back(
        self, states: Mapping[str, str], away: Sequence[str]
    ) -> None:
        """Never both: what an attacker did after a snapshot nobody offers again."""
        if self.rollback is not None:
            went_back = self.rollback.advance(states, self._acknowledged_at)
            self.done["service rolled back to a snapshot"] += went_back
            if self.rollback.copied is not None:
                return
        if time.monotonic() > self._next_strike:
            self._next_strike = time.monotonic() + self._rng.uniform(0, 2)
            self._attacker.attack(away)

    def _kill_process(self) -> None:
        """A worker or the tick dies: at once, or at one of its next writes."""
        server, role = self._stage.server, self._rng.choice(("worker", "tick"))
        pids = server.pids(role)
        if can_inject() and self._marked_process is None and self._rng.random() < 0.5:
            if pids:
                self._write_number = self._write_number % MAX_WRITE_NUMBER + 1
                self._marked_process = (
                    role,
                    WriteKiller(self._rng.choice(pids), self._write_number),
                )
        elif role == "tick":
            server.kill_tick()
            self.done["tick killed"] += 1
        elif server.kill_worker(self._rng):
            self.done["worker killed"] += 1

    def _reap_killed(self) -> None:
        """Looks whether the doomed process has died; a tick is started again."""
        if self._marked_process is None:
            return
        role, doomed = self._marked_process
        if doomed.is_over():
            self._marked_process = None
            if doomed.died:
                self.done[f"{role} killed at its n-th write"] += 1
                self.deadly_writes.add(doomed.n)
            self._stage.server.revive_tick()

    def _kill_after_acknowledgement(self) -> None:
        """Kills all workers the moment a phone was told that its answer is safe."""
        told = [
            float(entry["at"])
            for entry in self._crossed.read_new()
            if entry["truly"]
            for result in entry.get("said", [])
            if result["status"] == "accepted"
        ]
        self._acknowledged_at += told
        if told and self._deadly and self._rng.random() < KILL_AFTER_ACK_PROBABILITY:
            self._stage.server.kill_workers()
            self.done["all workers killed after an acknowledgement"] += 1
