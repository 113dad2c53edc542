"""What one sync did, in numbers and in sentences."""

from dataclasses import dataclass, field

from rapport_client.errors import RapportError, TransportFailure


@dataclass(frozen=True)
class SyncReport:
    """What one sync did; ``str()`` gives the three numbers that matter most.

    Attributes:
        accepted: answers that count, among those sent now (also those that the service
            had accepted before).
        late: answers sent now after the seal; a later release may count them.
        held: answers sent now that the service keeps but does not count.
        waiting: answers that are still on the device and will be sent again.
        dead: answers on the device that the service refused for good.
        drawn: ballots that were drawn now.
        notices: what the person should know, one sentence each.
        problem: what stopped a part of the sync, None if nothing did.
        offline: whether that was for want of a connection.
    """

    accepted: int
    late: int
    held: int
    waiting: int
    dead: int
    drawn: int
    notices: tuple[str, ...]
    problem: str | None
    offline: bool

    def __str__(self) -> str:
        return f"accepted={self.accepted} waiting={self.waiting} dead={self.dead}"


@dataclass
class Tally:
    """What a sync has done so far; its parts add to it as they go."""

    statuses: list[str] = field(default_factory=list)
    drawn: int = 0
    notices: list[str] = field(default_factory=list)
    problem: RapportError | None = None

    def stopped_by(self, problem: RapportError) -> None:
        """Notes what stopped a part; the first problem is the one to report."""
        self.problem = self.problem or problem

    def report(self, waiting: int, dead: int) -> SyncReport:
        """Closes the tally.

        Args:
            waiting: answers still to be sent.
            dead: answers refused for good.
        """
        return SyncReport(
            accepted=self.statuses.count("accepted") + self.statuses.count("duplicate"),
            late=self.statuses.count("late"),
            held=self.statuses.count("held"),
            waiting=waiting,
            dead=dead,
            drawn=self.drawn,
            notices=tuple(self.notices),
            problem=None if self.problem is None else str(self.problem),
            offline=isinstance(self.problem, TransportFailure),
        )
