"""Evidence of a run: the ledgers of phones, proxy and database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from demo.waves import Wave
from tools.chaos.database import BallotRef, DatabaseSnapshot, StoredBallot
from tools.chaos.device_timelines import SentItem, WaveTimeline, read_timelines
from tools.chaos.journal import Entry
from tools.chaos.network_faults import Fault
from tools.chaos.participants import Participants

ACKNOWLEDGED_STATUSES = frozenset({"accepted", "duplicate", "withdrawn"})
"""Statuses after which the service has to know the item."""

UNSEALED_STATES = frozenset({"announced", "open", "closed"})
"""States of a wave in which every genuine answer is taken."""


@dataclass(frozen=True)
class ServiceResult:
    """Result that the service gave an item, and whether a client received it."""

    key: BallotRef
    op: str
    digest: str
    status: str
    reason: str | None
    is_observed: bool
    at: float


@dataclass(frozen=True)
class RunTimes:
    """Times of the events of a run, by the monotonic clock.

    Attributes:
        calm: end of all faults.
        copied: a snapshot was taken; None if there was none.
        restored: the snapshot was restored.
    """

    calm: float = 0.0
    copied: float | None = None
    restored: float | None = None

    def was_forgotten(self, at: float) -> bool:
        """Whether the restore rolled back the events of that time."""
        if self.copied is None or self.restored is None:
            return False
        return self.copied <= at < self.restored


@dataclass(frozen=True)
class Evidence:
    """All that is known after a run.

    Attributes:
        participants: the people, their devices and their roles.
        phones: each device's ledger.
        exchanges: the proxy's ledger.
        attacks: the attacker's ledger.
        database: the database at the end.
        run_times: times of the events.
        log: output of the programs of both services.
        crashed: devices on which a session ended in an error of its own.
        waves: as they were planned.
        operations: the operator's ledger.
        wrong_address: the proxy's ledger of the address of the other Rapport.
        other_stored: number of ballots and devices that the other Rapport has stored.
        texts: the text inside each envelope that opens for its ballot, by digest.
    """

    participants: Participants
    phones: Mapping[str, list[Entry]]
    exchanges: list[Entry]
    attacks: list[Entry]
    database: DatabaseSnapshot
    run_times: RunTimes = RunTimes()
    log: str = field(default="", repr=False)
    crashed: tuple[str, ...] = ()
    waves: tuple[Wave, ...] = ()
    operations: list[Entry] = field(default_factory=list)
    wrong_address: list[Entry] = field(default_factory=list)
    other_stored: int = 0
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def timelines(self) -> list[WaveTimeline]:
        """The timeline of every wave on every device, for each of its people."""
        waves = {kid: wave for kid, (wave, _) in self.database.keys.items()}
        return [
            timeline
            for device, ledger in self.phones.items()
            for timeline in read_timelines(
                device, self.participants.devices[device], ledger, waves, self.texts
            )
        ]

    @cached_property
    def sent_items(self) -> list[SentItem]:
        """Every item that a phone passed to its transport, once."""
        return [sent for timeline in self.timelines for sent in timeline.sent_items]

    @cached_property
    def results(self) -> list[ServiceResult]:
        """Every result that the service gave, in order of time."""
        everything = [
            entry
            for entry in [*self.exchanges, *self.attacks]
            if not _is_of_other_service(entry)
        ]
        return list(
            _read_results(sorted(everything, key=lambda entry: float(entry["at"])))
        )

    @cached_property
    def other_results(self) -> list[ServiceResult]:
        """Every result that the other Rapport gave, in place of the service."""
        return list(_read_results(filter(_is_of_other_service, self.exchanges)))

    @cached_property
    def forged_items(self) -> list[SentItem]:
        """Items that the attacker sent."""
        return [
            SentItem.from_entry(item)
            for entry in self.attacks
            for item in entry.get("items", [])
        ]

    @cached_property
    def withdrawn_ballots(self) -> set[BallotRef]:
        """Ballots that the service ever called withdrawn."""
        return {result.key for result in self.results if result.status == "withdrawn"}

    def stored_ballots(self, key: BallotRef) -> list[StoredBallot]:
        """Rows of a ballot in the database."""
        return self.database.stored(key)

    def is_withdrawn(self, key: BallotRef) -> bool:
        """Whether only the withdrawal of a ballot is stored."""
        return any(row.status == "withdrawn" for row in self.stored_ballots(key))

    def knows_envelope(self, key: BallotRef, digest: str) -> bool:
        """Whether the database knows of an envelope, or of its withdrawal."""
        bound = {row.digest for row in self.stored_ballots(key)}
        return digest in bound or self.is_withdrawn(key)

    def was_open_at(self, wave: str, at: float) -> bool:
        """Whether the operator saw a wave later than that whose seal had not begun."""
        return any(
            entry["event"] == "states"
            and entry["at"] > at
            and entry["states"].get(wave) in UNSEALED_STATES
            for entry in self.operations
        )


def _is_of_other_service(entry: Entry) -> bool:
    """Whether the network took a request to the other Rapport."""
    return entry.get("fault") == Fault.ELSEWHERE


def _read_results(exchanges: Iterable[Entry]) -> Iterator[ServiceResult]:
    for entry in exchanges:
        items, results = entry.get("items", []), entry.get("results", [])
        for item, result in zip(items, results, strict=False):
            yield ServiceResult(
                (item["kid"], item["hash"]),
                item["op"],
                item["digest"],
                result["status"],
                result.get("reason"),
                entry["observed"],
                entry["at"],
            )
