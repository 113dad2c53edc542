"""Cursor of a list: the sort key of a row as text that only the service can read.

Cursors stand in addresses, and addresses land in logs: an external id must not be
readable in one. So a cursor is encrypted, and padded so that its length says little.
AES-SIV (RFC 5297) needs no nonce: the same place in a list has the same cursor, so an
equal page has an equal ETag. It also authenticates the cursor together with the list
that it belongs to, so no other text and no other list's cursor is ever parsed.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from rapport_service.encoding import base64url

SortKey = tuple[str | int | date | datetime | UUID, ...]
"""The values that a list is sorted by; no two of its rows have the same."""

PADDED_BYTES = 64
"""A cursor's content is padded to a multiple of this."""

_TAGS = {str: "s", int: "i", date: "d", datetime: "t", UUID: "u"}
_PARSERS: dict[str, Callable[[str], str | int | date | UUID]] = {
    "s": str,
    "i": int,
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
    "u": UUID,
}


class CursorInvalidError(ValueError):
    """The text is no cursor of this list."""


def seal_cursor(key: bytes, listing: bytes, sort_key: SortKey) -> str:
    """Encrypts the place of a row in a list.

    Args:
        key: 32 bytes that serve cursors alone.
        listing: which list it is, with all its filters.
        sort_key: the row's.
    """
    values = [f"{_TAGS[type(value)]}{value}" for value in sort_key]
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    padded = content.ljust(-(-len(content) // PADDED_BYTES) * PADDED_BYTES)
    return base64url.encode(AESSIV(key).encrypt(padded, [listing]))


def open_cursor(key: bytes, listing: bytes, cursor: str) -> SortKey:
    """The place of a row in a list, from its cursor.

    Raises:
        CursorInvalidError: made up, changed, or of another list.
    """
    try:
        content = AESSIV(key).decrypt(base64url.decode(cursor), [listing])
    except (base64url.NotBase64Error, InvalidTag) as error:
        raise CursorInvalidError from error
    return tuple(_PARSERS[value[0]](value[1:]) for value in json.loads(content))
