"""The storm: phones are used and killed while the service dies and returns."""

import time
from collections import Counter
from datetime import timedelta
from random import Random

from demo.agency import ROOT
from demo.playing import say
from demo.waves import Wave, plan, seconds_until
from tests.chaos import database
from tests.chaos.attacks import Attacker
from tests.chaos.cast import SKEWS
from tests.chaos.disk import DiskFault, can_inject
from tests.chaos.faults import Weather
from tests.chaos.fleet import UNHARMED, Doom, Fleet
from tests.chaos.journal import Tail, entries
from tests.chaos.session import Orders
from tests.chaos.stage import Stage

BESIDE = 6
"""Sessions at the same time."""

STORM = Weather(0.25, 0.6)
WRITES = 60
"""A session's writes, roughly: one of these is its last where it dies at a write."""

HASTE = 1.5
"""Seconds before a seal in which phones come back all at once."""

KILLS_AFTER_PROMISE = 0.2

LOOK_SECONDS = 1.0
TELL_SECONDS = 10.0
PATIENCE = 180.0
CALM_SECONDS = 60.0

ENDED = {"sealed", "cancelled"}


class TooSlowError(Exception):
    """Nothing can be shown: the machine did not get done what a run needs."""


class Storm:
    """Plays a run from the first enrolment until every phone is quiet.

    Args:
        stage: is running.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.fleet = Fleet()
        self._deaths: Counter[str] = Counter()
        self.attacker = Attacker(stage)
        self.waves: list[Wave] = []
        self._states: dict[str, str] = {}
        self._looked = 0.0
        self._told = 0.0
        self._next_kill = 0.0
        self._next_strike = 0.0
        self._crossed = Tail(stage.crossed)
        self._hurried: set[str] = set()
        self._hasty: list[str] = []
        self._deadly = 0

    @property
    def dice(self) -> Random:
        """Decides everything in a run."""
        return self.stage.dice

    def enrol(self) -> float:
        """Enrols every phone in the storm; returns the seconds that it took."""
        began = time.monotonic()
        self.stage.line.weather(STORM)
        missing = set(self.stage.cast.people)
        while missing:
            self._over_time(began, "enrolling")
            for person in sorted(missing):
                self._begin(person, ("enrol",))
            self.fleet.finish()
            missing = {p for p in missing if not self._has_noted(p, "enrolled")}
        return time.monotonic() - began

    def plan(self, waves: int, seconds: float) -> None:
        """Plans the waves one after the other, all announced one length before.

        Args:
            waves: how many.
            seconds: how long each stays open.
        """
        for number in range(waves):
            self.waves.append(
                plan(
                    self.stage.house,
                    ROOT,
                    draw=timedelta(seconds=seconds * (number + 0.7)),
                    answer=timedelta(seconds=seconds),
                    send=timedelta(seconds=seconds / 4),
                )
            )

    def rage(self) -> None:
        """Goes on until every wave is sealed."""
        began = time.monotonic()
        limit = (self.waves[-1].seals_at - self.waves[0].opens_at).total_seconds()
        while not self._is_over():
            self._over_time(began, "a storm", PATIENCE + 2 * limit)
            self._happen()
            self._pick_up()
            self.fleet.look()
        self.fleet.finish()

    def settle(self) -> None:
        """The line is good again: everybody sends until nothing waits.

        Whoever is not done in the end is the oracle's to judge.
        """
        self.stage.line.weather()
        began = time.monotonic()
        unsettled = list(self.stage.cast.people)
        while unsettled and time.monotonic() < began + CALM_SECONDS:
            for person in unsettled:
                while len(self.fleet.busy()) >= BESIDE:
                    self.fleet.look()
                self.fleet.begin(
                    self._orders(person, ("enrol", "sync", "status")), UNHARMED
                )
            self.fleet.finish()
            unsettled = [person for person in unsettled if self._waits(person)]

    def harm(self) -> Counter[str]:
        """What was done to processes and disks, and by the attacker."""
        return self._deaths + self.fleet.faults + self.attacker.done

    def _is_over(self) -> bool:
        if time.monotonic() > self._looked + LOOK_SECONDS:
            self._looked = time.monotonic()
            self._states = database.states(self.stage.house.database_url, ROOT)
        if time.monotonic() > self._told + TELL_SECONDS:
            self._told = time.monotonic()
            states = [self._states.get(wave.id, "planned") for wave in self.waves]
            say(f"  waves: {', '.join(states)}; {self.harm().total()} harms done")
        return all(self._states.get(wave.id) in ENDED for wave in self.waves)

    def _happen(self) -> None:
        """Something happens to the service, now and then."""
        self._hurry()
        self._kill_after_promise()
        if time.monotonic() > self._next_strike:
            self._next_strike = time.monotonic() + self.dice.uniform(0, 2)
            self.attacker.strike(self._away())
        if time.monotonic() < self._next_kill:
            return
        self._next_kill = time.monotonic() + self.dice.uniform(2, 6)
        if self.dice.random() < 0.3:
            self.stage.server.kill_tick()
            self._deaths["tick killed"] += 1
        elif self.stage.server.kill_worker(self.dice):
            self._deaths["web worker killed"] += 1

    def _hurry(self) -> None:
        """Just before a seal, those who had no signal all send at once."""
        for wave, hasty in zip(self.waves, self.stage.cast.hasty, strict=False):
            if wave.id not in self._hurried and seconds_until(wave.seals_at) < HASTE:
                self._hurried.add(wave.id)
                self._hasty += sorted(hasty)

    def _kill_after_promise(self) -> None:
        """Kills all workers the moment a phone was told that its answer is safe."""
        told = any(
            result["status"] == "accepted"
            for entry in self._crossed.news()
            if entry["truly"]
            for result in entry.get("said", [])
        )
        if told and self.dice.random() < KILLS_AFTER_PROMISE:
            self.stage.server.kill_workers()
            self._deaths["all web workers killed after an acknowledgement"] += 1

    def _pick_up(self) -> None:
        """Somebody picks up their phone."""
        if len(self.fleet.busy()) >= BESIDE:
            return
        if self._hasty:
            self._begin(self._hasty.pop(), ("sync", "status"))
            return
        person = self.dice.choice(self.stage.cast.people)
        if person in self.fleet.busy() and self.dice.random() < 0.9:
            return
        steps = self.dice.choice(
            [
                ("enrol", "sync", "status"),
                ("answer", "status"),
                ("enrol", "sync", "answer", "sync", "status"),
            ]
        )
        self._begin(person, steps)

    def _begin(self, person: str, steps: tuple[str, ...]) -> None:
        while len(self.fleet.busy()) >= BESIDE:
            self.fleet.look()
        self.fleet.begin(self._orders(person, steps), self._doom())

    def _orders(self, person: str, steps: tuple[str, ...]) -> Orders:
        cast = self.stage.cast
        wrong = person in cast.wrong_clocks and self.dice.random() < 0.5
        return Orders(
            person=person,
            file=self.stage.outbox(person),
            server=self.stage.line.url,
            ledger=self.stage.ledger(person),
            seed=str(self.dice.random()),
            steps=steps,
            code=self.stage.codes[person],
            skew=self.dice.choice(SKEWS) if wrong else timedelta(),
            signal=not self._is_away(person),
            silent=frozenset(
                wave.id
                for wave, silent in zip(self.waves, cast.silent, strict=False)
                if person in silent
            ),
        )

    def _away(self) -> list[str]:
        return [person for person in self.stage.cast.people if self._is_away(person)]

    def _is_away(self, person: str) -> bool:
        """Whether a phone is where no signal is.

        Late ones are from a wave's opening to its seal, hasty ones until just before.
        """
        cast = self.stage.cast
        for wave, late, hasty in zip(self.waves, cast.late, cast.hasty, strict=False):
            if self._states.get(wave.id) in {"open", "closed", "sealing"} and (
                person in late
                or (person in hasty and seconds_until(wave.seals_at) > HASTE)
            ):
                return True
        return False

    def _doom(self) -> Doom:
        chance = self.dice.random()
        if chance < 0.25:
            longest = 1.5 * max(self.fleet.slowest, 0.5)
            return Doom(after=self.dice.uniform(0, longest))
        if chance < 0.45 and can_inject():
            fault = self.dice.choice(list(DiskFault))
            if fault == DiskFault.DEATH:
                self._deadly = self._deadly % WRITES + 1
                return Doom(disk=(fault, self._deadly))
            return Doom(disk=(fault, self.dice.randrange(1, WRITES // 2)))
        return UNHARMED

    def _has_noted(self, person: str, event: str) -> bool:
        ledger = entries(self.stage.ledger(person))
        return any(entry["event"] == event for entry in ledger)

    def _waits(self, person: str) -> bool:
        """Whether a phone has anything left to send, or did not say."""
        last = None
        for entry in entries(self.stage.ledger(person)):
            last = entry if entry["event"] == "status" else last
        states = {item["state"] for item in last["items"]} if last else {"unknown"}
        return bool(states & {"queued", "in_flight", "unknown"})

    def _over_time(self, began: float, what: str, seconds: float = PATIENCE) -> None:
        if time.monotonic() > began + seconds:
            raise TooSlowError(f"{what} took longer than {seconds:.0f} s")
