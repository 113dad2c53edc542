"""What one sync did, in numbers and in sentences."""

import math
from dataclasses import dataclass, field

from rapport_client._pulses.status_messages import describe_result
from rapport_client.errors import RapportError, TransportFailure, UnexpectedReply

_COUNTED_STATUSES = frozenset({"accepted", "duplicate"})


@dataclass(frozen=True)
class SyncReport:
    """What one sync did.

    ``str()`` gives the three numbers that matter most, others that are not 0, and what
    there is to tell: ``accepted=1 waiting=0 dead=0`` when all is well.

    Attributes:
        accepted: answers that count, among those sent now (also those that the service
            had accepted before).
        late: answers sent now after the seal; a later release may count them.
        held: answers sent now that the service keeps but does not count.
        withdrawn: what was sent now and is withdrawn, the answers with the requests.
        waiting: what is still on the device and will be sent.
        dead: what is on the device and was refused for good.
        drawn: ballots that were drawn now.
        notices: what people should know, one sentence each; a gateway's begin with the
            name of the person whom they concern.
        problem: what stopped a part of the sync, None if nothing did.
        offline: whether that was for want of a connection to Rapport: no reply came, or
            something else replied, such as a network that wants a login first.
        retry_after: seconds for which the service asked not to be asked again, counted
            from now; None if it asked for nothing.
        needs_code: whether no ballot could be drawn because nobody is enrolled, or the
            enrolment has ended: somebody has to enrol with a new code. On a gateway
            the notices name whom it concerns.
    """

    accepted: int
    late: int
    held: int
    withdrawn: int
    waiting: int
    dead: int
    drawn: int
    notices: tuple[str, ...]
    problem: str | None
    offline: bool
    retry_after: int | None
    needs_code: bool

    def __str__(self) -> str:
        numbers = f"accepted={self.accepted} waiting={self.waiting} dead={self.dead}"
        rare = {"late": self.late, "held": self.held, "withdrawn": self.withdrawn}
        more = [f" {name}={number}" for name, number in rare.items() if number]
        return "; ".join([numbers + "".join(more), *self.sentences])

    @property
    def sentences(self) -> tuple[str, ...]:
        """The notices, and what stopped a part of the sync or keeps it waiting."""
        if self.problem is not None:
            stopped = f"no connection: {self.problem}" if self.offline else self.problem
            return (*self.notices, stopped)
        if self.retry_after is not None:
            patience = f"the service asked for patience: {self.retry_after} seconds"
            return (*self.notices, patience)
        return self.notices


@dataclass
class SyncCounter:
    """What a sync has done so far; its parts add to it as they go."""

    statuses: list[str] = field(default_factory=list)
    drawn: int = 0
    notices: list[str] = field(default_factory=list)
    problem: RapportError | None = None
    needs_code: bool = False

    def record_result(self, op: str, status: str, reason: str | None) -> None:
        """Notes what the service said of an item, and tells what a person should know.

        Args:
            op: ``submit`` or ``withdraw``.
            status: its word.
            reason: why, where it said so.
        """
        self.statuses.append(status)
        self._add_notice(op, status, reason)

    def record_dead(self, op: str, reason: str) -> None:
        """Notes that an item was refused for good without a status of its own."""
        self._add_notice(op, "rejected", reason)

    def record_code_needed(self, notice: str) -> None:
        """Notes why nothing can be drawn before somebody enrols with a new code."""
        self.needs_code = True
        self.notices.append(notice)

    def record_problem(self, problem: RapportError) -> None:
        """Notes what stopped a part; the first problem is the one to report."""
        self.problem = self.problem or problem

    def include(self, part: "SyncCounter", person_name: str | None) -> None:
        """Adds what a part came to.

        Args:
            part: what one person's share of the sync has done.
            whose: the name to put before their notices, where there are many people.
        """
        prefix = "" if person_name is None else f"{person_name}: "
        self.statuses += part.statuses
        self.drawn += part.drawn
        self.notices += [f"{prefix}{notice}" for notice in part.notices]
        self.problem = self.problem or part.problem
        self.needs_code = self.needs_code or part.needs_code

    def report(self, waiting: int, dead: int, seconds_left: float) -> SyncReport:
        """Closes the tally.

        Args:
            waiting: items still to be sent.
            dead: items refused for good.
            seconds_left: how long the service asked not to be asked again.
        """
        return SyncReport(
            accepted=sum(status in _COUNTED_STATUSES for status in self.statuses),
            late=self.statuses.count("late"),
            held=self.statuses.count("held"),
            withdrawn=self.statuses.count("withdrawn"),
            waiting=waiting,
            dead=dead,
            drawn=self.drawn,
            notices=tuple(self.notices),
            problem=None if self.problem is None else str(self.problem),
            offline=isinstance(self.problem, TransportFailure | UnexpectedReply),
            retry_after=math.ceil(seconds_left) or None,
            needs_code=self.needs_code,
        )

    def _add_notice(self, op: str, status: str, reason: str | None) -> None:
        told = describe_result(op, status, reason)
        if told is not None:
            self.notices.append(told)
