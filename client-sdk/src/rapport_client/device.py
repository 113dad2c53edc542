"""A phone: enrols once, draws ballots, takes answers without a signal, sends them."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Self

from rapport_client import ballot
from rapport_client.answers import NONCE_BYTES, Answer, freeze
from rapport_client.charter import Charter
from rapport_client.drawing import Drawing
from rapport_client.errors import AlreadyAnswered, PulseNotOpen
from rapport_client.instrument import Instrument
from rapport_client.library import Library
from rapport_client.pollbook import PollBook
from rapport_client.pulse import Pulse, show
from rapport_client.report import SyncReport, Tally
from rapport_client.sending import send_waiting
from rapport_client.store.database import Database
from rapport_client.store.documents import Documents
from rapport_client.store.draws import Ballot, Draws
from rapport_client.store.enrolment import Enrolment
from rapport_client.store.lock import FileLock
from rapport_client.store.outbox import Outbox, OutboxStatus
from rapport_client.transport import Urllib3Transport
from rapport_client.wire import Transport


class FieldDevice:
    """One person's device, whose whole memory is one file.

    Several processes may open the same file; an object belongs to one thread.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin, such as ``https://rapport.example``.
        ballot_box: the origin of the ballot-box door, if it has one of its own.
        transport: carries requests, and is the caller's to close; urllib3 if missing.

    Raises:
        OutboxUnusable: the file cannot be opened, or was written by a newer version.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str,
        ballot_box: str | None = None,
        *,
        transport: Transport | None = None,
    ) -> None:
        file = Path(path)
        self._closing = ExitStack()
        with ExitStack() as opening:
            database = Database(file)
            opening.callback(database.close)
            self._turn = FileLock(file.with_name(file.name + ".sync"))
            opening.callback(self._turn.close)
            if transport is None:
                transport = Urllib3Transport()
                opening.callback(transport.close)
            self._outbox = Outbox(database)
            self._closing = opening.pop_all()
        self._send = transport.send
        self._ballot_box = (ballot_box or server).rstrip("/")
        self._documents = Documents(database)
        self._draws = Draws(database)
        self._library = Library(self._documents, self._ballot_box, self._send)
        self._pollbook = PollBook(
            server.rstrip("/"), Enrolment(database), self._send, self._now
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the outbox; what waits in it stays."""
        self._closing.close()

    @property
    def enrolled(self) -> bool:
        """Whether a code was ever accepted; until then nothing can be drawn."""
        return self._pollbook.knows_us

    def enrol(self, code: str) -> None:
        """Enrols this device, once and online.

        A call that failed may be repeated with the same code. A code that this device
        is enrolled with already is not presented again.

        Args:
            code: such as ``acme-7QFM-29XK-T4WD``.

        Raises:
            CodeUnknown: no such code.
            CodeUsed: another device has used it.
            CodeExpired: it is too old.
            ProblemError: refused for another reason.
            TransportFailure: no reply; try again.
            UnexpectedReply: a reply that is not Rapport's; try again.
        """
        with self._turn:
            self._pollbook.enrol(code)

    def sync(self) -> SyncReport:
        """Sends what waits, then draws ballots for the waves to come.

        This is the person pressing Send. Answers go first, without credentials, so that
        none ever follows a request that says who is here. Whatever cannot be done now
        is left for the next sync and told in the report; nothing of the network is
        raised. A sync waits until another process has ended its own.

        Raises:
            OutboxUnusable: the outbox cannot be written.
        """
        tally = Tally()
        with self._turn:
            send_waiting(self._outbox, self._ballot_box, self._send, tally)
            if self._pollbook.knows_us:
                Drawing(
                    self._pollbook, self._library, self._documents, self._draws, tally
                ).run()
        outbox = self._outbox.status()
        return tally.report(outbox.queued + outbox.in_flight, outbox.dead)

    def open_pulses(self, language: str = "en") -> list[Pulse]:
        """The pulses that can be answered now, the one that closes first at the head.

        Needs no signal: opening and closing go by this device's clock. Showing a wave
        for the first time draws its rotation form, uniformly at random; it stays.

        Args:
            language: such as ``en`` or ``es``; English where a text was not translated.

        Raises:
            OutboxUnusable: the outbox cannot be read or written.
        """
        now = self._now()
        pulses = []
        for held in self._draws.usable():
            charter = self._charter(held)
            if charter.opens_at <= now < charter.closes_at:
                instrument = self._library.instrument(charter.instrument)
                form = self._form(held, instrument)
                pulses.append(show(charter, instrument, held.team, form, language))
        return sorted(pulses, key=lambda shown: shown.closes_at)

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
            AlreadyAnswered: the first answer stands.
            PulseNotOpen: closed, cancelled, not open yet, or never shown here.
            AnswersInvalid: names the question and the rule that its answer breaks.
            OutboxUnusable: the answer could not be written; it is not queued.
        """
        if self._outbox.has(pulse.wave):
            raise AlreadyAnswered("this pulse has been answered on this device")
        held, charter, form = self._open(pulse.wave)
        content = freeze(
            self._library.instrument(charter.instrument),
            form,
            answers,
            context,
            secrets.token_bytes(NONCE_BYTES),
        )
        self._outbox.add(pulse.wave, held.ballot, ballot.hash_of(held.r), content)

    def status(self) -> OutboxStatus:
        """Where every answer given on this device is, and why."""
        return self._outbox.status()

    def _open(self, wave: str) -> tuple[Ballot, Charter, int]:
        held = self._draws.ballot(wave)
        if held is None or held.form is None:
            raise PulseNotOpen("this pulse was not shown on this device")
        if held.cancelled is not None:
            raise PulseNotOpen(f"this pulse was cancelled: {held.cancelled}")
        charter = self._charter(held)
        now = self._now()
        if now >= charter.closes_at:
            raise PulseNotOpen("this pulse has closed")
        if now < charter.opens_at:
            raise PulseNotOpen("this pulse has not opened yet")
        return held, charter, held.form

    def _charter(self, held: Ballot) -> Charter:
        return self._library.charter(held.wave, held.charter)

    def _form(self, held: Ballot, instrument: Instrument) -> int:
        if held.form is not None:
            return held.form
        return self._draws.choose_form(
            held.wave, self._choose_form(len(instrument.forms))
        )

    def _choose_form(self, forms: int) -> int:
        """Draws one of ``forms`` rotation forms, each as likely as the others."""
        return secrets.randbelow(forms)

    def _now(self) -> datetime:
        """The device's clock."""
        return datetime.now(UTC)
