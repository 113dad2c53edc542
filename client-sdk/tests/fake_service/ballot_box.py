"""Ballot box of the fake service: rows of ballots, and the result of each item.

It is run through the same executable specification as the service's own ballot box.
"""

import json
from dataclasses import dataclass, field

from rapport_client._ballots.ballot import compute_ballot_hash, signing_input
from rapport_client._protocol import base64url

MAX_CONTENT_BYTES = 4096
MAX_BALLOT_BYTES = 1024
MAX_CONFLICTS = 2
R_BYTES = 32
COUNTED_STATUSES = frozenset({"accepted", "late"})
END_REASONS = {"cancelled": "wave_cancelled", "retired": "expired"}


class RejectedError(Exception):
    """An item that cannot be read, or whose ballot is not valid."""

    def __init__(self, reason, name=None, digest=None):
        super().__init__(reason)
        self.result = build_result("rejected", reason, name, digest)


@dataclass(frozen=True)
class Item:
    """A readable item; its content is None where the ballot is withdrawn."""

    ballot: str
    kid: str
    name: str
    content: str | None

    @property
    def digest(self):
        return digest_of(self.content)


@dataclass
class StoredBallot:
    """A ballot after its first item, with its first and its conflicting contents."""

    wave_id: str
    status: str
    content: str | None = None
    reason: str | None = None
    conflicts: list[str] = field(default_factory=list)


class BallotBox:
    """Ballots of all waves by their hash, in order of arrival."""

    def __init__(self):
        self.ballots: dict[str, StoredBallot] = {}

    def submit(self, wave, name, content, hold_reason=None):
        """Stores a content if it is the first; returns status and reason."""
        if wave.state in END_REASONS:
            return "final", END_REASONS[wave.state]
        ballot = self.ballots.get(name)
        if ballot is None:
            status = "held" if hold_reason else "late" if wave.sealed else "accepted"
            self.ballots[name] = StoredBallot(wave.id, status, content, hold_reason)
            return status, hold_reason
        if ballot.status == "withdrawn":
            return "withdrawn", None
        if content != ballot.content:
            if (
                content not in ballot.conflicts
                and len(ballot.conflicts) < MAX_CONFLICTS
            ):
                ballot.conflicts.append(content)
            return "held", "content_conflict"
        if ballot.status == "accepted":
            return "duplicate", None
        return ballot.status, ballot.reason

    def withdraw(self, wave, name):
        """Erases a ballot's content for good; returns status and reason."""
        if wave.state in END_REASONS:
            return "final", END_REASONS[wave.state]
        ballot = self.ballots.get(name)
        if wave.sealed and ballot is not None and ballot.status == "accepted":
            return "final", "withdraw_too_late"
        self.ballots[name] = StoredBallot(wave.id, "withdrawn")
        return "withdrawn", None

    def remove_wave(self, wave):
        """Removes every ballot of a wave that was cancelled or retired."""
        for name, ballot in list(self.ballots.items()):
            if ballot.wave_id == wave.id:
                del self.ballots[name]


def parse_item(item):
    """Parses an item of a submission.

    Raises:
        RejectedError: the item cannot be read.
    """
    match item:
        case {"op": "submit", "ballot": str(ballot), "content": str(content)}:
            return _parse_parts(ballot, content)
        case {"op": "withdraw", "ballot": str(ballot)}:
            return _parse_parts(ballot, None)
        case {"op": str(op)} if op not in {"submit", "withdraw"}:
            raise RejectedError("op_unknown")
    raise RejectedError("undecodable")


def _parse_parts(ballot, content):
    try:
        frozen = (content or "").encode()
    except UnicodeEncodeError as error:  # a lone surrogate has no bytes
        raise RejectedError("undecodable") from error
    if len(frozen) > MAX_CONTENT_BYTES or len(ballot) > MAX_BALLOT_BYTES:
        raise RejectedError("too_large")
    try:
        header, payload, _ = (base64url.decode(part) for part in ballot.split("."))
    except ValueError as error:
        raise RejectedError("undecodable") from error
    try:
        kid = json.loads(header)["kid"]
        r = base64url.decode(json.loads(payload)["jti"])
    except (ValueError, LookupError, TypeError) as error:
        raise RejectedError("ballot_invalid", digest=digest_of(content)) from error
    if len(r) != R_BYTES or not ballot.startswith(f"{signing_input(kid, r).decode()}."):
        raise RejectedError("ballot_invalid", digest=digest_of(content))
    return Item(ballot, kid, compute_ballot_hash(r), content)


def find_hold_reason(content, instrument):
    """The reason to hold a content; None if it fits the instrument."""
    bank = json.loads(instrument)
    try:
        frozen = json.loads(content)
        form, answers = frozen["form"], frozen["answers"]
    except (ValueError, LookupError, TypeError):
        return "answers_invalid"
    if form not in range(len(bank["forms"])):
        return "form_unknown"
    anchors = [item["id"] for item in bank["items"] if item["construct"] == "anchor"]
    is_valid = set(answers) == {*anchors, *bank["forms"][form]}
    return None if is_valid else "answers_invalid"


def digest_of(content):
    """The digest by which a reply echoes a content; None for a withdrawal."""
    return None if content is None else base64url.digest(content.encode())


def build_result(status, reason, name=None, digest=None):
    """The result of an item, as a reply carries it."""
    return {"status": status, "reason": reason, "hash": name, "digest": digest}
