"""A phone: enrols once, draws ballots, takes answers without a signal, sends them."""

import secrets
from collections.abc import Mapping
from os import PathLike
from typing import Self

from rapport_client._http import Transport
from rapport_client._outbox import outbox
from rapport_client._outbox.database import DISK_CAP
from rapport_client._outbox.draws import Ballot
from rapport_client._outbox.keys import KeyStore
from rapport_client._outbox.queue import Queue
from rapport_client._pulses.answers import NONCE_BYTES, freeze
from rapport_client._pulses.instrument import Instrument
from rapport_client._pulses.pulse import build_pulse
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._sync.clock import Clock
from rapport_client._sync.engine import SyncEngine, SyncLoop
from rapport_client.errors import (
    NothingToWithdraw,
    OutboxDamaged,
    OutboxUnusable,
    PulseNotOpen,
    RapportError,
)
from rapport_client.models import Answer, DeadItem, OutboxStatus, Pulse, SyncReport

DEFAULT_PERSON = "me"
"""The person of a device that only one person uses."""


class FieldDevice:
    """One person's device, whose whole memory is one encrypted file.

    Several people may share a file, each in a namespace of their own: nothing of one
    person's ever shows under another's name. Several processes may open the same file;
    an object belongs to one thread.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin, such as ``https://rapport.example``.
        ballot_box: the origin of the ballot-box door, if it has one of its own.
        person: whose namespace; any text that tells the people on this device apart.
        transport: carries requests, and is the caller's to close; urllib3 if missing.
        key: the path of the key file, or a ``KeyStore`` such as ``SystemKeyring``; the
            file ``<path>.key``, made if missing, if None.
        disk_cap: bytes from which on the file takes nothing new.
        clock: what the device tells time by; the system's clocks if missing.

    Raises:
        OutboxLocked: the key is missing, or is not the one of this outbox.
        OutboxFull: the disk has no room to open the file.
        OutboxUnusable: the file cannot be opened, or was written by another version.
        ValueError: an origin is not one, or the person has no name.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str,
        ballot_box: str | None = None,
        *,
        person: str = DEFAULT_PERSON,
        transport: Transport | None = None,
        key: str | PathLike[str] | KeyStore | None = None,
        disk_cap: int = DISK_CAP,
        clock: Clock | None = None,
    ) -> None:
        file = DeviceFile(
            path,
            server,
            ballot_box,
            transport=transport,
            key=key,
            disk_cap=disk_cap,
            clock=clock,
        )
        self._close = file.close
        try:
            self._attach(file, person)
        except BaseException:
            file.close()
            raise

    @classmethod
    def _from_file(cls, file: DeviceFile, person: str) -> Self:
        """The device of a person on a file that somebody else opened, and closes."""
        device = cls.__new__(cls)
        device._close = lambda: None  # noqa: SLF001 - of our own class
        device._attach(file, person)  # noqa: SLF001 - of our own class
        return device

    def _attach(self, file: DeviceFile, person: str) -> None:
        me = Account(file, person)
        self._clock = file.clock
        self._sync_lock = file.sync_lock
        self._account = me
        self._outbox, self._draws = me.outbox, me.draws
        self._document_cache, self._pollbook = me.document_cache, me.pollbook
        queue = Queue(file.database, me.namespace.key)
        self._engine = SyncEngine(file, queue, lambda: [me], max_items=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the outbox; what waits in it stays.

        Raises:
            OutboxUnusable: another thread opened it; it stays open.
        """
        self._close()

    @property
    def enrolled(self) -> bool:
        """Whether a code was ever accepted; until then nothing can be drawn."""
        return self._pollbook.is_enrolled

    def enrol(self, code: str, *, again: bool = False) -> None:
        """Enrols this person's device, once and online.

        A call that failed may be repeated with the same code. A code that this device
        is enrolled with already is not presented again. Ballots and answers stay.

        Args:
            code: such as ``acme-7QFM-29XK-T4WD``.
            again: it is another code of the person who is enrolled here. The service
                does not say whose a code is.

        Raises:
            AlreadyEnrolled: somebody is, with another code, and ``again`` was not said.
            CodeForReading: the code is for reading scores; nothing was enrolled.
            CodeUnknown: no such code.
            CodeUsed: another device has used it.
            CodeExpired: it is too old.
            ProblemError: refused for another reason.
            RetryLater: the service asked for patience.
            TransportFailure: no reply; try again.
            UnexpectedReply: a reply that is not Rapport's; try again.
            OutboxFull: the file has reached its cap, or the disk has no room; where no
                reply had come yet, the code was not presented.
        """
        with self._sync_lock:
            self._pollbook.enrol(code, again=again)

    def sync(self) -> SyncReport:
        """Sends what waits, then draws ballots for the waves to come.

        This is the person pressing Send. Answers go first, without credentials, so that
        none ever follows a request that says who is here. Whatever cannot be done now
        is left for the next sync and told in the report; nothing of the network is
        raised, nor that the disk has no room or the outbox has reached its cap. A sync
        waits until another process has ended its own.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        return self._engine.sync()

    def loop(self) -> SyncLoop:
        """Keeps this device in sync, though nobody presses Send; see ``SyncLoop``."""
        return SyncLoop(self._engine)

    def open_pulses(self, language: str = "en") -> list[Pulse]:
        """The pulses that can be answered now, the one that closes first at the head.

        Needs no signal: opening and closing go by this device's clock, corrected by
        what the service last said. Showing a wave for the first time draws its rotation
        form, uniformly at random; it stays.

        Args:
            language: such as ``en`` or ``es``; English where a text was not translated.

        Raises:
            OutboxFull: the disk has no room to note a rotation form.
            OutboxUnusable: the outbox cannot be read or written.
        """
        shown = []
        for held in self._draws.ballots():
            try:
                shown.append(self.pulse(held.wave, language))
            except OutboxUnusable as error:
                if not isinstance(error, OutboxDamaged):
                    raise
            except RapportError:
                continue  # not now, and the others may be shown; ``pulse`` says why
        return sorted(shown, key=lambda pulse: pulse.closes_at)

    def pulse(self, wave: str, language: str = "en") -> Pulse:
        """The pulse of one wave, as ``open_pulses`` has it.

        Raises:
            AlreadyAnswered: the first answer stands.
            PulseNotOpen: says why.
            TransportFailure: a document of this pulse rotted on this device, and
                cannot be fetched anew without a signal.
            OutboxFull: as ``open_pulses`` does.
            OutboxUnusable: the outbox cannot be read or written.
        """
        held, charter = self._account.open_wave(wave)
        instrument = self._document_cache.instrument(charter.instrument)
        form = self._form(held, instrument)
        return build_pulse(charter, instrument, held.team, form, language)

    def answer(
        self,
        pulse: Pulse,
        answers: Mapping[str, Answer],
        context: str | None = None,
    ) -> None:
        """Freezes the answers to a pulse; they are on disk when this returns.

        Args:
            pulse: one of ``open_pulses``.
            answers: for every question a point of its scale, ``na`` or ``skip``.
            context: an option of the context question, or None.

        Raises:
            TypeError: it is not a pulse.
            AlreadyAnswered: the first answer stands.
            PulseNotOpen: closed, cancelled, withdrawn from, not open yet, or never
                shown here.
            AnswersInvalid: names the question and the rule that its answer breaks.
            TransportFailure: as ``pulse`` does; the answer is not queued.
            OutboxFull: the file has reached its cap, or the disk has no room; the
                answer is not queued.
            OutboxUnusable: the answer could not be written; it is not queued.
        """
        if not isinstance(pulse, Pulse):
            raise TypeError("what is answered is a pulse; device.pulse(wave) gives it")
        held, charter = self._account.open_wave(pulse.wave)
        if held.form is None:
            raise PulseNotOpen("this pulse was not shown on this device")
        content = freeze(
            self._document_cache.instrument(charter.instrument),
            held.form,
            answers,
            context,
            secrets.token_bytes(NONCE_BYTES),
        )
        self._outbox.add(self._account.freeze(held, charter, content))

    def withdraw(self, pulse: Pulse | str) -> None:
        """Takes back what was answered; the request is on disk when this returns.

        It goes out with the next sync, ahead of an answer that has not gone yet, which
        then need not go at all, and does not go either where the withdrawal was refused
        for good: both are dead. It can be done as long as no release counts the answer;
        whether it was in time is in the report of the sync. A wave that was withdrawn
        from cannot be answered any more. A second call changes nothing.

        Args:
            pulse: the one that was answered, or its wave's public id.

        Raises:
            NothingToWithdraw: this person did not answer it on this device.
            TransportFailure: as ``pulse`` does; the request is not queued.
            OutboxFull: the file has reached its cap, or the disk has no room.
            OutboxUnusable: the request could not be written.
        """
        wave = pulse.wave if isinstance(pulse, Pulse) else pulse
        if self._outbox.has(wave, "withdraw"):
            return
        held = self._draws.ballot(wave)
        if held is None or not self._outbox.has(wave, "submit"):
            raise NothingToWithdraw("this pulse was not answered on this device")
        self._outbox.add(self._account.freeze(held, self._account.charter(held), None))

    def status(self) -> OutboxStatus:
        """Where everything given on this device is, and why.

        Raises:
            OutboxUnusable: the outbox cannot be read.
        """
        return outbox.read_status(self._account.namespace, self._clock.now())

    def export_dead(self) -> list[DeadItem]:
        """What was refused for good, with all there is to know of it.

        It holds answers and ballots: show it only to whom the person trusts.
        """
        return outbox.read_dead(self._account.namespace)

    def _form(self, held: Ballot, instrument: Instrument) -> int:
        if held.form is not None:
            return held.form
        return self._draws.choose_form(
            held.wave, self._choose_form(len(instrument.forms))
        )

    def _choose_form(self, forms: int) -> int:
        """Draws one of ``forms`` rotation forms, each as likely as the others."""
        return secrets.randbelow(forms)
