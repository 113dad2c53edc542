"""Session of a phone, in a process of its own that may be killed at any instant.

The phone's ledger records each step before the SDK is called, and the SDK's result as
soon as it returns.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rapport_client import (
    AlreadyAnswered,
    Answer,
    FieldDevice,
    Gateway,
    NothingToOffer,
    NothingToWithdraw,
    OutboxUnusable,
    Pulse,
    PulseNotOpen,
    RapportError,
    SyncReport,
    SystemClock,
    Transport,
    Urllib3Transport,
    WrongOrigin,
)
from tools.chaos.device_timelines import list_refused_waves
from tools.chaos.journal import Journal
from tools.chaos.journaling_transport import JournalingTransport

READ_TIMEOUT_SECONDS = 3.0
"""Seconds that a phone waits for a reply; the proxy's slowest replies take longer."""

CONTEXTS = ("normal", "stretched", "crisis", None)


@dataclass(frozen=True)
class SessionPlan:
    """Steps and circumstances of a session.

    Attributes:
        device: the name of the phone, or of the gateway.
        codes: an enrolment code for each of its people.
        gateway: whether the device is a gateway.
        file: the outbox.
        server: origin of the service, or of another that was typed by mistake.
        other_server: origin of that other service.
        ledger: file of the device's journal.
        seed: chooses answers and jumps of the clock; each session has another, so that
            no two tries to answer a pulse look alike.
        steps: names of ``STEPS``, in order.
        skews: seconds by which the clock may be wrong; it jumps at every step.
        signal: whether there is a connection.
        non_answering: by person, the waves that are not answered.
        withdrawn_waves: by person, the waves that are withdrawn once answered.
    """

    device: str
    codes: Mapping[str, str]
    gateway: bool
    file: Path
    server: str
    other_server: str
    ledger: Path
    seed: str
    steps: tuple[str, ...]
    skews: tuple[float, ...] = (0.0,)
    signal: bool = True
    non_answering: Mapping[str, frozenset[str]] | None = None
    withdrawn_waves: Mapping[str, frozenset[str]] | None = None


class JumpingClock(SystemClock):
    """Wall clock that is set wrong again and again."""

    offset_seconds = 0.0

    def wall(self) -> float:
        """Seconds since the epoch, with the error of this phone."""
        return super().wall() + self.offset_seconds


@dataclass
class Session:
    """A device in use.

    Attributes:
        plan: steps and circumstances.
        people: each person's device.
        sync: of the whole device.
        move: of the whole device, to another address.
        ledger: the device's journal.
        rng: of this session.
    """

    plan: SessionPlan
    people: Mapping[str, FieldDevice]
    sync: Callable[[], SyncReport]
    move: Callable[[str], None]
    ledger: Journal
    rng: Random

    def enrol(self) -> None:
        """Presents the code of each person."""
        for person, device in self.people.items():
            code = self.plan.codes[person]
            try:
                device.enrol(code, again=True)
            except OutboxUnusable:
                raise
            except RapportError as error:
                why = type(error).__name__
                self.ledger.note("not enrolled", person=person, code=code, why=why)
            else:
                self.ledger.note("enrolled", person=person, code=code)

    def send(self) -> None:
        """Syncs, as the Send button does."""
        report = self.sync()
        self.ledger.note("synced", problem=report.problem, notices=report.notices)

    def move_elsewhere(self) -> None:
        """Follows a false report that the service has moved to the other address."""
        try:
            self.move(self.plan.other_server)
        except OutboxUnusable:
            raise
        except RapportError as error:
            self.ledger.note("not moved", why=type(error).__name__)
        else:
            self.ledger.note("moved", server=self.plan.other_server)

    def look(self) -> None:
        """Records which pulses each person could answer and is not shown."""
        for person, device in self.people.items():
            done = {item.wave_id for item in device.status().items}
            done |= {pulse.wave_id for pulse in device.open_pulses()}
            now = time.time()
            self.ledger.note(
                "looked",
                person=person,
                time=now,
                error=device._clock.now().timestamp() - now,
                hidden=[
                    ballot.wave_id
                    for ballot in device._draws.ballots()
                    if ballot.wave_id not in done
                ],
            )

    def answer(self) -> None:
        """Answers every open pulse of each person."""
        for person, device in self.people.items():
            non_answering = (self.plan.non_answering or {}).get(person, frozenset())
            for pulse in device.open_pulses():
                if pulse.wave_id not in non_answering:
                    self._answer(person, device, pulse)

    def withdraw(self) -> None:
        """Withdraws the answers that the plan names."""
        for person, device in self.people.items():
            withdrawn_waves = (self.plan.withdrawn_waves or {}).get(person, frozenset())
            for item in device.status().items:
                if item.op == "submit" and item.wave_id in withdrawn_waves:
                    self._withdraw(person, device, item.wave_id)

    def offer_again(self) -> None:
        """Offers again what a service refused that knows nothing of its ballot."""
        for person, device in self.people.items():
            for wave in list_refused_waves(_describe_items(device)):
                self.ledger.note("offering again", person=person, wave=wave)
                try:
                    device.offer_again(wave)
                except NothingToOffer as error:
                    self.ledger.note("refused", why=type(error).__name__)

    def status(self) -> None:
        """Records the status of every item on the device."""
        for person, device in self.people.items():
            self.ledger.note("status", person=person, items=_describe_items(device))

    def _answer(self, person: str, device: FieldDevice, pulse: Pulse) -> None:
        answers, context = self._choose(pulse)
        what = {
            "person": person,
            "wave": pulse.wave_id,
            "answers": answers,
            "context": context,
        }
        self.ledger.note("answering", **what)
        try:
            device.answer(pulse, answers, context)
        except (AlreadyAnswered, PulseNotOpen) as error:
            self.ledger.note("refused", why=type(error).__name__)
        except OutboxUnusable as error:
            self.ledger.note("not answered", why=str(error))
            raise
        else:
            self.ledger.note("answered", **what)

    def _withdraw(self, person: str, device: FieldDevice, wave: str) -> None:
        self.ledger.note("withdrawing", person=person, wave=wave)
        try:
            device.withdraw(wave)
        except NothingToWithdraw:
            self.ledger.note("refused", why="NothingToWithdraw")
        else:
            self.ledger.note("withdrew", person=person, wave=wave)

    def _choose(self, pulse: Pulse) -> tuple[dict[str, Answer], str | None]:
        mean = self.rng.choice((2, 3, 4))
        answers: dict[str, Answer] = {}
        for question in pulse.questions:
            point = min(5, max(1, round(self.rng.gauss(mean, 1))))
            answers[question.id] = "na" if self.rng.random() < 0.04 else point
        return answers, self.rng.choice(CONTEXTS)


def _describe_items(device: FieldDevice) -> list[dict[str, str | None]]:
    """The status of every item, as a ledger has it."""
    return [
        {
            "wave": item.wave_id,
            "op": item.op,
            "state": item.state,
            "status": item.status,
            "reason": item.reason,
        }
        for item in device.status().items
    ]


STEPS: Mapping[str, Callable[[Session], None]] = {
    "enrol": Session.enrol,
    "move": Session.move_elsewhere,
    "sync": Session.send,
    "look": Session.look,
    "answer": Session.answer,
    "withdraw": Session.withdraw,
    "offer": Session.offer_again,
    "status": Session.status,
}


def run_session(plan: SessionPlan, wait: Callable[[], None]) -> None:
    """Plays a session to its end.

    Args:
        plan: steps and circumstances.
        wait: returns when the session may begin.
    """
    wait()
    ledger = Journal(plan.ledger, durable=True)
    rng = Random(plan.seed)
    clock = JumpingClock()
    clock.offset_seconds = rng.choice(plan.skews)
    with closing(
        Urllib3Transport(connect_seconds=2, read_seconds=READ_TIMEOUT_SECONDS)
    ) as transport:
        journaling = JournalingTransport(transport, ledger, signal=plan.signal)
        try:
            with _open(plan, journaling, clock) as (people, sync, move):
                session = Session(plan, people, sync, move, ledger, rng)
                for step in plan.steps:
                    STEPS[step](session)
                    clock.offset_seconds = rng.choice(plan.skews)
        except WrongOrigin:
            ledger.note("wrong address", server=plan.server)
        except OutboxUnusable as error:
            ledger.note("unusable", why=str(error))
    ledger.note("ended")


OpenedDevice = tuple[
    dict[str, FieldDevice], Callable[[], SyncReport], Callable[[str], None]
]


@contextmanager
def _open(
    plan: SessionPlan, transport: Transport, clock: SystemClock
) -> Iterator[OpenedDevice]:
    if plan.gateway:
        with Gateway(
            plan.file, plan.server, transport=transport, clock=clock
        ) as gateway:
            people = {name: gateway.person(name) for name in plan.codes}
            yield people, gateway.sync, gateway.move
        return
    with FieldDevice(plan.file, plan.server, transport=transport, clock=clock) as phone:
        yield dict.fromkeys(plan.codes, phone), phone.sync, phone.move
