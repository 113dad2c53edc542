"""Ballot box of the fake service: rows of ballots, and the result of each item.

It is run through the same executable specification as the service's own ballot box. It
keeps envelopes as they came; no key of it opens one.
"""

import json
from dataclasses import dataclass

from rapport_client._ballots.ballot import compute_ballot_hash, signing_input
from rapport_client._ballots.envelope import ENVELOPE_BYTES
from rapport_client._protocol import base64url

MAX_BALLOT_BYTES = 1024
R_BYTES = 32
END_REASONS = {"cancelled": "wave_cancelled", "retired": "expired"}


class RejectedError(Exception):
    """An item that cannot be read, or whose ballot is not valid."""

    def __init__(self, reason, name=None, digest=None):
        super().__init__(reason)
        self.result = build_result("rejected", reason, name, digest)


@dataclass(frozen=True)
class Item:
    """A readable item."""

    op: str
    ballot: str
    kid: str
    name: str
    envelope: bytes

    @property
    def digest(self):
        return base64url.digest(self.envelope)


@dataclass
class StoredBallot:
    """A ballot after its first item; a withdrawn one has no envelope."""

    wave_id: str
    status: str
    envelope: bytes | None = None
    digest: str | None = None


class BallotBox:
    """Ballots of all waves by their hash, in order of arrival."""

    def __init__(self):
        self.ballots: dict[str, StoredBallot] = {}

    def submit(self, wave, name, envelope):
        """Stores an envelope if it is the first; returns status and reason."""
        if wave.state in END_REASONS:
            return "final", END_REASONS[wave.state]
        digest, ballot = base64url.digest(envelope), self.ballots.get(name)
        if ballot is None:
            if wave.sealed:
                return "final", "too_late"
            self.ballots[name] = StoredBallot(wave.id, "accepted", envelope, digest)
            return "accepted", None
        if ballot.status == "withdrawn":
            return "withdrawn", None
        if digest != ballot.digest:
            return "final", "envelope_conflict"
        return "duplicate", None

    def withdraw(self, wave, name):
        """Erases a ballot's envelope for good; returns status and reason."""
        if wave.state in END_REASONS:
            return "final", END_REASONS[wave.state]
        ballot = self.ballots.get(name)
        if wave.sealed and (ballot is None or ballot.status != "withdrawn"):
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
        case {"op": str(op)} if op not in {"submit", "withdraw"}:
            raise RejectedError("op_unknown")
        case {
            "op": str(op),
            "ballot": str(ballot),
            "envelope": str(envelope),
            **others,
        } if not others:
            return _parse_parts(op, ballot, envelope)
    raise RejectedError("undecodable")


def _parse_parts(op, ballot, text):
    try:
        envelope = base64url.decode(text)
        header, payload, _ = (base64url.decode(part) for part in ballot.split("."))
    except ValueError as error:
        raise RejectedError("undecodable") from error
    if len(envelope) != ENVELOPE_BYTES or len(ballot) > MAX_BALLOT_BYTES:
        raise RejectedError("undecodable")
    digest = base64url.digest(envelope)
    try:
        kid = json.loads(header)["kid"]
        r = base64url.decode(json.loads(payload)["jti"])
    except (ValueError, LookupError, TypeError) as error:
        raise RejectedError("ballot_invalid", digest=digest) from error
    if len(r) != R_BYTES or not ballot.startswith(f"{signing_input(kid, r).decode()}."):
        raise RejectedError("ballot_invalid", digest=digest)
    return Item(op, ballot, kid, compute_ballot_hash(r), envelope)


def build_result(status, reason, name=None, digest=None):
    """The result of an item, as a reply carries it."""
    return {"status": status, "reason": reason, "hash": name, "digest": digest}
