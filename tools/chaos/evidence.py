"""The three ledgers of a run side by side: phones, line, database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tools.chaos.database import BallotRef, DatabaseSnapshot, StoredBallot
from tools.chaos.device_timelines import SentItem, WaveTimeline, read_timelines
from tools.chaos.journal import Entry
from tools.chaos.participants import Participants

ACKNOWLEDGED_STATUSES = frozenset(
    {"accepted", "duplicate", "late", "held", "withdrawn"}
)
"""Statuses after which the service, and it alone, has to know of the item."""

MAX_KEPT_CONFLICTS = 2
"""Contents that are kept beside the first; more are only answered."""


@dataclass(frozen=True)
class ServiceResult:
    """What the service said of one item, and whether a client saw exactly that."""

    key: BallotRef
    op: str
    digest: str | None
    status: str
    reason: str | None
    is_observed: bool
    at: float


@dataclass(frozen=True)
class RunTimes:
    """When what happened, by the monotonic clock.

    Attributes:
        calm: the line was good from then on.
        copied: a snapshot was taken; None if there was none.
        restored: the service went back to it.
    """

    calm: float = 0.0
    copied: float | None = None
    restored: float | None = None

    def was_forgotten(self, at: float) -> bool:
        """Whether the service knows nothing any more of what happened then."""
        if self.copied is None or self.restored is None:
            return False
        return self.copied <= at < self.restored


@dataclass(frozen=True)
class Evidence:
    """All that is known after a run.

    Attributes:
        cast: who took part.
        phones: each device's ledger.
        crossed: the line's ledger.
        attacks: the attacker's ledger.
        stored: the database at the end.
        moments: when what happened.
        log: what the service's programs wrote.
        crashed: devices on which a session ended in an error of its own.
    """

    participants: Participants
    phones: Mapping[str, list[Entry]]
    exchanges: list[Entry]
    attacks: list[Entry]
    database: DatabaseSnapshot
    run_times: RunTimes = RunTimes()
    log: str = field(default="", repr=False)
    crashed: tuple[str, ...] = ()

    @cached_property
    def timelines(self) -> list[WaveTimeline]:
        """What became of every wave on every device, for each of its people."""
        waves = {kid: wave for kid, (wave, _) in self.database.keys.items()}
        return [
            story
            for device, ledger in self.phones.items()
            for story in read_timelines(
                device, self.participants.devices[device], ledger, waves
            )
        ]

    @cached_property
    def sent_items(self) -> list[SentItem]:
        """Every item that a phone gave to the line, once."""
        return [sent for story in self.timelines for sent in story.sent_items]

    @cached_property
    def results(self) -> list[ServiceResult]:
        """Every result that the service gave, in the order of crossing."""
        everything = [*self.exchanges, *self.attacks]
        return list(
            _read_results(sorted(everything, key=lambda entry: float(entry["at"])))
        )

    @cached_property
    def forged_items(self) -> list[SentItem]:
        """What the attacker sent."""
        return [
            SentItem.from_entry(item)
            for entry in self.attacks
            for item in entry.get("items", [])
        ]

    @cached_property
    def withdrawn_ballots(self) -> set[BallotRef]:
        """Ballots of which the service ever said that they are withdrawn."""
        return {said.key for said in self.results if said.status == "withdrawn"}

    def stored_ballots(self, key: BallotRef) -> list[StoredBallot]:
        """What the database holds of a ballot."""
        return self.database.ballots.get(key, [])

    def is_withdrawn(self, key: BallotRef) -> bool:
        """Whether of a ballot nothing is left but that it was withdrawn."""
        return any(row.status == "withdrawn" for row in self.stored_ballots(key))

    def knows_content(self, key: BallotRef, digest: str | None) -> bool:
        """Whether the database knows of a content, counted, held or withdrawn."""
        bound = {row.digest for row in self.stored_ballots(key)}
        others = self.database.conflicting_digests.get(key, set())
        return (
            digest in bound | others
            or len(others) >= MAX_KEPT_CONFLICTS
            or self.is_withdrawn(key)
        )


def _read_results(crossed: Iterable[Entry]) -> Iterator[ServiceResult]:
    for entry in crossed:
        items, said = entry.get("items", []), entry.get("said", [])
        for item, result in zip(items, said, strict=False):
            yield ServiceResult(
                (item["kid"], item["hash"]),
                item["op"],
                item["digest"],
                result["status"],
                result.get("reason"),
                entry["truly"],
                entry["at"],
            )
