"""One person on an outbox file: who they are at the poll book, and what they hold."""

from rapport_client.device_file import DeviceFile
from rapport_client.drawing import Drawing
from rapport_client.library import Library
from rapport_client.pollbook import PollBook
from rapport_client.report import Tally
from rapport_client.store import keeping
from rapport_client.store.draws import Draws
from rapport_client.store.enrolment import Enrolment
from rapport_client.store.outbox import Outbox
from rapport_client.store.space import Space


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
