"""Scenario of a run: phones are used and killed while the service fails and returns."""

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from demo.agency import ROOT
from demo.wave_steps import print_progress
from demo.waves import Wave, plan_wave, seconds_until
from tools.chaos import database
from tools.chaos.disk_faults import DiskFault, can_inject
from tools.chaos.environment import RunEnvironment
from tools.chaos.evidence import RunTimes
from tools.chaos.fleet import NO_FAULT, Fleet, SessionFault
from tools.chaos.journal import Journal
from tools.chaos.network_faults import FaultRates
from tools.chaos.participants import GATEWAY, SKEWS
from tools.chaos.reenrolment import CodeIssuer
from tools.chaos.restore_checks import DAY_BEFORE
from tools.chaos.service_faults import ServiceFaults
from tools.chaos.session import SessionPlan

MAX_SESSIONS, MAX_RUSH_SESSIONS = 6, 12
"""Parallel sessions: usually, and when many phones get a signal at once."""

MAX_WRITE_NUMBER = 60
"""Number of writes of a session, roughly; a death at a write is at one of them."""

RUSH_SECONDS = 4.0
"""Seconds before a seal at which phones get a signal all at once."""

POLL_SECONDS = 1.0
PROGRESS_SECONDS = 10.0
TIMEOUT_SECONDS = 180.0
CALM_SECONDS = 60.0

MIN_SECONDS_BETWEEN_USES = 3.0
"""Seconds between two uses of one phone, where the machine can keep up."""

UNSEALED_STATES = frozenset({"open", "closed", "sealing"})

SESSION_STEPS = (
    ("enrol", "sync", "look", "status"),
    ("answer", "status"),
    ("answer", "withdraw", "sync", "status"),
    ("enrol", "sync", "look", "answer", "sync", "status"),
    ("offer", "sync", "withdraw", "sync", "status"),
)
"""Possible steps of a session."""

WRONG_ADDRESS_STEPS = ("enrol", "sync", "status")
WRONG_MOVE_STEPS = ("move", "sync", "status")

USES_PER_WRONG_ADDRESS = 10
"""One of so many uses, the first one too, goes to another Rapport: its address is
typed, or moved to."""


class TooSlowError(Exception):
    """The machine is too slow for the run to prove anything."""


class Scenario:
    """Plays a run from the first enrolment until every item is settled.

    Args:
        environment: of the run.
        fault_rates: of the network, until the faults end.
        deadly: whether the service's processes are killed.

    Attributes:
        fleet: the phones in use.
        service_faults: what fails at the service.
        waves: as they were planned.
        has_day_before: whether a snapshot was taken before the first seal.
    """

    def __init__(
        self, environment: RunEnvironment, fault_rates: FaultRates, *, deadly: bool
    ) -> None:
        self.environment = environment
        self.fleet = Fleet()
        self.service_faults = ServiceFaults(environment, deadly=deadly)
        self.waves: list[Wave] = []
        self.has_day_before = False
        self._fault_rates = fault_rates
        self._code_issuer = CodeIssuer(environment)
        self._journal = Journal(environment.operations)
        self._uses = 0
        self._settled_from = 0.0
        self._states: dict[str, str] = {}
        self._polled_at = self._reported_at = self._next_use = 0.0
        self._deadly = self.rng.randrange(MAX_WRITE_NUMBER)
        self._rushed_waves: set[str] = set()
        self._rush_queue: list[str] = []

    @property
    def rng(self) -> Random:
        """The random generator of the run."""
        return self.environment.rng

    @property
    def run_times(self) -> RunTimes:
        """Times of the events."""
        rollback = self.service_faults.rollback
        if rollback is None:
            return RunTimes(self._settled_from)
        return RunTimes(self._settled_from, rollback.copied, rollback.restored)

    def fault_counts(self) -> Counter[str]:
        """Number of faults of processes and disks, and of attacks."""
        return self.service_faults.count_faults() + self.fleet.faults

    def enrol(self) -> float:
        """Enrols every device under faults; returns the seconds that it took."""
        self._code_issuer.issue_first_codes()
        began = time.monotonic()
        self.environment.proxy.set_fault_rates(self._fault_rates)
        while missing := self._code_issuer.list_unenrolled_devices():
            _check_time_limit(began, "enrolling")
            for device in missing:
                self._begin(device, ("enrol",), self._choose_fault())
            self.fleet.wait_for_all()
            self._code_issuer.read_ledgers()
        return time.monotonic() - began

    def plan(self, waves: int, seconds: float) -> None:
        """Plans the waves one after the other.

        Where there are several, the last one is rolled back while it is open; by design
        it is then not sealed before phones have had two weeks to offer again.

        Args:
            waves: their number.
            seconds: for which each stays open.
        """
        for number in range(waves):
            self.waves.append(
                plan_wave(
                    self.environment.installation,
                    ROOT,
                    draw=timedelta(seconds=seconds * (number + 0.7)),
                    answer=timedelta(seconds=seconds),
                    send=timedelta(seconds=seconds / 4),
                )
            )
        if waves > 1:
            self.service_faults.schedule_restore(self.waves[-1], seconds / 6)

    def run(self) -> None:
        """Injects faults until every wave has its last state."""
        began = time.monotonic()
        limit = TIMEOUT_SECONDS + 2 * seconds_until(self.waves[-1].seals_at)
        while not self._is_over():
            _check_time_limit(began, "the scenario", limit)
            self._queue_rush()
            is_unsealed = self._states.get(self.waves[0].id) in UNSEALED_STATES
            if is_unsealed and self.service_faults.is_roster_whole:
                self.service_faults.done["phone replaced or revoked"] += (
                    self._code_issuer.end_devices()
                )
            offline_devices = [
                device for device in self.environment.codes if self._is_offline(device)
            ]
            self._keep_day_before()
            self.service_faults.inject(self._states, offline_devices)
            self._start_uses()
            self.fleet.poll()
        self.fleet.wait_for_all()
        self.service_faults.end()

    def _keep_day_before(self) -> None:
        """Takes a snapshot in the first of several waves, long before its seal."""
        if self.has_day_before or len(self.waves) == 1:
            return
        if self._states.get(self.waves[0].id) == "open":
            self.service_faults.end()
            self.environment.server.restart(DAY_BEFORE, roll_back=False)
            self.has_day_before = True

    def settle(self) -> None:
        """Ends the network faults and syncs every phone until no item waits.

        Items that still wait after that are found by the checks.
        """
        self.environment.proxy.set_fault_rates()
        self._code_issuer.read_ledgers()
        self._code_issuer.reset_settled()
        self._settled_from = began = time.monotonic()
        while waiting := self._code_issuer.list_unsettled_devices():
            if time.monotonic() > began + CALM_SECONDS:
                return
            self._code_issuer.issue_codes()
            for device in waiting:
                # The second sync sends what a renewed epoch has queued again.
                self._begin(
                    device, ("enrol", "offer", "sync", "sync", "status"), NO_FAULT
                )
            self.fleet.wait_for_all()
            self._code_issuer.read_ledgers()

    def _is_over(self) -> bool:
        if time.monotonic() > self._polled_at + POLL_SECONDS:
            self._polled_at = time.monotonic()
            self._states = database.read_wave_states(
                self.environment.installation.database_url, ROOT
            )
            self._journal.note(
                "states", time=datetime.now(UTC).timestamp(), states=self._states
            )
            self._code_issuer.read_ledgers()
            if self.service_faults.is_roster_whole:
                self._code_issuer.issue_codes()
        if time.monotonic() > self._reported_at + PROGRESS_SECONDS:
            self._reported_at = time.monotonic()
            states = [self._states.get(wave.id, "planned") for wave in self.waves]
            print_progress(
                f"  waves: {', '.join(states)}; {self.fault_counts().total()} faults"
            )
        return all(
            self._states.get(wave.id) in {self._last_state(wave), "cancelled"}
            for wave in self.waves
        )

    def _last_state(self, wave: Wave) -> str:
        rollback = self.service_faults.rollback
        rolled_back = rollback is not None and rollback.is_done
        return "closed" if rolled_back and wave is self.waves[-1] else "sealed"

    def _queue_rush(self) -> None:
        """Queues phones that have a signal again, so that all send at once."""
        for wave, last_minute in zip(
            self.waves, self.environment.participants.last_minute, strict=True
        ):
            if wave.id not in self._rushed_waves and self._has_returned(wave):
                self._rushed_waves.add(wave.id)
                self._rush_queue += sorted(last_minute)

    def _start_uses(self) -> None:
        """Starts the sessions that are due."""
        while (
            self._rush_queue and len(self.fleet.list_busy_devices()) < MAX_RUSH_SESSIONS
        ):
            plan = self._plan_session(self._rush_queue.pop(), ("sync", "status"))
            self.fleet.start(plan, self._choose_fault())
        if (
            len(self.fleet.list_busy_devices()) >= MAX_SESSIONS
            or time.monotonic() < self._next_use
        ):
            return
        self._next_use = time.monotonic() + MIN_SECONDS_BETWEEN_USES / len(
            self.environment.codes
        )
        device = self.rng.choice([*self.environment.codes, GATEWAY])
        # Now and then two processes use one phone.
        if device not in self.fleet.list_busy_devices() or self.rng.random() < 0.1:
            self._use(device)

    def _use(self, device: str) -> None:
        """Starts a session of a device, now and then with another Rapport."""
        wrong_uses, others = divmod(self._uses, USES_PER_WRONG_ADDRESS)
        self._uses += 1
        if others:
            self._begin(device, self.rng.choice(SESSION_STEPS), self._choose_fault())
        elif wrong_uses % 2:
            self._begin(device, WRONG_MOVE_STEPS, self._choose_fault())
        else:
            plan = self._plan_session(device, WRONG_ADDRESS_STEPS)
            wrong = replace(plan, server=plan.other_server)
            self.fleet.start(wrong, self._choose_fault())

    def _begin(self, device: str, steps: tuple[str, ...], fault: SessionFault) -> None:
        while len(self.fleet.list_busy_devices()) >= MAX_SESSIONS:
            self.fleet.poll()
        self.fleet.start(self._plan_session(device, steps), fault)

    def _plan_session(self, device: str, steps: tuple[str, ...]) -> SessionPlan:
        participants = self.environment.participants
        people = participants.devices[device]
        return SessionPlan(
            device=device,
            codes=dict(self.environment.codes[device]),
            gateway=device == GATEWAY,
            file=self.environment.outbox(device),
            server=self.environment.proxy.url,
            other_server=self.environment.proxy.other_url,
            ledger=self.environment.ledger(device),
            seed=str(self.rng.random()),
            steps=steps,
            skews=SKEWS if device in participants.wrong_clocks else (0.0,),
            signal=not self._is_offline(device),
            non_answering={
                p: self._waves_of(p, participants.non_answering) for p in people
            },
            withdrawn_waves={
                p: self._waves_of(p, participants.withdrawing) for p in people
            },
        )

    def _waves_of(
        self, person: str, parts: tuple[frozenset[str], ...]
    ) -> frozenset[str]:
        waves = zip(self.waves, parts, strict=False)
        return frozenset(wave.id for wave, part in waves if person in part)

    def _is_offline(self, device: str) -> bool:
        """Whether a device has no signal.

        Late devices have none from a wave's opening to its last state, last-minute
        devices none until just before it.
        """
        participants = self.environment.participants
        for wave, late, last_minute in zip(
            self.waves, participants.late, participants.last_minute, strict=False
        ):
            state = self._states.get(wave.id)
            if state in UNSEALED_STATES and state != self._last_state(wave):
                back = self._has_returned(wave)
                if device in late or (device in last_minute and not back):
                    return True
        return False

    def _has_returned(self, wave: Wave) -> bool:
        """Whether last-minute phones have a signal again."""
        rollback = self.service_faults.rollback
        if rollback is not None and wave is self.waves[-1]:
            return rollback.copied is not None
        return seconds_until(wave.seals_at) < RUSH_SECONDS

    def _choose_fault(self) -> SessionFault:
        chance = self.rng.random()
        if chance < 0.1:
            return SessionFault(sending=True)
        if chance < 0.25:
            longest = 1.5 * max(self.fleet.slowest, 0.5)
            return SessionFault(after=self.rng.uniform(0, longest))
        if chance < 0.45 and can_inject():
            fault = self.rng.choice(list(DiskFault))
            if fault == DiskFault.DEATH:
                self._deadly = self._deadly % MAX_WRITE_NUMBER + 1
                return SessionFault(disk=(fault, self._deadly))
            return SessionFault(
                disk=(fault, self.rng.randrange(1, MAX_WRITE_NUMBER // 2))
            )
        return NO_FAULT


def _check_time_limit(
    began: float, what: str, seconds: float = TIMEOUT_SECONDS
) -> None:
    if time.monotonic() > began + seconds:
        raise TooSlowError(f"{what} took longer than {seconds:.0f} s")
