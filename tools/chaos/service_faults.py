"""Faults of the service: killed processes, attacks, leaps, a lost folder, a restore."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from demo.waves import Wave
from tools.chaos.attacks import Attacker
from tools.chaos.clock_leaps import ClockLeaps
from tools.chaos.disk_faults import WriteKiller, can_inject
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Tail
from tools.chaos.right_changes import RightChanges
from tools.chaos.rollback import Rollback
from tools.chaos.roster_cuts import RosterCuts
from tools.chaos.sealing_faults import SealingFaults

MAX_WRITE_NUMBER = 40
"""Number of writes at which processes are killed, one after the other."""

ROLES = ("worker", "tick", "seal")

KILL_AFTER_ACK_PROBABILITY = 0.2
"""Probability that all workers are killed right after an acknowledgement."""


class ServiceFaults:
    """Injects faults into the service from time to time.

    Args:
        environment: of the run.
        deadly: whether processes are killed.

    Attributes:
        done: number of faults of each kind, without attacks.
        rollback: the restored backup of this run, if there is one.
        deadly_writes: numbers of the writes at which a process was killed.
    """

    def __init__(self, environment: RunEnvironment, *, deadly: bool) -> None:
        self.done: Counter[str] = Counter()
        self.rollback: Rollback | None = None
        self.deadly_writes: set[int] = set()
        self._environment = environment
        self._deadly = deadly
        self._attacker = Attacker(environment)
        self._clock_leaps = ClockLeaps(environment)
        self._roster_cuts = RosterCuts(environment)
        self._right_changes = RightChanges(environment)
        self._sealing_faults = SealingFaults(environment)
        self._exchanges = Tail(environment.exchanges)
        self._acknowledged_at: list[float] = []
        self._marked_process: tuple[str, WriteKiller] | None = None
        self._write_number = self._rng.randrange(MAX_WRITE_NUMBER)
        self._next_death = self._next_strike = 0.0

    @property
    def _rng(self) -> Random:
        return self._environment.rng

    def count_faults(self) -> Counter[str]:
        """Number of faults and attacks of each kind."""
        sources = (
            *(self._attacker, self._clock_leaps),
            *(self._roster_cuts, self._sealing_faults),
            self._right_changes,
        )
        return sum((source.done for source in sources), self.done)

    def schedule_restore(self, wave: Wave, seconds: float) -> None:
        """Plans a backup in an open wave, and its restore so many seconds later."""
        self.rollback = Rollback(self._environment, wave, seconds)

    def inject(self, states: Mapping[str, str], offline_devices: Sequence[str]) -> None:
        """Injects the faults that are due.

        Args:
            states: of all waves.
            offline_devices: without a signal.
        """
        self._reap_killed()
        self._kill_after_acknowledgement()
        self._sealing_faults.advance(states)
        if not self._attacker.is_running:
            self._strike_or_roll_back(states, offline_devices)
        may_begin = self.rollback is None or not self.rollback.is_possible(states)
        self._roster_cuts.advance(states, may_begin=may_begin)
        self._right_changes.advance(states, may_begin=may_begin)
        if not may_begin:
            self._clock_leaps.end()
        elif self._marked_process is None:
            self._clock_leaps.advance(states)
        now = time.monotonic()
        if self._deadly and now > self._next_death and not self._clock_leaps.is_ahead:
            self._next_death = now + self._rng.uniform(2, 6)
            self._kill_process()

    @property
    def is_roster_whole(self) -> bool:
        """Whether everybody is in the roster, so that codes can be made for all."""
        return not self._roster_cuts.is_running

    def end(self) -> None:
        """Ends all faults of the service."""
        if self._marked_process is not None:
            self._marked_process[1].release()
            self._marked_process = None
        self._clock_leaps.end()
        self._sealing_faults.end()
        self._environment.server.revive()
        self._roster_cuts.end()
        self._right_changes.end()
        self._attacker.end()

    def _strike_or_roll_back(
        self, states: Mapping[str, str], offline_devices: Sequence[str]
    ) -> None:
        """Attacks or rolls back, never both: no phone offers forged items again."""
        is_quiet = not (self._roster_cuts.is_running or self._right_changes.is_running)
        if self.rollback is not None and is_quiet:
            was_restored = self.rollback.advance(states, self._acknowledged_at)
            self.done["service rolled back to a snapshot"] += was_restored
        if self.rollback is not None and self.rollback.copied is not None:
            return
        if time.monotonic() > self._next_strike:
            self._next_strike = time.monotonic() + self._rng.uniform(0, 2)
            self._attacker.attack(offline_devices)

    def _kill_process(self) -> None:
        """Kills a process, at once or at one of its next writes."""
        server, role = self._environment.server, self._rng.choice(ROLES)
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
        elif role == "seal":
            server.kill_sealing()
            self.done["sealing machine killed"] += 1
        elif server.kill_worker(self._rng):
            self.done["worker killed"] += 1

    def _reap_killed(self) -> None:
        """Records the death of the marked process, and starts it again."""
        if self._marked_process is None:
            return
        role, killer = self._marked_process
        if killer.is_over():
            self._marked_process = None
            if killer.died:
                self.done[f"{role} killed at its n-th write"] += 1
                self.deadly_writes.add(killer.n)
            self._environment.server.revive()

    def _kill_after_acknowledgement(self) -> None:
        """Kills all workers right after an acknowledgement."""
        acknowledged_at = [
            float(entry["at"])
            for entry in self._exchanges.read_new()
            if entry["observed"]
            for result in entry.get("results", [])
            if result["status"] == "accepted"
        ]
        self._acknowledged_at += acknowledged_at
        if (
            acknowledged_at
            and self._deadly
            and self._rng.random() < KILL_AFTER_ACK_PROBABILITY
        ):
            self._environment.server.kill_workers()
            self.done["all workers killed after an acknowledgement"] += 1
