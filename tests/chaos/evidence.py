"""The three ledgers of a run side by side: phones, line, database."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.chaos.database import Database, Key, Row
from tests.chaos.journal import Entry

LET_GO = {"accepted", "duplicate", "late", "held", "withdrawn"}
"""Statuses after which the service, and it alone, has to know of the item."""


@dataclass(frozen=True)
class Try:
    """One attempt to answer a wave on a phone.

    Attributes:
        answers: by question.
        context: the answer to the context question.
        outcome: ``answered``, ``not answered``, or ``unknown`` where the phone died.
    """

    answers: dict[str, Any]
    context: str | None
    outcome: str

    def is_what(self, content: str) -> bool:
        """Whether this is what a frozen text says."""
        frozen = json.loads(content)
        said = frozen["answers"], frozen["context"]
        return bool(said == (self.answers, self.context))


@dataclass(frozen=True)
class Sent:
    """An item that a phone gave to the line.

    Attributes:
        person: from whose phone it came; whoever else sent it is no person.
        op: ``submit`` or ``withdraw``.
        key: its ballot.
        wave: that the ballot is for.
        digest: of the content; None for a withdrawal.
        content: the frozen text.
        ballot: the JWT.
    """

    person: str
    op: str
    key: Key
    wave: str
    digest: str | None
    content: str | None = field(repr=False)
    ballot: str = field(repr=False)


@dataclass(frozen=True)
class Said:
    """What the service said of one item, and whether a client saw exactly that."""

    key: Key
    digest: str | None
    status: str
    reason: str | None
    seen: bool
    at: float


@dataclass(frozen=True)
class Evidence:
    """All that is known after a run.

    Attributes:
        phones: each person's ledger.
        crossed: the line's ledger.
        attacks: the attacker's ledger.
        stored: the database at the end.
    """

    phones: Mapping[str, list[Entry]]
    crossed: list[Entry]
    attacks: list[Entry]
    stored: Database

    @cached_property
    def tries(self) -> dict[tuple[str, str], list[Try]]:
        """Every attempt to answer, by person and wave."""
        found: dict[tuple[str, str], list[Try]] = defaultdict(list)
        for person, ledger in self.phones.items():
            for wave, answers, context, outcome in _tries(ledger):
                found[person, wave].append(Try(answers, context, outcome))
        return found

    @cached_property
    def sent(self) -> list[Sent]:
        """Every item that a phone gave to the line, once."""
        found = {}
        for person, ledger in self.phones.items():
            for item in _items_of(ledger, "sending"):
                sent = self._sent(person, item)
                found[person, sent.key, sent.op, sent.digest] = sent
        return list(found.values())

    def sent_by(self, person: str, wave: str) -> list[Sent]:
        """What one phone gave to the line for one wave."""
        return [s for s in self.sent if (s.person, s.wave) == (person, wave)]

    @cached_property
    def final(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The last that each phone said of each item, by person and wave."""
        last = {}
        for person, ledger in self.phones.items():
            statuses = [entry for entry in ledger if entry["event"] == "status"]
            for item in statuses[-1]["items"] if statuses else []:
                last[person, item["wave"]] = item
        return last

    @cached_property
    def said(self) -> list[Said]:
        """Every result that the service gave, in the order of crossing."""
        everything = [*self.crossed, *self.attacks]
        return list(_said(sorted(everything, key=lambda entry: float(entry["at"]))))

    @cached_property
    def forged(self) -> list[Sent]:
        """What the attacker sent."""
        return [
            self._sent("", item)
            for entry in self.attacks
            for item in entry.get("items", [])
        ]

    def rows(self, key: Key) -> list[Row]:
        """What the database holds of a ballot."""
        return self.stored.ballots.get(key, [])

    def knows(self, key: Key, digest: str | None) -> bool:
        """Whether the database knows of a content under a ballot, counted or held."""
        bound = {row.digest for row in self.rows(key)}
        others = self.stored.others.get(key, set())
        return digest in bound | others or len(others) >= KEPT

    def _sent(self, person: str, item: dict[str, Any]) -> Sent:
        wave, _ = self.stored.keys.get(item["kid"], ("unknown", None))
        return Sent(
            person,
            item["op"],
            (item["kid"], item["hash"]),
            wave,
            item["digest"],
            item.get("content"),
            item["ballot"],
        )


KEPT = 2
"""Contents that are kept beside the first; more are only answered."""


def _tries(ledger: Iterable[Entry]) -> Iterator[tuple[str, dict[str, Any], Any, str]]:
    """Attempts with their outcomes; several processes may have used one phone."""
    trying: dict[int, Entry] = {}
    for entry in ledger:
        match entry["event"]:
            case "answering":
                trying[entry["by"]] = entry
            case "answered" | "not answered" as outcome:
                tried = trying.pop(entry["by"])
                yield tried["wave"], tried["answers"], tried["context"], outcome
            case "refused":
                del trying[entry["by"]]
    for tried in trying.values():
        yield tried["wave"], tried["answers"], tried["context"], "unknown"


def _items_of(ledger: Iterable[Entry], event: str) -> Iterator[dict[str, Any]]:
    for entry in ledger:
        if entry["event"] == event:
            yield from entry["items"]


def _said(crossed: Iterable[Entry]) -> Iterator[Said]:
    for entry in crossed:
        items, said = entry.get("items", []), entry.get("said", [])
        for item, result in zip(items, said, strict=False):
            yield Said(
                (item["kid"], item["hash"]),
                item["digest"],
                result["status"],
                result.get("reason"),
                entry["truly"],
                entry["at"],
            )
