"""One person on an outbox file: who they are at the poll book, and what they hold."""

from rapport_client import b64
from rapport_client.ballots import ballot
from rapport_client.errors import AlreadyAnswered, PulseNotOpen
from rapport_client.pulses.charter import Charter
from rapport_client.store import keeping
from rapport_client.store.draws import Ballot, Draws
from rapport_client.store.enrolment import Enrolment
from rapport_client.store.outbox import Outbox
from rapport_client.store.sealed import Frozen
from rapport_client.store.space import Space
from rapport_client.sync.device_file import DeviceFile
from rapport_client.sync.drawing import Drawing
from rapport_client.sync.library import Library
from rapport_client.sync.pollbook import PollBook
from rapport_client.sync.report import Tally


class Person:
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
        self.space = Space.of(file.database, name)
        self.outbox = Outbox(self.space)
        self.draws = Draws(self.space)
        self.library = Library(file.documents, file.ballot_box, file.line.send)
        self.pollbook = PollBook(
            file.server, Enrolment(self.space), file.line, file.clock.now
        )

    def draw(self, tally: Tally) -> bool:
        """Draws for the waves to come, if the person is enrolled; then tidies up.

        Returns:
            Whether the line holds.
        """
        line_holds = Drawing(
            self.pollbook,
            self.library,
            self.draws,
            self.space,
            self._file.shared,
            self._file.clock,
            tally,
        ).run()
        now = self._file.clock.sure()
        if now is not None:
            keeping.erase_settled(self.space, now)
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
        return self.library.charter(held.wave, held.charter)

    def frozen(self, held: Ballot, charter: Charter, content: bytes | None) -> Frozen:
        """An answer as the outbox keeps it; a withdrawal where there is no content."""
        return Frozen(
            wave=held.wave,
            ballot=held.ballot,
            hash=ballot.hash_of(held.r),
            content=content,
            digest=None if content is None else b64.digest(content),
            keep_seconds=charter.keep_seconds,
            epoch=held.epoch,
            at=self._file.clock.now().timestamp(),
            retires_at=charter.retires_at.timestamp(),
        )
