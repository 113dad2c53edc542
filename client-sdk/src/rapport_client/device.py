"""The class for a phone: enrols, draws ballots, takes answers offline, sends them."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from os import PathLike
from typing import Self

from rapport_client._http import Transport
from rapport_client._outbox import outbox, retention
from rapport_client._outbox.database import DISK_CAP
from rapport_client._outbox.draws import Ballot
from rapport_client._outbox.keys import KeyStore
from rapport_client._outbox.queue import Queue
from rapport_client._pulses.answers import write_plaintext
from rapport_client._pulses.instrument import Instrument
from rapport_client._pulses.pulse import build_pulse, build_upcoming_pulse
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._sync.clock import Clock, describe_contradiction
from rapport_client._sync.engine import SyncEngine, SyncLoop
from rapport_client._sync.moving import move
from rapport_client._wording import bilingual_wording
from rapport_client.errors import (
    DocumentRefused,
    NothingToOffer,
    NothingToWithdraw,
    OutboxDamaged,
    OutboxUnusable,
    PulseNotOpen,
    RapportError,
    TransportFailure,
)
from rapport_client.models import (
    Answer,
    DeadItem,
    OutboxStatus,
    Pulse,
    SyncReport,
    UpcomingPulse,
)

DEFAULT_PERSON = "me"
"""The person of a device that only one person uses."""

_NOT_SHOWN_MESSAGE = bilingual_wording(
    "this pulse was not shown on this device",
    "este pulso no se mostró en este dispositivo",
)
_NOT_ANSWERED_MESSAGE = bilingual_wording(
    "this pulse was not answered on this device",
    "no se respondió a este pulso en este dispositivo",
)
_NOT_REFUSED_MESSAGE = bilingual_wording(
    "nothing of this pulse was refused, so nothing can be sent again; `rapport-field"
    " status` (FieldDevice.status) shows where your answers are",
    "nada de este pulso fue rechazado, así que no hay nada que enviar otra vez;"
    " `rapport-field status` (FieldDevice.status) muestra dónde están sus respuestas",
)


class FieldDevice:
    """One person's device; all its data is in one encrypted file.

    Several people may share a file, each in a namespace of their own: no data of one
    person shows under another's name. Several processes may open the same file;
    an object belongs to one thread.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin, such as ``https://rapport.example``. Needed until
            a person is enrolled; the file keeps it from then on.
        ballot_box: the origin of the ballot-box door, if it has one of its own; kept
            like ``server``.
        person: the name of a namespace; any text, another for each person.
        transport: carries requests; the caller closes it. urllib3 if None.
        key: the path of the key file, or a ``KeyStore`` such as ``SystemKeyring``; the
            file ``<path>.key``, made if missing, if None.
        disk_cap: bytes from which on the file takes no new items.
        clock: the clocks of the device; the system's if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one of this outbox.
        OutboxFull: the disk has no room to open the file.
        OutboxUnusable: the file cannot be opened, or was written by another version;
            without ``server`` also if there is no file.
        ValueError: an origin is not one, or the person has no name.
        WrongOrigin: the file was enrolled at another origin.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str | None = None,
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
        """The device of a person on a file that the caller opens and closes."""
        device = cls.__new__(cls)
        device._close = lambda: None  # noqa: SLF001 - of our own class
        device._attach(file, person)  # noqa: SLF001 - of our own class
        return device

    def _attach(self, file: DeviceFile, person: str) -> None:
        account = Account(file, person)
        self._file = file
        self._clock = file.clock
        self._sync_lock = file.sync_lock
        self._account = account
        self._outbox, self._draws = account.outbox, account.draws
        self._document_cache, self._pollbook = account.document_cache, account.pollbook
        queue = Queue(file.database, account.namespace.key)
        self._engine = SyncEngine(file, queue, lambda: [account], max_items=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the outbox; waiting items stay in it.

        Raises:
            OutboxUnusable: another thread opened it; it stays open.
        """
        self._close()

    @property
    def enrolled(self) -> bool:
        """Whether a code was ever accepted; until then no ballot can be drawn."""
        return self._pollbook.is_enrolled

    @property
    def is_asked(self) -> bool:
        """Whether waves to come ask this person, as of the last sync; true before one.

        A person who supervises the whole agency, or is away, is not asked. A pulse that
        was announced before can still be answered.
        """
        return self._account.is_asked

    @property
    def server(self) -> str | None:
        """The origin of the service that this file was enrolled at; None before."""
        origins = self._file.enrolled_origins()
        return None if origins is None else origins.server

    def enrol(self, code: str, *, again: bool = False) -> None:
        """Enrols this person's device, once and online.

        A call that failed may be repeated with the same code. A code that this device
        is enrolled with already is not presented again. Ballots and answers stay.

        Args:
            code: such as ``acme-7QFM-29XK-T4WD``.
            again: it is another code of the person who is enrolled. The service
                does not say whose code it is.

        Raises:
            AlreadyEnrolled: a person is, with another code, and ``again`` is false.
            CodeForReading: the code is for reading scores; nothing was enrolled.
            CodeUnknown: no such code.
            CodeUsed: another device has used it.
            CodeExpired: it is too old.
            ProblemError: refused for another reason.
            RetryLater: the service asked to wait.
            TransportFailure: no reply; try again.
            UnexpectedReply: a reply that is not Rapport's; try again.
            OutboxFull: the file has reached its cap, or the disk has no room; if no
                reply had come yet, the code was not presented.
            ValueError: nobody is enrolled on this file, and no ``server`` was given.
            WrongOrigin: another process has enrolled this file elsewhere.
        """
        with self._sync_lock:
            self._pollbook.enrol(code, again=again)

    def move(
        self, server: str, ballot_box: str | None = None, *, code: str | None = None
    ) -> None:
        """Moves the file to another address of its service, for all people on it.

        The new address has to prove that it is the same service: it must have the key
        that signed the tokens on this device, and give new ones. A call that failed may
        be repeated.

        Args:
            server: the new origin of the service.
            ballot_box: that of the ballot-box door; if None, the ballot box has stayed
                where it was, or is at ``server`` if it had no origin of its own.
            code: a new code of the same person, where the enrolment has ended.

        Raises:
            MoveRefused: it did not prove that; nothing was changed.
            CodeForReading: the code is for reading scores; nothing was changed.
            ProblemError: it refused for another reason.
            TransportFailure: no reply; try again.
            UnexpectedReply: a reply that is not Rapport's.
            ValueError: an origin is not one.
        """
        move(self._file, [self._account], server, ballot_box, code)

    def sync(self, language: str = "en") -> SyncReport:
        """Sends waiting items, then draws ballots for the waves to come.

        This is the person pressing Send. Charters that are due are fetched again, and
        then answers go, without credentials, so that none ever follows a request that
        shows who is here. The report has everything
        that could not be done now, and the next sync does it. No network problem is
        raised, and no full disk or outbox at its cap. A sync waits until another
        process has ended its own.

        Args:
            language: of the report's messages, such as ``en`` or ``es``; English where
                a text was not translated.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
            WrongOrigin: another process has enrolled or moved this file elsewhere.
        """
        return self._engine.sync(language)

    def loop(self, language: str = "en") -> SyncLoop:
        """A loop that keeps this device in sync without a person who presses Send.

        Args:
            language: of the messages in its reports.
        """
        return SyncLoop(self._engine, language)

    def open_pulses(self, language: str = "en") -> list[Pulse]:
        """The pulses that can be answered now; the one that closes first comes first.

        Needs no signal: opening and closing go by this device's clock, corrected by
        the service's last date. Showing a wave for the first time draws its rotation
        form, uniformly at random; the form stays.

        Args:
            language: such as ``en`` or ``es``; English where a text was not translated.

        Raises:
            OutboxFull: the disk has no room to store a rotation form.
            OutboxUnusable: the outbox cannot be read or written.
        """
        shown = []
        for ballot in self._draws.ballots():
            try:
                shown.append(self.pulse(ballot.wave_id, language))
            except OutboxUnusable as error:
                if not isinstance(error, OutboxDamaged):
                    raise
            except RapportError:
                continue  # not now; ``pulse`` gives the reason
        return sorted(shown, key=lambda pulse: pulse.closes_at)

    def pulse(self, wave_id: str, language: str = "en") -> Pulse:
        """The pulse of one wave, as ``open_pulses`` has it.

        Raises:
            AlreadyAnswered: the first answer counts.
            AnswerRefused: it was refused for good, and is kept here.
            PulseNotOpen: says why.
            CharterRefused: a second look found another charter than the first.
            TransportFailure: a document of this pulse is corrupt on this device, and
                cannot be fetched again without a signal.
            OutboxFull: as ``open_pulses`` does.
            OutboxUnusable: the outbox cannot be read or written.
        """
        ballot, charter = self._account.open_wave(wave_id)
        instrument = self._document_cache.instrument(charter.instrument_digest)
        form = self._form(ballot, instrument)
        return build_pulse(charter, instrument, ballot.voting_team_id, form, language)

    def answer(
        self,
        pulse: Pulse,
        answers: Mapping[str, Answer],
        context: str | None = None,
    ) -> None:
        """Seals the answers to a pulse in an envelope; it is on disk when this returns.

        Nobody can open an envelope before the seal, this device neither. The answers
        themselves are written nowhere. A trial comes first: the answers are sealed to a
        key that is thrown away, opened, and compared.

        Args:
            pulse: one of ``open_pulses``.
            answers: for every question a point of its scale, ``na`` or ``skip``.
            context: an option of the context question, or None.

        Raises:
            TypeError: it is not a pulse.
            AlreadyAnswered: the first answer counts.
            AnswerRefused: it was refused for good, and is kept here.
            PulseNotOpen: closed, cancelled, withdrawn from, not open yet, or never
                shown here.
            AnswersInvalid: names the question and the rule that its answer breaks.
            CharterRefused: as ``pulse`` does.
            EnvelopeTrialFailed: the trial failed; nothing was kept or sent.
            TransportFailure: as ``pulse`` does; the answer is not queued.
            OutboxFull: the file has reached its cap, or the disk has no room; the
                answer is not queued.
            OutboxUnusable: the answer could not be written; it is not queued.
        """
        if not isinstance(pulse, Pulse):
            raise TypeError("what is answered is a pulse; device.pulse(wave) gives it")
        ballot, charter = self._account.open_wave(pulse.wave_id)
        if ballot.form is None:
            raise PulseNotOpen(_NOT_SHOWN_MESSAGE)
        instrument = self._document_cache.instrument(charter.instrument_digest)
        plaintext = write_plaintext(instrument, ballot.form, answers, context)
        self._account.queue_answer(ballot, charter, plaintext)

    def withdraw(self, pulse: Pulse | str) -> None:
        """Withdraws an answer; the withdrawal is on disk when this returns.

        It goes out with the next sync, before an answer that was not sent yet. That
        answer is then not sent, even if the withdrawal was refused for good: both are
        dead. An answer can be withdrawn until the seal; the report of the sync says if
        it was too late. A withdrawn pulse cannot be answered again. A
        second call changes nothing.

        Args:
            pulse: the pulse that was answered, or its wave's public id.

        Raises:
            NothingToWithdraw: this person did not answer it on this device.
            TransportFailure: as ``pulse`` does; the withdrawal is not queued.
            OutboxFull: the file has reached its cap, or the disk has no room.
            OutboxUnusable: the withdrawal could not be written.
        """
        wave = pulse.wave_id if isinstance(pulse, Pulse) else pulse
        if self._outbox.find(wave, "withdraw") is not None:
            return
        ballot = self._draws.ballot(wave)
        if ballot is None or self._outbox.find(wave, "submit") is None:
            raise NothingToWithdraw(_NOT_ANSWERED_MESSAGE)
        self._account.queue_withdrawal(ballot)

    def offer_again(self, pulse: Pulse | str) -> None:
        """Queues an answer or a withdrawal again that was refused for good.

        It goes out with the next sync. Use it if the cause has gone, such as a wrong
        address or a fault of the service. Of an answer whose withdrawal was refused,
        the withdrawal is sent.

        Args:
            pulse: the pulse that was answered, or its wave's public id.

        Raises:
            NothingToOffer: nothing of this pulse was refused, or it cannot be read any
                more.
            OutboxUnusable: the outbox could not be written.
        """
        wave = pulse.wave_id if isinstance(pulse, Pulse) else pulse
        if not retention.offer_again(self._account.namespace, wave):
            raise NothingToOffer(_NOT_REFUSED_MESSAGE)

    def next_pulse(self) -> UpcomingPulse | None:
        """The pulse that opens next, of those that this device has a ballot for.

        Returns:
            None if none is known: a sync may bring one.
        """
        now, upcoming = self._clock.now(), []
        for ballot in self._draws.ballots():
            with suppress(DocumentRefused, OutboxDamaged, TransportFailure):
                charter = self._document_cache.accepted_charter(
                    ballot.wave_id, ballot.charter_digest
                )
                if charter.opens_at > now:
                    upcoming.append(
                        build_upcoming_pulse(charter, ballot.voting_team_id)
                    )
        return min(upcoming, key=lambda pulse: pulse.opens_at, default=None)

    def date_notice(self, language: str = "en") -> str | None:
        """A message if this device's date cannot be right: why, and what to do.

        Args:
            language: such as ``en`` or ``es``; English where there is no other.

        Returns:
            None if the last list of pulses does not contradict the date.
        """
        notice = describe_contradiction(self._clock)
        return None if notice is None else notice.in_language(language)

    def status(self) -> OutboxStatus:
        """The state of every answer and withdrawal of this person.

        Raises:
            OutboxUnusable: the outbox cannot be read.
        """
        return outbox.read_status(self._account.namespace, self._clock.now())

    def export_dead(self) -> list[DeadItem]:
        """All items that were refused for good, with all their data.

        They contain ballots, and no readable answer. A person who has a ballot can
        withdraw its owner's answer: show them only to people whom you trust.
        """
        return outbox.read_dead(self._account.namespace)

    def _form(self, ballot: Ballot, instrument: Instrument) -> int:
        if ballot.form is not None:
            return ballot.form
        return self._draws.choose_form(
            ballot.wave_id, self._choose_form(len(instrument.forms))
        )

    def _choose_form(self, forms: int) -> int:
        """Draws one of ``forms`` rotation forms, each as likely as the others."""
        return secrets.randbelow(forms)
