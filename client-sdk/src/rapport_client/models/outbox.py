"""Outbox status and sync report: where answers are, and the result of a sync."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport_client import _status_messages


@dataclass(frozen=True)
class ItemStatus:
    """Where one answer or withdrawal is.

    Attributes:
        wave: the wave that it belongs to.
        op: ``submit`` for an answer, ``withdraw`` for taking one back.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        status: what the service said last, None before it said anything.
        reason: why, where there is a reason.
    """

    wave: str
    op: str
    state: str
    status: str | None
    reason: str | None

    def in_words(self, language: str = "en") -> str:
        """What a person should know of it, in one sentence.

        Args:
            language: such as ``en`` or ``es``; English where there is no other.
        """
        return _status_messages.describe_item(
            self.op, self.state, self.status, self.reason, language
        )


@dataclass(frozen=True)
class OutboxStatus:
    """How many items are where; ``items`` tells each, in the order of freezing.

    Attributes:
        queued: they wait to be sent.
        in_flight: a process is sending them now.
        settled: the service has them, or says why it never will.
        dead: refused for good; they are kept here and never sent again.
        items: each of them.
        oldest: how long the oldest has been waiting; None if nothing waits.
        last_contact: when the service last gave a reply that passed its checks.
    """

    queued: int
    in_flight: int
    settled: int
    dead: int
    items: tuple[ItemStatus, ...]
    oldest: timedelta | None
    last_contact: datetime | None


@dataclass(frozen=True)
class DeadItem:
    """Everything about an item that was refused for good, to be shown to somebody.

    Attributes:
        wave: the wave that it belongs to.
        op: ``submit`` or ``withdraw``.
        status: what the service said, None if it never came to that.
        reason: why it is dead.
        ballot: the JWT; whoever has it can answer in the person's place.
        hash: of the ballot's R.
        content: the frozen text of an answer.
        digest: of the content.
    """

    wave: str
    op: str
    status: str | None
    reason: str | None
    ballot: str | None = field(repr=False)
    hash: str | None
    content: str | None = field(repr=False)
    digest: str | None


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
