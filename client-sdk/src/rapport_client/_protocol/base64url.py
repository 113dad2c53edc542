"""Base64url without padding, in its one canonical form (RFC 4648 section 5)."""

import base64
import binascii
import hashlib


def encode(data: bytes) -> str:
    """Writes bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decode(text: str) -> bytes:
    """Reads base64url text, accepting only the form that ``encode`` writes.

    Raises:
        ValueError: padding, a foreign character, or an unused bit that is not zero.
    """
    padded = text + "=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not the canonical base64url form")
    return data


def digest(data: bytes) -> str:
    """Names bytes by their SHA-256, as base64url text of 43 characters."""
    return encode(hashlib.sha256(data).digest())
