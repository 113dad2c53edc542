"""Draws ballots: has blinded values signed by the poll book, all waves at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rapport_client import b64
from rapport_client.errors import UnexpectedReply
from rapport_client.flows import replies
from rapport_client.wire import CONSTANT_HEADERS, Flow, Request

MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Ask:
    """A blinded value to be signed, for a wave, under a key."""

    wave: str
    kid: str
    blinded: bytes


@dataclass(frozen=True)
class Signed:
    """What the poll book said of one wave.

    Attributes:
        status: ``signed``, or why not.
        signature: the blind signature as base64url text, if there is one.
    """

    status: str
    signature: str | None


def draw(
    server: str, access_token: str, asks: Sequence[Ask]
) -> Flow[dict[str, Signed]]:
    """Asks for signatures; the same blinded value again gets the same signature.

    Args:
        server: the origin of the poll-book door.
        access_token: says who asks.
        asks: 1 to 50, one per wave.

    Returns:
        By wave, what was said of those that were asked for.

    Raises:
        ProblemError: refused as a whole.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    body = {
        "requests": [
            {"wave": ask.wave, "kid": ask.kid, "blinded": b64.encode(ask.blinded)}
            for ask in asks
        ]
    }
    response = yield Request(
        "POST",
        f"{server}/v1/ballots",
        {
            **CONSTANT_HEADERS,
            "Authorization": f"Bearer {access_token}",
            "Content-Type": replies.JSON,
        },
        json.dumps(body, separators=(",", ":")).encode(),
    )
    results = replies.document(response, "the drawn ballots").objects("results")
    signed = {
        result.text("wave"): Signed(
            result.text("status"), result.text_or_none("signature")
        )
        for result in results
    }
    if len(signed) != len(results) or signed.keys() != {ask.wave for ask in asks}:
        raise UnexpectedReply("the drawn ballots are not those asked for")
    return signed
