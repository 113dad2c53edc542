"""One device's ledger, told wave by wave and person by person."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.chaos.database import Key
from tests.chaos.journal import Entry

NOBODY = ""
"""Whose item it is where the ledger cannot tell."""


@dataclass(frozen=True)
class Try:
    """One attempt to answer a wave on a device.

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
    """An item that somebody gave to the line.

    Attributes:
        op: ``submit`` or ``withdraw``.
        key: its ballot.
        digest: of the content; None for a withdrawal.
        content: the frozen text.
        ballot: the JWT.
    """

    op: str
    key: Key
    digest: str | None
    content: str | None = field(repr=False)
    ballot: str = field(repr=False)

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """An item as ledgers have it."""
        return cls(
            item["op"],
            (item["kid"], item["hash"]),
            item["digest"],
            item.get("content"),
            item["ballot"],
        )


@dataclass
class Story:
    """What one person did about one wave on one device.

    Attributes:
        tries: attempts to answer.
        regrets: whether a withdrawal was taken.
        sent: items that were given to the line, each once.
        last: by ``submit`` and ``withdraw``, what the device said of it last.
    """

    device: str
    person: str
    wave: str
    tries: list[Try] = field(default_factory=list)
    regrets: bool = False
    sent: list[Sent] = field(default_factory=list)
    last: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.person or 'somebody'} on {self.device} in {self.wave}"

    @property
    def is_answered(self) -> bool:
        """Whether the SDK took an answer."""
        return any(one.outcome == "answered" for one in self.tries)

    @property
    def acceptable(self) -> list[Try]:
        """What may be sent: the answer that was taken, or one that may have been."""
        taken = [one for one in self.tries if one.outcome == "answered"]
        return taken or [one for one in self.tries if one.outcome == "unknown"]


def read_stories(
    device: str, users: tuple[str, ...], ledger: list[Entry], waves: Mapping[str, str]
) -> list[Story]:
    """Tells a ledger.

    Args:
        device: whose ledger.
        users: who uses the device.
        ledger: its entries.
        waves: of each ballot key, the wave.
    """
    stories: dict[tuple[str, str], Story] = {}

    def story(person: str, wave: str) -> Story:
        return stories.setdefault((person, wave), Story(device, person, wave))

    for tried, one in _tries(ledger):
        story(tried["person"], tried["wave"]).tries.append(one)
    for entry in ledger:
        if entry["event"] == "withdrew":
            story(entry["person"], entry["wave"]).regrets = True
        if entry["event"] == "status":
            for item in entry["items"]:
                story(entry["person"], item["wave"]).last[item["op"]] = item
    owners: dict[Key, str] = {}
    for sent in _sent(ledger):
        wave = waves.get(sent.key[0], "an unknown wave")
        if sent.key not in owners:
            owners[sent.key] = _owner(sent, users, stories, wave, owners)
        story(owners[sent.key], wave).sent.append(sent)
    return list(stories.values())


def _owner(
    sent: Sent,
    users: tuple[str, ...],
    stories: Mapping[tuple[str, str], Story],
    wave: str,
    owners: Mapping[Key, str],
) -> str:
    """Whose item it is; a gateway mixes people, and the content tells them apart."""
    if len(users) == 1:
        return users[0]
    for person in users:
        story = stories.get((person, wave))
        if story is None or any(key in owners for key in _keys(story)):
            continue
        if sent.content is None and story.regrets:
            return person  # taken back before it was ever sent
        if sent.content and any(one.is_what(sent.content) for one in story.tries):
            return person
    return NOBODY


def _keys(story: Story) -> set[Key]:
    return {sent.key for sent in story.sent}


def _sent(ledger: Iterable[Entry]) -> list[Sent]:
    found = [
        Sent.of(item)
        for entry in ledger
        if entry["event"] == "sending"
        for item in entry["items"]
    ]
    # Answers first: they tell whose ballot it is that is withdrawn.
    once = {(sent.key, sent.op, sent.digest): sent for sent in found}
    return sorted(once.values(), key=lambda sent: sent.op != "submit")


def _tries(ledger: Iterable[Entry]) -> Iterator[tuple[Entry, Try]]:
    """Attempts with their outcomes; several processes may have used one phone."""
    trying: dict[int, Entry] = {}
    for entry in ledger:
        match entry["event"]:
            case "answering":
                trying[entry["by"]] = entry
            case "answered" | "not answered" as outcome:
                tried = trying.pop(entry["by"])
                yield tried, Try(tried["answers"], tried["context"], outcome)
            case "refused":
                trying.pop(entry["by"], None)
    for tried in trying.values():
        yield tried, Try(tried["answers"], tried["context"], "unknown")
