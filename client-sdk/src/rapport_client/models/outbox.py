"""Outbox status and sync report: where answers are, and the result of a sync."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport_client import _status_messages
from rapport_client._wording import FALLBACK_LANGUAGE, bilingual_wording
from rapport_client.models.words import ItemOp, ItemState

_NO_CONNECTION = bilingual_wording("no connection: {}", "sin conexión: {}")
_CLEAR_BEGINNINGS = ("no connection", "no reply", "no hay conexión", "no llegó")
"""Beginnings of problems that say themselves that there was no connection."""

_BUSY = bilingual_wording(
    "the service is busy: wait {} seconds",
    "el servicio está ocupado: espere {} segundos",
)


@dataclass(frozen=True)
class ItemStatus:
    """The state of one answer or withdrawal.

    Attributes:
        wave_id: the wave that it belongs to.
        op: ``submit`` for an answer, ``withdraw`` for a withdrawal.
        state: ``queued``, ``in_flight``, ``settled`` or ``dead``.
        status: the service's last result, None before there is one.
        reason: why, where there is a reason.
    """

    wave_id: str
    op: ItemOp
    state: ItemState
    status: str | None
    reason: str | None

    def in_words(self, language: str = "en") -> str:
        """The state for people, in one sentence.

        Args:
            language: such as ``en`` or ``es``; English where there is no other.
        """
        return _status_messages.describe_item(
            self.op, self.state, self.status, self.reason, language
        )


@dataclass(frozen=True)
class OutboxStatus:
    """Number of items in each state; ``items`` has each, in the order of freezing.

    Attributes:
        queued: they wait to be sent.
        in_flight: a process is sending them now.
        settled: the service has them, or says why it never will.
        dead: refused for good; they are kept here and not sent again.
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
    """All data of an item that was refused for good, to ask for help with it.

    Attributes:
        wave_id: the wave that it belongs to.
        op: ``submit`` or ``withdraw``.
        status: the service's result, None if it gave none.
        reason: why it is dead.
        ballot: the JWT; a person who has it can answer in its owner's place.
        hash: of the ballot's R.
        envelope: the sealed answer, base64url, which nobody can open before the seal;
            random bytes for a withdrawal.
        digest: of the envelope.
    """

    wave_id: str
    op: ItemOp
    status: str | None
    reason: str | None
    ballot: str | None = field(repr=False)
    hash: str | None
    envelope: str | None = field(repr=False)
    digest: str | None


@dataclass(frozen=True)
class SyncReport:
    """The results of one sync.

    ``str()`` gives the three most important numbers, that of withdrawals if there are
    any, and all messages: ``accepted=1 waiting=0 dead=0`` when all is well.

    Attributes:
        accepted: answers that the service has received, among those sent now (also
            those that it had before); it counts them at the seal.
        withdrawn: items sent now that are withdrawn, answers and withdrawals.
        waiting: items that are still on the device and will be sent.
        dead: items on the device that were refused for good.
        drawn: ballots that were drawn now.
        notices: messages for people, one sentence each; a gateway's begin with the
            name of the person whom they concern.
        problem: the problem that stopped a part of the sync, None if there was none.
        offline: whether that was a missing connection to Rapport: no reply came, or
            something else replied, such as a network that wants a login first.
        retry_after: seconds from now that the service asked to wait; None if it did not
            ask.
        needs_code: whether no ballot could be drawn because the person is not enrolled,
            or the enrolment has ended: the person must enrol with a new code. On a
            gateway the notices name the person.
        language: of the messages.
    """

    accepted: int
    withdrawn: int
    waiting: int
    dead: int
    drawn: int
    notices: tuple[str, ...]
    problem: str | None
    offline: bool
    retry_after: int | None
    needs_code: bool
    language: str = FALLBACK_LANGUAGE

    def __str__(self) -> str:
        numbers = f"accepted={self.accepted} waiting={self.waiting} dead={self.dead}"
        more = f" withdrawn={self.withdrawn}" if self.withdrawn else ""
        return "; ".join([numbers + more, *self.sentences])

    @property
    def sentences(self) -> tuple[str, ...]:
        """The notices, and the problem or the wait that stopped a part of the sync."""
        if self.problem is not None:
            is_clear = self.problem.startswith(_CLEAR_BEGINNINGS)
            if not self.offline or is_clear:
                return (*self.notices, self.problem)
            problem = _NO_CONNECTION.format(self.problem)
            return (*self.notices, problem.in_language(self.language))
        if self.retry_after is not None:
            wait = _BUSY.format(self.retry_after)
            return (*self.notices, wait.in_language(self.language))
        return self.notices
