"""An outbox file in use, and one person on it."""

from contextlib import ExitStack, suppress
from os import PathLike
from pathlib import Path

from rapport_client._ballots.ballot import compute_ballot_hash
from rapport_client._ballots.envelope import (
    envelope_info,
    make_blank_envelope,
    make_envelope,
)
from rapport_client._http import Transport, drive, parse_origin
from rapport_client._outbox import retention
from rapport_client._outbox.database import DISK_CAP, Database, FileLock
from rapport_client._outbox.draws import Ballot, Draws
from rapport_client._outbox.enrolment import Enrolment
from rapport_client._outbox.keys import KeyFile, KeyStore
from rapport_client._outbox.namespace import Documents, Namespace
from rapport_client._outbox.origins import Origins, load_origins
from rapport_client._outbox.outbox import ANSWERED_MESSAGE, Outbox, to_item_status
from rapport_client._outbox.queue import FINAL, Queue
from rapport_client._outbox.records import FrozenItem
from rapport_client._outbox.seen_charters import SeenCharters
from rapport_client._protocol import base64url
from rapport_client._protocol.pull import SYNC_PATH, fetch, read_list
from rapport_client._pulses.charter import Charter
from rapport_client._status_messages import format_local
from rapport_client._sync.ballot_drawer import BallotDrawer
from rapport_client._sync.clock import Clock, DeviceClock, SystemClock
from rapport_client._sync.document_cache import DocumentCache
from rapport_client._sync.gated_transport import GatedTransport
from rapport_client._sync.pollbook import PollBook
from rapport_client._sync.report import SyncCounter
from rapport_client._transport import Urllib3Transport
from rapport_client._wording import bilingual_wording
from rapport_client.errors import (
    AlreadyAnswered,
    AnswerRefused,
    OutboxDamaged,
    OutboxUnusable,
    PulseNotOpen,
    TransportFailure,
)
from rapport_client.models import ItemOp

_REFUSED_MESSAGE = bilingual_wording(
    "{}; you cannot answer this pulse again; if the cause has gone, send it again"
    " (`rapport-field offer-again`; FieldDevice.offer_again)",
    "{}; no puede responder otra vez a este pulso; si la causa ya no existe, vuelva a"
    " enviarla (`rapport-field offer-again`; FieldDevice.offer_again)",
)
_NO_BALLOT_MESSAGE = bilingual_wording(
    "this device has no ballot for this pulse; sync first, or check the id",
    "este dispositivo no tiene papeleta para este pulso; sincronice primero o compruebe"
    " el identificador",
)
_CANCELLED_MESSAGE = bilingual_wording(
    "this pulse was cancelled: {}", "este pulso se canceló: {}"
)
_CLOSED_MESSAGE = bilingual_wording("this pulse has closed", "este pulso ya se cerró")
_NOT_OPEN_YET_MESSAGE = bilingual_wording(
    "this pulse has not opened yet; it opens on {}",
    "este pulso aún no se ha abierto; se abre el {}",
)
_WITHDRAWN_MESSAGE = bilingual_wording(
    "you have withdrawn your answer to this pulse",
    "usted retiró su respuesta a este pulso",
)


class DeviceFile:
    """The outbox file in use: database, sync lock, clock and transport.

    Args:
        path: of the outbox file; made if missing, readable by its owner alone.
        server: the service's origin; None for that of the enrolment.
        ballot_box: the origin of the ballot-box door, if it has one of its own; None
            for that of the enrolment.
        transport: carries requests; the caller closes it. urllib3 if None.
        key: a key file, or another store of keys; a file next to the outbox if None.
        disk_cap: bytes from which on the file takes nothing new.
        clock: the clocks of this device; the system's if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one that the file needs.
        OutboxUnusable: the file cannot be opened; without ``server`` also if there is
            none.
        ValueError: an origin is not one; no file was made.
        WrongOrigin: the file belongs to a service at another address.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        server: str | None,
        ballot_box: str | None = None,
        *,
        transport: Transport | None = None,
        key: str | PathLike[str] | KeyStore | None = None,
        disk_cap: int = DISK_CAP,
        clock: Clock | None = None,
    ) -> None:
        self._server = None if server is None else parse_origin(server)
        self._ballot_box = None if ballot_box is None else parse_origin(ballot_box)
        file = Path(path)
        if server is None and not file.exists():
            raise OutboxUnusable(
                f"there is no outbox {file}: check its path, or say which service a"
                " new one is for (server=)"
            )
        with ExitStack() as opening:
            keys = KeyFile(Path(key)) if isinstance(key, str | PathLike) else key
            self.database: Database = Database(file, keys, disk_cap)
            opening.callback(self.database.close)
            self.sync_lock: FileLock = FileLock(file.with_name(file.name + ".sync"))
            opening.callback(self.sync_lock.close)
            self.shared: Namespace = Namespace.shared(self.database)
            with suppress(OutboxDamaged):  # offline, the address is not needed
                self.enrolled_origins()
            self._recover()
            if transport is None:
                transport = Urllib3Transport()
                opening.callback(transport.close)
            self._closing = opening.pop_all()
        self.clock: DeviceClock = DeviceClock(clock or SystemClock(), self.shared)
        self.gated_transport: GatedTransport = GatedTransport(
            transport, self.clock, self.shared
        )
        self.documents: Documents = Documents(self.shared)
        self.seen_charters: SeenCharters = SeenCharters(self.shared)

    def enrolled_origins(self) -> Origins | None:
        """The addresses of the enrolment; None before the first one.

        Raises:
            OutboxDamaged: they cannot be read any more.
            WrongOrigin: they are not those that this file was opened with.
        """
        stored = load_origins(self.shared)
        if stored is not None:
            stored.assert_same(self._server, self._ballot_box)
        return stored

    def origins(self) -> Origins:
        """The addresses of the enrolment; before it, those given for this file.

        Raises:
            OutboxDamaged: as ``enrolled_origins`` does.
            ValueError: there are none.
            WrongOrigin: as ``enrolled_origins`` does.
        """
        stored = self.enrolled_origins()
        if stored is not None:
            return stored
        if self._server is None:
            raise ValueError(
                "no one is enrolled on this outbox yet; say at which service to enrol"
                " (--server; server=)"
            )
        return Origins(self._server, self._ballot_box or self._server)

    def follow_move(self) -> None:
        """Forgets the addresses that the file was opened with: others are stored."""
        self._server = self._ballot_box = None

    def fetch_document(self, path: str) -> bytes:
        """Fetches a public document of the service, without credentials.

        Raises:
            RapportError: as ``pull.fetch`` does; ``TransportFailure`` also if nobody is
                enrolled, since there is no service to ask.
        """
        origins = self.enrolled_origins()
        if origins is None:
            raise TransportFailure("no one is enrolled here, so no service is asked")
        return drive(fetch(origins.ballot_box, path), self.gated_transport.send)

    def close(self) -> None:
        """Closes the file; waiting items stay in it. A second call does nothing.

        Raises:
            OutboxUnusable: another thread opened it; it stays open.
        """
        self.sync_lock.assert_owner_thread()
        self._closing.close()

    def _recover(self) -> None:
        """Queues again the items that a dead process had in flight.

        Items in flight belong to the process that holds the sync lock: while that
        process lives, they are left alone.
        """
        with self.sync_lock.try_acquire() as acquired:
            if acquired:
                Queue(self.database).recover()


class Account:
    """One person on the file: a namespace, and everything that works on it.

    Args:
        file: the outbox file.
        name: of the person, one for each on the file; not empty.
    """

    def __init__(self, file: DeviceFile, name: str) -> None:
        if not name:
            raise ValueError("a person's name may not be empty")
        self._file = file
        self.name = name
        self.namespace = Namespace.for_person(file.database, name)
        self.outbox = Outbox(self.namespace)
        self.draws = Draws(self.namespace)
        self.document_cache = DocumentCache(
            file.documents, file.seen_charters, file.fetch_document, file.clock.now
        )
        self.pollbook = PollBook(
            file.origins,
            Enrolment(self.namespace),
            file.gated_transport,
            file.clock.now,
        )

    def draw(self, counter: SyncCounter) -> bool:
        """Draws ballots if the person is enrolled, then erases expired items.

        Returns:
            Whether there is a connection.
        """
        is_connected = BallotDrawer(
            self.pollbook,
            self.document_cache,
            self.draws,
            self.namespace,
            self._file.shared,
            self._file.clock,
            counter,
        ).run()
        now = self._file.clock.trusted_now()
        if now is not None:
            retention.erase_settled(self.namespace, now)
            self._file.seen_charters.forget_retired(now)
        return is_connected

    def open_wave(self, wave_id: str) -> tuple[Ballot, Charter]:
        """The ballot of a wave that may be answered now, and its charter.

        Raises:
            AlreadyAnswered: the first answer counts.
            AnswerRefused: it was refused for good, and is kept here.
            CharterRefused: a second look found another charter.
            PulseNotOpen: says why.
        """
        self._assert_unanswered(wave_id)
        ballot = self.draws.ballot(wave_id)
        if ballot is None:
            raise PulseNotOpen(_NO_BALLOT_MESSAGE)
        if ballot.cancelled is not None:
            raise PulseNotOpen(_CANCELLED_MESSAGE.format(ballot.cancelled))
        charter = self.document_cache.accepted_charter(wave_id, ballot.charter_digest)
        now = self._file.clock.now()
        if now >= charter.closes_at:
            raise PulseNotOpen(_CLOSED_MESSAGE)
        if now < charter.opens_at:
            opens_at = format_local(charter.opens_at)
            raise PulseNotOpen(_NOT_OPEN_YET_MESSAGE.format(opens_at))
        return ballot, charter

    def _assert_unanswered(self, wave_id: str) -> None:
        """Refuses a wave that has an answer here, and says what became of it."""
        entry = self.outbox.find(wave_id, "withdraw")
        if entry is not None and entry.settlement and entry.settlement.status == FINAL:
            entry = None  # too late: the answer stands
        entry = entry or self.outbox.find(wave_id, "submit")
        if entry is None:
            return
        if entry.state == "dead":
            status = to_item_status(entry)
            words = bilingual_wording(status.in_words("en"), status.in_words("es"))
            raise AnswerRefused(_REFUSED_MESSAGE.format(words), status.reason)
        if entry.op == "withdraw":
            raise PulseNotOpen(_WITHDRAWN_MESSAGE)
        raise AlreadyAnswered(ANSWERED_MESSAGE)

    @property
    def is_asked(self) -> bool:
        """Whether waves to come ask the person, by the last list of the poll book."""
        stored = Documents(self.namespace).get(SYNC_PATH)
        return stored is None or read_list(stored.body).is_asked

    def charter(self, ballot: Ballot) -> Charter:
        """The charter that a ballot was drawn under."""
        return self.document_cache.charter(ballot.wave_id, ballot.charter_digest)

    def queue_answer(self, ballot: Ballot, charter: Charter, plaintext: bytes) -> None:
        """Seals an answer and queues it; only the envelope is ever written.

        With it, the form that the person was shown is erased: few people of a group
        have the same.

        Raises:
            EnvelopeTrialFailed: the trial failed; nothing was written.
            AlreadyAnswered: the wave has an answer.
            OutboxFull: the file has reached its cap.
        """
        ballot_hash = compute_ballot_hash(ballot.r)
        info = envelope_info(ballot.kid, ballot_hash, charter.digest)
        envelope = make_envelope(charter.sealing_key, plaintext, info)
        self._file.database.assert_has_room()
        with self.namespace.write() as rows:
            frozen = self._freeze("submit", ballot, charter, envelope)
            self.outbox.insert(rows, frozen)
            self.draws.forget_form(rows, ballot.wave_id)

    def queue_withdrawal(self, ballot: Ballot) -> None:
        """Queues a withdrawal; a second one changes nothing.

        Raises:
            OutboxFull: the file has reached its cap.
        """
        blank = make_blank_envelope()
        self.outbox.add(self._freeze("withdraw", ballot, self.charter(ballot), blank))

    def _freeze(
        self, op: ItemOp, ballot: Ballot, charter: Charter, envelope: bytes
    ) -> FrozenItem:
        return FrozenItem(
            op=op,
            wave_id=ballot.wave_id,
            ballot=ballot.ballot,
            hash=compute_ballot_hash(ballot.r),
            envelope=envelope,
            digest=base64url.digest(envelope),
            keep_seconds=charter.keep_seconds,
            epoch=ballot.epoch,
            at=self._file.clock.now().timestamp(),
            retires_at=charter.retires_at.timestamp(),
        )
