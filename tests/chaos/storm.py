"""The storm: phones are used and killed while the service dies and returns."""

import time
from collections import Counter
from datetime import timedelta
from random import Random

from demo.agency import ROOT
from demo.playing import say
from demo.waves import Wave, plan, seconds_until
from tests.chaos import database
from tests.chaos.cast import GATEWAY, SKEWS
from tests.chaos.disk import DiskFault, can_inject
from tests.chaos.evidence import Moments
from tests.chaos.faults import Weather
from tests.chaos.fleet import UNHARMED, Doom, Fleet
from tests.chaos.helpdesk import Helpdesk
from tests.chaos.session import Orders
from tests.chaos.stage import Stage
from tests.chaos.trouble import Trouble

BESIDE, CROWD = 6, 12
"""Sessions at the same time: of an ordinary day, and where all come back at once."""

WRITES = 60
"""A session's writes, roughly: one of these is its last where it dies at a write."""

HASTE = 4.0
"""Seconds before a seal in which phones come back all at once."""

LOOK_SECONDS = 1.0
TELL_SECONDS = 10.0
PATIENCE = 180.0
CALM_SECONDS = 60.0

USED_EVERY = 3.0
"""Seconds between two uses of one phone, where the machine can keep up."""

UNSEALED = frozenset({"open", "closed", "sealing"})

USES = (
    ("enrol", "sync", "status"),
    ("answer", "status"),
    ("answer", "withdraw", "sync", "status"),
    ("enrol", "sync", "answer", "sync", "status"),
    ("sync", "withdraw", "sync", "status"),
)
"""What people do when they pick up their phone."""


class TooSlowError(Exception):
    """Nothing can be shown: the machine did not get done what a run needs."""


class Storm:
    """Plays a run from the first enrolment until every phone is quiet.

    Args:
        stage: is running.
        weather: on the line, until it is calm.
        deadly: whether the service's processes die.
    """

    def __init__(self, stage: Stage, weather: Weather, *, deadly: bool) -> None:
        self.stage = stage
        self.fleet = Fleet()
        self.trouble = Trouble(stage, deadly=deadly)
        self.waves: list[Wave] = []
        self._weather = weather
        self._helpdesk = Helpdesk(stage)
        self._calm = 0.0
        self._states: dict[str, str] = {}
        self._looked = self._told = self._next_use = 0.0
        self._deadly = self.dice.randrange(WRITES)
        self._hurried: set[str] = set()
        self._hasty: list[str] = []

    @property
    def dice(self) -> Random:
        """Decides everything in a run."""
        return self.stage.dice

    @property
    def moments(self) -> Moments:
        """When what happened."""
        rollback = self.trouble.rollback
        if rollback is None:
            return Moments(self._calm)
        return Moments(self._calm, rollback.copied, rollback.restored)

    def harm(self) -> Counter[str]:
        """What was done to processes and disks, and by the attacker."""
        return self.trouble.counts() + self.fleet.faults

    def enrol(self) -> float:
        """Enrols everybody in the storm; returns the seconds that it took."""
        self._helpdesk.open()
        began = time.monotonic()
        self.stage.line.weather(self._weather)
        while missing := self._helpdesk.not_enrolled():
            _keep_time(began, "enrolling")
            for device in missing:
                self._begin(device, ("enrol",), self._doom())
            self.fleet.finish()
            self._helpdesk.listen()
        return time.monotonic() - began

    def plan(self, waves: int, seconds: float) -> None:
        """Plans the waves one after the other.

        Where there are several, the last one is rolled back while it is open; by design
        it is then not sealed before phones have had two weeks to offer again.

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
        if waves > 1:
            self.trouble.will_restore(self.waves[-1], seconds / 6)

    def rage(self) -> None:
        """Goes on until every wave has come as far as it will."""
        began = time.monotonic()
        limit = PATIENCE + 2 * seconds_until(self.waves[-1].seals_at)
        while not self._is_over():
            _keep_time(began, "a storm", limit)
            self._hurry()
            if self._states.get(self.waves[0].id) in UNSEALED:
                self.trouble.done["phone replaced or revoked"] += (
                    self._helpdesk.end_phones()
                )
            away = [device for device in self.stage.codes if self._is_away(device)]
            self.trouble.happen(self._states, away)
            self._pick_up()
            self.fleet.look()
        self.fleet.finish()
        self.trouble.end()

    def settle(self) -> None:
        """The line is good again: everybody sends until nothing waits.

        Whoever is not done in the end is the oracle's to judge.
        """
        self.stage.line.weather()
        self._helpdesk.listen()
        self._helpdesk.forget_who_is_done()
        self._calm = began = time.monotonic()
        while waiting := self._helpdesk.waiting():
            if time.monotonic() > began + CALM_SECONDS:
                return
            self._helpdesk.give_codes()
            for device in waiting:
                # The second sync sends what a renewed epoch has queued again.
                self._begin(device, ("enrol", "sync", "sync", "status"), UNHARMED)
            self.fleet.finish()
            self._helpdesk.listen()

    def _is_over(self) -> bool:
        if time.monotonic() > self._looked + LOOK_SECONDS:
            self._looked = time.monotonic()
            self._states = database.states(self.stage.house.database_url, ROOT)
            self._helpdesk.listen()
            self._helpdesk.give_codes()
        if time.monotonic() > self._told + TELL_SECONDS:
            self._told = time.monotonic()
            states = [self._states.get(wave.id, "planned") for wave in self.waves]
            say(f"  waves: {', '.join(states)}; {self.harm().total()} harms done")
        return all(
            self._states.get(wave.id) == self._last_state(wave) for wave in self.waves
        )

    def _last_state(self, wave: Wave) -> str:
        rollback = self.trouble.rollback
        rolled_back = rollback is not None and rollback.is_done
        return "closed" if rolled_back and wave is self.waves[-1] else "sealed"

    def _hurry(self) -> None:
        """Those who had no signal and have one again all send at once."""
        for wave, hasty in zip(self.waves, self.stage.cast.hasty, strict=True):
            if wave.id not in self._hurried and self._comes_back(wave):
                self._hurried.add(wave.id)
                self._hasty += sorted(hasty)

    def _pick_up(self) -> None:
        """Somebody picks up their phone."""
        while self._hasty and len(self.fleet.busy()) < CROWD:
            orders = self._orders(self._hasty.pop(), ("sync", "status"))
            self.fleet.begin(orders, self._doom())
        if len(self.fleet.busy()) >= BESIDE or time.monotonic() < self._next_use:
            return
        self._next_use = time.monotonic() + USED_EVERY / len(self.stage.codes)
        device = self.dice.choice([*self.stage.codes, GATEWAY])
        # Now and then two processes use one phone.
        if device not in self.fleet.busy() or self.dice.random() < 0.1:
            self._begin(device, self.dice.choice(USES), self._doom())

    def _begin(self, device: str, steps: tuple[str, ...], doom: Doom) -> None:
        while len(self.fleet.busy()) >= BESIDE:
            self.fleet.look()
        self.fleet.begin(self._orders(device, steps), doom)

    def _orders(self, device: str, steps: tuple[str, ...]) -> Orders:
        cast = self.stage.cast
        people = cast.devices[device]
        return Orders(
            device=device,
            codes=dict(self.stage.codes[device]),
            gateway=device == GATEWAY,
            file=self.stage.outbox(device),
            server=self.stage.line.url,
            ledger=self.stage.ledger(device),
            seed=str(self.dice.random()),
            steps=steps,
            skews=SKEWS if device in cast.wrong_clocks else (0.0,),
            signal=not self._is_away(device),
            silent={p: self._waves_of(p, cast.silent) for p in people},
            regretted={p: self._waves_of(p, cast.regretful) for p in people},
        )

    def _waves_of(
        self, person: str, parts: tuple[frozenset[str], ...]
    ) -> frozenset[str]:
        waves = zip(self.waves, parts, strict=False)
        return frozenset(wave.id for wave, part in waves if person in part)

    def _is_away(self, device: str) -> bool:
        """Whether a device is where no signal is.

        Late ones are from a wave's opening until it has come as far as it will, hasty
        ones until they come back just before.
        """
        cast = self.stage.cast
        for wave, late, hasty in zip(self.waves, cast.late, cast.hasty, strict=False):
            state = self._states.get(wave.id)
            if state in UNSEALED and state != self._last_state(wave):
                back = self._comes_back(wave)
                if device in late or (device in hasty and not back):
                    return True
        return False

    def _comes_back(self, wave: Wave) -> bool:
        """Whether hasty phones have a signal: before the seal, or after a snapshot."""
        rollback = self.trouble.rollback
        if rollback is not None and wave is self.waves[-1]:
            return rollback.copied is not None
        return seconds_until(wave.seals_at) < HASTE

    def _doom(self) -> Doom:
        chance = self.dice.random()
        if chance < 0.1:
            return Doom(sending=True)
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


def _keep_time(began: float, what: str, seconds: float = PATIENCE) -> None:
    if time.monotonic() > began + seconds:
        raise TooSlowError(f"{what} took longer than {seconds:.0f} s")
