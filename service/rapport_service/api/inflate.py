"""Gzip (RFC 1952) undone in small steps, so that a bomb never goes off."""

import zlib
from collections.abc import Iterable

STEP_BYTES = 16 * 1024
"""How much is inflated before the caps are looked at again."""

MAX_RATIO = 100
"""How many bytes may come of one. Rosters reach 30; a bomb needs hundreds."""

FREE_BYTES = 64 * 1024
"""Up to here any ratio will do: short bodies that repeat themselves are harmless."""

_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS


class NotGzipError(ValueError):
    """The bytes are not gzip, or end before the gzip does."""


class InflatedTooLargeError(ValueError):
    """More came out than may, in all or for what went in."""


def inflate(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    """The bytes behind a gzip stream.

    Args:
        chunks: the stream, in pieces of any size.
        most_bytes: how many may come of it.

    Raises:
        NotGzipError: it is no gzip stream, or not a whole one.
        TooMuchError: at the first step that passes a cap.
    """
    inflated = bytearray()
    eaten = 0
    member = zlib.decompressobj(_GZIP_WINDOW_BITS)
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:  # a stream may have several members, one behind the other
                member = zlib.decompressobj(_GZIP_WINDOW_BITS)
            before = len(rest)
            try:
                inflated += member.decompress(rest, STEP_BYTES)
            except zlib.error as error:
                raise NotGzipError from error
            rest = member.unconsumed_tail or member.unused_data
            eaten += before - len(rest)
            if len(inflated) > min(max_bytes, max(FREE_BYTES, eaten * MAX_RATIO)):
                raise InflatedTooLargeError
    if not member.eof:
        raise NotGzipError
    return bytes(inflated)
