"""Forms in which answers may be written: as sent, in parts, as stored."""

import base64
import json
import re
from collections.abc import Iterator

from tools.attack.agency import AnsweredPulse
from tools.attack.phones import Sent

_VALUE = rb"""\\?["']\s*:\s*(?:[1-5]\b|\\?["'](?:na|skip)\\?["'])"""
_PARTS = (
    re.compile(rb"A0" + _VALUE),
    re.compile(rb"[TC][1-6]R?" + _VALUE),
    re.compile(rb"""form\\?["']\s*:\s*\d+\s*,\s*\\?["']answers\\?["']"""),
)


def stored_answers(answers: AnsweredPulse) -> str:
    """Return the answers as the service stores them after the seal."""
    return json.dumps(
        [*answers.values.values(), answers.context], separators=(",", ":")
    )


def canonical_json(sent: Sent) -> bytes:
    """Return the answers as they lie in an envelope, without the padding."""
    return json.dumps(
        {
            "form": sent.form,
            "answers": dict(sent.answers.values),
            "context": sent.answers.context,
        },
        separators=(",", ":"),
    ).encode()


def encodings(text: bytes) -> Iterator[bytes]:
    """Yield the ways in which bytes are written: as they are, base64, hex."""
    yield text
    yield text.hex().encode()
    for skipped in range(3):
        # Only what does not depend on the bytes before and after.
        kept = text[skipped:]
        kept = kept[: len(kept) - len(kept) % 3]
        if kept:
            yield base64.b64encode(kept)
            yield base64.urlsafe_b64encode(kept)


def find_parts(content: bytes) -> list[int]:
    """Return the places of question ids with an answer, as JSON has them."""
    return [match.start() for pattern in _PARTS for match in pattern.finditer(content)]


ENCODED_PARTS = tuple(encodings(b'"answers":{"A0":'))[1:]
"""A part of every envelope's content in base64 and hex, whatever is around it."""
