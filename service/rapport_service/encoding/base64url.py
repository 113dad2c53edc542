"""Base64url without padding: the one text form of bytes on the wire (RFC 4648)."""

import base64
import binascii
import hashlib


class NotBase64Error(ValueError):
    """The text is not the canonical base64url form of any bytes."""


def encode(data: bytes) -> str:
    """Return bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, length: int | None = None) -> bytes:
    """Return the bytes of a canonical text; unused bits must be zero.

    Args:
        text: base64url without padding.
        length: how many bytes it must hold, if that is fixed.

    Raises:
        NotBase64Error: padding, foreign characters, set unused bits, wrong length.
    """
    try:
        data = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4),
            altchars=b"-_",
            validate=True,
        )
    except (UnicodeEncodeError, binascii.Error) as error:
        raise NotBase64Error(text[:80]) from error
    if encode(data) != text or (length is not None and len(data) != length):
        raise NotBase64Error(text[:80])
    return data


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes as text: the name of documents and contents."""
    return encode(hashlib.sha256(data).digest())
