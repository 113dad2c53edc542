"""One device's ledger, told wave by wave and person by person."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tools.chaos.database import BallotRef
from tools.chaos.journal import Entry

UNKNOWN_PERSON = ""
"""Whose item it is where the ledger cannot tell."""


@dataclass(frozen=True)
class AnswerAttempt:
    """One attempt to answer a wave on a device.

    Attributes:
        answers: by question.
        context: the answer to the context question.
        outcome: ``answered``, ``not answered``, or ``unknown`` where the phone died.
    """

    answers: dict[str, Any]
    context: str | None
    outcome: str

    def matches(self, content: str) -> bool:
        """Whether this is what a frozen text says."""
        frozen = json.loads(content)
        said = frozen["answers"], frozen["context"]
        return bool(said == (self.answers, self.context))


@dataclass(frozen=True)
class SentItem:
    """An item that somebody gave to the line.

    Attributes:
        op: ``submit`` or ``withdraw``.
        key: its ballot.
        digest: of the content; None for a withdrawal.
        content: the frozen text.
        ballot: the JWT.
    """

    op: str
    key: BallotRef
    digest: str | None
    content: str | None = field(repr=False)
    ballot: str = field(repr=False)

    @classmethod
    def from_entry(cls, item: Mapping[str, Any]) -> Self:
        """An item as ledgers have it."""
        return cls(
            item["op"],
            (item["kid"], item["hash"]),
            item["digest"],
            item.get("content"),
            item["ballot"],
        )


@dataclass
class WaveTimeline:
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
    attempts: list[AnswerAttempt] = field(default_factory=list)
    is_withdrawing: bool = False
    sent_items: list[SentItem] = field(default_factory=list)
    last_status: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.person or 'somebody'} on {self.device} in {self.wave}"

    @property
    def is_answered(self) -> bool:
        """Whether the SDK took an answer."""
        return any(one.outcome == "answered" for one in self.attempts)

    @property
    def acceptable_attempts(self) -> list[AnswerAttempt]:
        """What may be sent: the answer that was taken, or one that may have been."""
        taken = [one for one in self.attempts if one.outcome == "answered"]
        return taken or [one for one in self.attempts if one.outcome == "unknown"]


def read_timelines(
    device: str, users: tuple[str, ...], ledger: list[Entry], waves: Mapping[str, str]
) -> list[WaveTimeline]:
    """Tells a ledger.

    Args:
        device: whose ledger.
        users: who uses the device.
        ledger: its entries.
        waves: of each ballot key, the wave.
    """
    stories: dict[tuple[str, str], WaveTimeline] = {}

    def story(person: str, wave: str) -> WaveTimeline:
        return stories.setdefault((person, wave), WaveTimeline(device, person, wave))

    for tried, one in _read_attempts(ledger):
        story(tried["person"], tried["wave"]).attempts.append(one)
    for entry in ledger:
        if entry["event"] == "withdrew":
            story(entry["person"], entry["wave"]).is_withdrawing = True
        if entry["event"] == "status":
            for item in entry["items"]:
                story(entry["person"], item["wave"]).last_status[item["op"]] = item
    owners: dict[BallotRef, str] = {}
    for sent in _read_sent_items(ledger):
        wave = waves.get(sent.key[0], "an unknown wave")
        if sent.key not in owners:
            owners[sent.key] = _find_owner(sent, users, stories, wave, owners)
        story(owners[sent.key], wave).sent_items.append(sent)
    return list(stories.values())


def _find_owner(
    sent: SentItem,
    users: tuple[str, ...],
    stories: Mapping[tuple[str, str], WaveTimeline],
    wave: str,
    owners: Mapping[BallotRef, str],
) -> str:
    """Whose item it is; a gateway mixes people, and the content tells them apart."""
    if len(users) == 1:
        return users[0]
    for person in users:
        story = stories.get((person, wave))
        if story is None or any(key in owners for key in _ballots_of(story)):
            continue
        if sent.content is None and story.is_withdrawing:
            return person  # taken back before it was ever sent
        if sent.content and any(one.matches(sent.content) for one in story.attempts):
            return person
    return UNKNOWN_PERSON


def _ballots_of(story: WaveTimeline) -> set[BallotRef]:
    return {sent.key for sent in story.sent_items}


def _read_sent_items(ledger: Iterable[Entry]) -> list[SentItem]:
    found = [
        SentItem.from_entry(item)
        for entry in ledger
        if entry["event"] == "sending"
        for item in entry["items"]
    ]
    # Answers first: they tell whose ballot it is that is withdrawn.
    once = {(sent.key, sent.op, sent.digest): sent for sent in found}
    return sorted(once.values(), key=lambda sent: sent.op != "submit")


def _read_attempts(ledger: Iterable[Entry]) -> Iterator[tuple[Entry, AnswerAttempt]]:
    """Attempts with their outcomes; several processes may have used one phone."""
    trying: dict[int, Entry] = {}
    for entry in ledger:
        match entry["event"]:
            case "answering":
                trying[entry["by"]] = entry
            case "answered" | "not answered" as outcome:
                tried = trying.pop(entry["by"])
                yield tried, AnswerAttempt(tried["answers"], tried["context"], outcome)
            case "refused":
                trying.pop(entry["by"], None)
    for tried in trying.values():
        yield tried, AnswerAttempt(tried["answers"], tried["context"], "unknown")
