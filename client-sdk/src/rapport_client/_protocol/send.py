"""Submissions: frozen answers and withdrawals for the ballot-box door.

An answer is in an envelope, and a withdrawal carries random bytes as long as one. Each
goes on a connection of its own, with headers that are the same on all devices and
nothing that identifies the sender. A personal device sends one item a request; only
gateways, which serve many people, send several.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapport_client import _compression
from rapport_client._http import CONSTANT_HEADERS, Flow, Request, Response
from rapport_client._json import JsonObject, read
from rapport_client._protocol import base64url, replies
from rapport_client.errors import UnexpectedReply
from rapport_client.models.words import ItemOp

PROTOCOL = 1
SUBMISSIONS_PATH = "/v1/submissions"
UNPARSABLE = "rejected"
STATUSES = frozenset({"accepted", "duplicate", "withdrawn", "final", UNPARSABLE})


@dataclass(frozen=True)
class SubmissionItem:
    """A frozen answer, or the withdrawal of one.

    Attributes:
        op: ``submit`` or ``withdraw``.
        ballot: the right to answer, and to take an answer back.
        hash: of the ballot's R, as the service must echo it.
        envelope: the sealed answer; random bytes for a withdrawal.
        digest: of the envelope, as the service must echo it.
    """

    op: ItemOp
    ballot: str = field(repr=False)
    hash: str
    envelope: bytes = field(repr=False)
    digest: str

    @property
    def document(self) -> dict[str, str]:
        """The item as it is in a request."""
        return {
            "op": self.op,
            "ballot": self.ballot,
            "envelope": base64url.encode(self.envelope),
        }

    @property
    def wire_bytes(self) -> int:
        """The bytes that the item adds to a request."""
        return len(_encode_compact(self.document)) + 1


@dataclass(frozen=True)
class SubmissionResult:
    """The service's result for an item, which it has committed before the reply."""

    status: str
    reason: str | None


def encode_request(items: Sequence[SubmissionItem], batch: str) -> bytes:
    """The body of a request that sends some items, as JSON."""
    return _encode_compact(
        {
            "protocol": PROTOCOL,
            "batch": batch,
            "items": [item.document for item in items],
        }
    )


def submit(
    ballot_box: str, items: Sequence[SubmissionItem], batch: str
) -> Flow[list[SubmissionResult]]:
    """Sends some items in one request.

    Args:
        ballot_box: the origin of the ballot-box door.
        items: at least one.
        batch: a fresh random text, so that a reply to another request is detected.

    Returns:
        A result for each item, in their order.

    Raises:
        TransportFailure: the outcome is unknown.
        ProblemError: the request was refused as a whole; the outcome is unknown.
        UnexpectedReply: the reply is not exact; the outcome is unknown.
    """
    response = yield Request(
        "POST",
        f"{ballot_box}{SUBMISSIONS_PATH}",
        {
            **CONSTANT_HEADERS,
            "Content-Type": replies.JSON_MEDIA_TYPE,
            "Content-Encoding": _compression.GZIP,
        },
        _compression.compress(encode_request(items, batch)),
        fresh=True,
    )
    return read_reply(response, items, batch)


def read_reply(
    response: Response, items: Sequence[SubmissionItem], batch: str
) -> list[SubmissionResult]:
    """Reads the reply to a submission; anything but the exact reply is refused whole.

    Items are settled by this reply, so it must come from a service that read this very
    request: the 200 of a captive portal and a cached or foreign reply do not echo batch
    and hashes, and permuted results echo them out of order.

    Raises:
        ProblemError: the request was refused as a whole.
        UnexpectedReply: status, content type, protocol, batch, number of results, or
            an echoed hash or digest is not the expected one.
    """
    reply = replies.read_document(response, "the reply to a submission")
    if reply.integer("protocol") != PROTOCOL:
        raise UnexpectedReply("the reply is of another protocol")
    if reply.text("batch") != batch:
        raise UnexpectedReply("the reply is to another request")
    results = reply.objects("results")
    if len(results) != len(items):
        raise UnexpectedReply(f"{len(results)} results came for {len(items)} items")
    return [
        _read_result(result, item) for result, item in zip(results, items, strict=True)
    ]


def _read_result(result: JsonObject, item: SubmissionItem) -> SubmissionResult:
    status = result.text("status")
    if status not in STATUSES:
        raise UnexpectedReply("the reply has a status that this device does not know")
    _check_echo(result, "hash", item.hash, status)
    _check_echo(result, "digest", item.digest, status)
    return read(SubmissionResult, result)


def _check_echo(result: JsonObject, name: str, expected: str, status: str) -> None:
    # What a service could not parse it cannot echo; a rejected item is kept anyway.
    echoed = result.text_or_none(name)
    if echoed != expected and not (
        status == UNPARSABLE and echoed is None and name in result.raw
    ):
        raise UnexpectedReply(f"the reply echoes another {name}")


def _encode_compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
