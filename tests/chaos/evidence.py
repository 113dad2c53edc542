"""The three ledgers of a run side by side: phones, line, database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tests.chaos.cast import Cast
from tests.chaos.database import Database, Key, Row
from tests.chaos.journal import Entry
from tests.chaos.stories import Sent, Story, read_stories

LET_GO = frozenset({"accepted", "duplicate", "late", "held", "withdrawn"})
"""Statuses after which the service, and it alone, has to know of the item."""

KEPT = 2
"""Contents that are kept beside the first; more are only answered."""


@dataclass(frozen=True)
class Said:
    """What the service said of one item, and whether a client saw exactly that."""

    key: Key
    op: str
    digest: str | None
    status: str
    reason: str | None
    seen: bool
    at: float


@dataclass(frozen=True)
class Moments:
    """When what happened, by the monotonic clock.

    Attributes:
        calm: the line was good from then on.
        copied: a snapshot was taken; None if there was none.
        restored: the service went back to it.
    """

    calm: float = 0.0
    copied: float | None = None
    restored: float | None = None

    def forgot(self, at: float) -> bool:
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

    cast: Cast
    phones: Mapping[str, list[Entry]]
    crossed: list[Entry]
    attacks: list[Entry]
    stored: Database
    moments: Moments = Moments()
    log: str = field(default="", repr=False)
    crashed: tuple[str, ...] = ()

    @cached_property
    def stories(self) -> list[Story]:
        """What became of every wave on every device, for each of its people."""
        waves = {kid: wave for kid, (wave, _) in self.stored.keys.items()}
        return [
            story
            for device, ledger in self.phones.items()
            for story in read_stories(device, self.cast.devices[device], ledger, waves)
        ]

    @cached_property
    def sent(self) -> list[Sent]:
        """Every item that a phone gave to the line, once."""
        return [sent for story in self.stories for sent in story.sent]

    @cached_property
    def said(self) -> list[Said]:
        """Every result that the service gave, in the order of crossing."""
        everything = [*self.crossed, *self.attacks]
        return list(_said(sorted(everything, key=lambda entry: float(entry["at"]))))

    @cached_property
    def forged(self) -> list[Sent]:
        """What the attacker sent."""
        return [
            Sent.of(item) for entry in self.attacks for item in entry.get("items", [])
        ]

    @cached_property
    def withdrawn(self) -> set[Key]:
        """Ballots of which the service ever said that they are withdrawn."""
        return {said.key for said in self.said if said.status == "withdrawn"}

    def rows(self, key: Key) -> list[Row]:
        """What the database holds of a ballot."""
        return self.stored.ballots.get(key, [])

    def is_withdrawn(self, key: Key) -> bool:
        """Whether of a ballot nothing is left but that it was withdrawn."""
        return any(row.standing == "withdrawn" for row in self.rows(key))

    def knows(self, key: Key, digest: str | None) -> bool:
        """Whether the database knows of a content, counted, held or withdrawn."""
        bound = {row.digest for row in self.rows(key)}
        others = self.stored.others.get(key, set())
        return digest in bound | others or len(others) >= KEPT or self.is_withdrawn(key)


def _said(crossed: Iterable[Entry]) -> Iterator[Said]:
    for entry in crossed:
        items, said = entry.get("items", []), entry.get("said", [])
        for item, result in zip(items, said, strict=False):
            yield Said(
                (item["kid"], item["hash"]),
                item["op"],
                item["digest"],
                result["status"],
                result.get("reason"),
                entry["truly"],
                entry["at"],
            )
