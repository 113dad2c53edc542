"""Timelines: the ledger of a device, by wave and by person."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from rapport_client._outbox.queue import FINAL
from rapport_client._outbox.retention import UNKNOWN_KEY
from tools.chaos.database import BallotRef
from tools.chaos.journal import Entry

UNKNOWN_PERSON = ""
"""Owner of an item whose person the ledger does not show."""


def list_refused_waves(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Waves of a person whose item died because a service did not know its ballot.

    Of an answer that was withdrawn in time, the withdrawal counts.

    Args:
        items: of one person, as a ledger has them.
    """
    last = {
        item["wave"]: item
        for item in sorted(items, key=lambda item: str(item["op"]))  # withdrawals last
        if item["op"] == "submit" or item["status"] != FINAL
    }
    return [
        wave
        for wave, item in last.items()
        if (item["state"], item["reason"]) == ("dead", UNKNOWN_KEY)
    ]


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

    def matches(self, text: str) -> bool:
        """Whether the text inside an envelope has these answers and this context."""
        sealed = json.loads(text)
        values = sealed["answers"], sealed["context"]
        return bool(values == (self.answers, self.context))


@dataclass(frozen=True)
class SentItem:
    """An item that a phone or the attacker sent.

    Attributes:
        op: ``submit`` or ``withdraw``.
        key: its ballot.
        digest: of the envelope.
        envelope: as it is sent, base64url.
        ballot: the JWT.
    """

    op: str
    key: BallotRef
    digest: str
    envelope: str = field(repr=False)
    ballot: str = field(repr=False)

    @classmethod
    def from_entry(cls, item: Mapping[str, Any]) -> Self:
        """The item of a ledger entry."""
        return cls(
            item["op"],
            (item["kid"], item["hash"]),
            item["digest"],
            item["envelope"],
            item["ballot"],
        )


@dataclass
class WaveTimeline:
    """Actions of one person for one wave on one device.

    Attributes:
        attempts: attempts to answer.
        is_withdrawing: whether the SDK accepted a withdrawal.
        sent_items: items that were passed to the transport, each once.
        last_status: by ``submit`` and ``withdraw``, the last status on the device.
    """

    device: str
    person: str
    wave: str
    attempts: list[AnswerAttempt] = field(default_factory=list)
    is_withdrawing: bool = False
    sent_items: list[SentItem] = field(default_factory=list)
    last_status: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.person or 'a person'} on {self.device} in {self.wave}"

    @property
    def is_answered(self) -> bool:
        """Whether the SDK accepted an answer."""
        return any(attempt.outcome == "answered" for attempt in self.attempts)

    @property
    def acceptable_attempts(self) -> list[AnswerAttempt]:
        """Attempts that may be sent: the accepted one, or those that may have been."""
        accepted = [each for each in self.attempts if each.outcome == "answered"]
        return accepted or [
            attempt for attempt in self.attempts if attempt.outcome == "unknown"
        ]


def read_timelines(
    device: str,
    users: tuple[str, ...],
    ledger: list[Entry],
    waves: Mapping[str, str],
    texts: Mapping[str, str],
) -> list[WaveTimeline]:
    """Splits a ledger into timelines.

    Args:
        device: the owner of the ledger.
        users: the people who use the device.
        ledger: its entries.
        waves: the wave of each ballot key.
        texts: inside the envelopes, by digest.
    """
    timelines: dict[tuple[str, str], WaveTimeline] = {}

    def timeline_of(person: str, wave: str) -> WaveTimeline:
        return timelines.setdefault((person, wave), WaveTimeline(device, person, wave))

    for entry, attempt in _read_attempts(ledger):
        timeline_of(entry["person"], entry["wave"]).attempts.append(attempt)
    for entry in ledger:
        if entry["event"] == "withdrew":
            timeline_of(entry["person"], entry["wave"]).is_withdrawing = True
        if entry["event"] == "status":
            for item in entry["items"]:
                timeline_of(entry["person"], item["wave"]).last_status[item["op"]] = (
                    item
                )
    owners: dict[BallotRef, str] = {}
    for sent in _read_sent_items(ledger):
        wave = waves.get(sent.key[0], "an unknown wave")
        if sent.key not in owners:
            owners[sent.key] = _find_owner(
                sent, users, timelines, wave, owners, texts.get(sent.digest)
            )
        timeline_of(owners[sent.key], wave).sent_items.append(sent)
    return list(timelines.values())


def _find_owner(
    sent: SentItem,
    users: tuple[str, ...],
    timelines: Mapping[tuple[str, str], WaveTimeline],
    wave: str,
    owners: Mapping[BallotRef, str],
    text: str | None,
) -> str:
    """The owner of an item; on a gateway the text inside shows the person."""
    if len(users) == 1:
        return users[0]
    for person in users:
        timeline = timelines.get((person, wave))
        if timeline is None or any(key in owners for key in _ballots_of(timeline)):
            continue
        if sent.op == "withdraw" and timeline.is_withdrawing:
            return person  # withdrawn before it was ever sent
        if text is not None and any(
            attempt.matches(text) for attempt in timeline.attempts
        ):
            return person
    return UNKNOWN_PERSON


def _ballots_of(timeline: WaveTimeline) -> set[BallotRef]:
    return {sent.key for sent in timeline.sent_items}


def _read_sent_items(ledger: Iterable[Entry]) -> list[SentItem]:
    items = [
        SentItem.from_entry(item)
        for entry in ledger
        if entry["event"] == "sending"
        for item in entry["items"]
    ]
    # Answers first: they show the owner of a ballot that is withdrawn later.
    unique_items = {(sent.key, sent.op, sent.digest): sent for sent in items}
    return sorted(unique_items.values(), key=lambda sent: sent.op != "submit")


def _read_attempts(ledger: Iterable[Entry]) -> Iterator[tuple[Entry, AnswerAttempt]]:
    """Attempts with their outcomes; several processes may have used one phone."""
    open_attempts: dict[int, Entry] = {}
    for entry in ledger:
        match entry["event"]:
            case "answering":
                open_attempts[entry["pid"]] = entry
            case "answered" | "not answered" as outcome:
                begun = open_attempts.pop(entry["pid"])
                yield begun, AnswerAttempt(begun["answers"], begun["context"], outcome)
            case "refused":
                open_attempts.pop(entry["pid"], None)
    for begun in open_attempts.values():
        yield begun, AnswerAttempt(begun["answers"], begun["context"], "unknown")
