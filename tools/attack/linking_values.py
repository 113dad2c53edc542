"""Values that can link rows of two tables: equal, written otherwise, or hashed."""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from rapport_client._protocol import base64url
from tools.attack.capture import Row
from tools.attack.phones import Sent
from tools.attack.stored import canonical_json, stored_answers

MIN_TEXT = 16
"""Characters of a value that links rows by being equal; shorter ones are words."""

PADDED_BYTES = 256
COMMON_COLUMNS = {"organization_id"}
"""Columns that are the same in all rows of an agency."""


def is_linking(value: Any) -> bool:
    """Return whether a value is long enough to link rows by being equal."""
    return isinstance(value, str | bytes) and len(value) >= MIN_TEXT


def linking_values(row: Row) -> set[object]:
    """Return the values of a row that can be equal for a reason."""
    return {
        value
        for column, value in row.items()
        if column not in COMMON_COLUMNS and is_linking(value)
    }


def written_forms(value: object) -> Iterator[object]:
    """Yield a value as it is, and as the other ways to write its bytes."""
    if isinstance(value, bytes):
        yield from (value, value.hex(), base64url.encode(value))
    elif isinstance(value, str) and len(value) >= MIN_TEXT:
        yield value


def to_bytes(value: object) -> bytes:
    """Return the bytes that a hash of a value is taken of."""
    return value if isinstance(value, bytes) else str(value).encode()


def guessable_hashes(value: bytes) -> Iterator[object]:
    """Yield hashes of a value in every form in which one could be stored."""
    for digest in (sha256(value).digest(), sha256(sha256(value).digest()).digest()):
        yield from written_forms(digest)
        yield digest[:16].hex()
    yield from written_forms(hmac.digest(b"", value, "sha256"))


def guessable_contents(sent: Sent) -> Iterator[bytes]:
    """Yield answers in every form of which a digest could be."""
    text = canonical_json(sent)
    yield from (text, text.ljust(PADDED_BYTES), stored_answers(sent.answers).encode())
