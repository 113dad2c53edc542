"""Draw requests: blinded values for the poll book to sign, all waves at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rapport_client._http import CONSTANT_HEADERS, Flow, Request
from rapport_client._json import read
from rapport_client._protocol import base64url, replies
from rapport_client.errors import UnexpectedReply

MAX_DRAWS_PER_REQUEST = 50


@dataclass(frozen=True)
class DrawRequest:
    """A blinded value to be signed, for a wave, under a key."""

    wave_id: str
    ballot_key_id: str
    blinded: bytes


@dataclass(frozen=True)
class DrawResult:
    """The poll book's result for one wave.

    Attributes:
        status: ``signed``, or the reason why it was not.
        signature: the blind signature as base64url text, if there is one.
    """

    status: str
    signature: str | None


def draw(
    server: str, access_token: str, requests: Sequence[DrawRequest]
) -> Flow[dict[str, DrawResult]]:
    """Asks for signatures; the same blinded value again gets the same signature.

    Args:
        server: the origin of the poll-book door.
        access_token: identifies the person.
        requests: 1 to 50, one per wave.

    Returns:
        The results by wave.

    Raises:
        ProblemError: refused as a whole.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    body = {
        "requests": [
            {
                "wave_id": each.wave_id,
                "ballot_key_id": each.ballot_key_id,
                "blinded": base64url.encode(each.blinded),
            }
            for each in requests
        ]
    }
    response = yield Request(
        "POST",
        f"{server}/v1/ballots",
        {
            **CONSTANT_HEADERS,
            "Authorization": f"Bearer {access_token}",
            "Content-Type": replies.JSON_MEDIA_TYPE,
        },
        json.dumps(body, separators=(",", ":")).encode(),
    )
    results = replies.read_document(response, "the drawn ballots").objects("results")
    signed = {result.text("wave_id"): read(DrawResult, result) for result in results}
    if len(signed) != len(results) or signed.keys() != {
        each.wave_id for each in requests
    }:
        raise UnexpectedReply("the drawn ballots are not those asked for")
    return signed
