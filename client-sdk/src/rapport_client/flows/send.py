"""Sends one frozen answer through the ballot-box door.

One answer per request, on a connection of its own, with headers that are the same for
everybody and nothing that says who sends it.
"""

import json
from dataclasses import dataclass, field

from rapport_client.errors import UnexpectedReply
from rapport_client.flows import replies
from rapport_client.members import Members
from rapport_client.wire import CONSTANT_HEADERS, Flow, Request, Response

PROTOCOL = 1
UNPARSABLE = "rejected"
STATUSES = frozenset(
    {"accepted", "duplicate", "late", "withdrawn", "held", "final", UNPARSABLE}
)


@dataclass(frozen=True)
class Item:
    """A frozen answer.

    Attributes:
        ballot: the right to answer.
        hash: of the ballot's R, as the service must echo it.
        content: the frozen bytes.
        digest: of the content, as the service must echo it.
    """

    ballot: str = field(repr=False)
    hash: str
    content: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True)
class Verdict:
    """What the service said of an answer; it has committed this before saying it."""

    status: str
    reason: str | None


def submit(ballot_box: str, item: Item, batch: str) -> Flow[Verdict]:
    """Sends one answer.

    Args:
        ballot_box: the origin of the ballot-box door.
        item: the answer.
        batch: a fresh random text, so that no reply to another request can pass.

    Raises:
        TransportFailure: the outcome is unknown.
        ProblemError: the request was refused as a whole; the outcome is unknown.
        UnexpectedReply: the reply is not an exact one; the outcome is unknown.
    """
    envelope = {
        "protocol": PROTOCOL,
        "batch": batch,
        "items": [
            {
                "op": "submit",
                "ballot": item.ballot,
                "content": item.content.decode("utf-8"),
            }
        ],
    }
    response = yield Request(
        "POST",
        f"{ballot_box}/v1/submissions",
        {**CONSTANT_HEADERS, "Content-Type": replies.JSON},
        json.dumps(envelope, separators=(",", ":"), ensure_ascii=False).encode(),
        fresh=True,
    )
    return read(response, item, batch)


def read(response: Response, item: Item, batch: str) -> Verdict:
    """Reads the reply to a submission; anything but the exact reply is refused.

    An answer is let go on the word of this reply, so it must come from a service that
    read the very request: a captive portal's 200, a cached or a foreign reply echo
    neither the batch nor the hashes.

    Raises:
        ProblemError: the request was refused as a whole.
        UnexpectedReply: status, content type, protocol, batch, number of results, or
            the echoed hash or digest is not the expected one.
    """
    reply = replies.document(response, "the reply to a submission")
    if reply.integer("protocol") != PROTOCOL:
        raise UnexpectedReply("the reply is of another protocol")
    if reply.text("batch") != batch:
        raise UnexpectedReply("the reply is to another request")
    results = reply.objects("results")
    if len(results) != 1:
        raise UnexpectedReply(f"{len(results)} results came for one answer")
    (result,) = results
    status = result.text("status")
    if status not in STATUSES:
        raise UnexpectedReply("the reply has a status that this device does not know")
    _check_echo(result, "hash", item.hash, status)
    _check_echo(result, "digest", item.digest, status)
    return Verdict(status, result.text_or_none("reason"))


def _check_echo(result: Members, name: str, expected: str, status: str) -> None:
    # What a service could not parse it cannot echo; a rejected answer is kept anyway.
    if status == UNPARSABLE and result.raw.get(name, expected) is None:
        return
    if result.text(name) != expected:
        raise UnexpectedReply(f"the reply echoes another {name}")
