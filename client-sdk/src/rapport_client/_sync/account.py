"""One person on an outbox file: who they are at the poll book, and what they hold."""

from rapport_client._ballots import ballot
from rapport_client._outbox import retention
from rapport_client._outbox.draws import Ballot, Draws
from rapport_client._outbox.enrolment import Enrolment
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client._outbox.records import FrozenItem
from rapport_client._protocol import base64url
from rapport_client._pulses.charter import Charter
from rapport_client._sync.ballot_drawer import BallotDrawer
from rapport_client._sync.device_file import DeviceFile
from rapport_client._sync.document_cache import DocumentCache
from rapport_client._sync.pollbook import PollBook
from rapport_client._sync.report import SyncCounter
from rapport_client.errors import AlreadyAnswered, PulseNotOpen


class Account:
    """A namespace with everything that works on it.

    Args:
        file: the outbox file.
        name: tells the people on the file apart; not empty.
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
            file.documents, file.ballot_box, file.gated_transport.send
        )
        self.pollbook = PollBook(
            file.server, Enrolment(self.namespace), file.gated_transport, file.clock.now
        )

    def draw(self, counter: SyncCounter) -> bool:
        """Draws for the waves to come, if the person is enrolled; then tidies up.

        Returns:
            Whether the line holds.
        """
        line_holds = BallotDrawer(
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
        return line_holds

    def open_wave(self, wave: str) -> tuple[Ballot, Charter]:
        """The ballot of a wave that may be answered now, and its charter.

        Raises:
            AlreadyAnswered: the first answer stands.
            PulseNotOpen: says why.
        """
        if self.outbox.has(wave, "withdraw"):
            raise PulseNotOpen("you have withdrawn your answer to this pulse")
        if self.outbox.has(wave, "submit"):
            raise AlreadyAnswered("this pulse has been answered on this device")
        held = self.draws.ballot(wave)
        if held is None:
            raise PulseNotOpen("this device has no ballot for such a pulse")
        if held.cancelled is not None:
            raise PulseNotOpen(f"this pulse was cancelled: {held.cancelled}")
        charter = self.charter(held)
        now = self._file.clock.now()
        if now >= charter.closes_at:
            raise PulseNotOpen("this pulse has closed")
        if now < charter.opens_at:
            raise PulseNotOpen("this pulse has not opened yet")
        return held, charter

    def charter(self, held: Ballot) -> Charter:
        """The charter that a ballot was drawn under."""
        return self.document_cache.charter(held.wave, held.charter)

    def freeze(
        self, held: Ballot, charter: Charter, content: bytes | None
    ) -> FrozenItem:
        """An answer as the outbox keeps it; a withdrawal where there is no content."""
        return FrozenItem(
            wave=held.wave,
            ballot=held.ballot,
            hash=ballot.compute_ballot_hash(held.r),
            content=content,
            digest=None if content is None else base64url.digest(content),
            keep_seconds=charter.keep_seconds,
            epoch=held.epoch,
            at=self._file.clock.now().timestamp(),
            retires_at=charter.retires_at.timestamp(),
        )
