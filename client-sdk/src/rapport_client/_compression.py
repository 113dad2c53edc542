"""Content coding: gzip in both directions (RFC 9110 section 8.4)."""

import zlib
from binascii import crc32

from rapport_client._http import Response
from rapport_client.errors import UnexpectedReply

GZIP = "gzip"
MAX_DECODED_BYTES = 16 * 1024 * 1024
"""Limit for the decoded bytes of a reply; far above any of Rapport's."""

_LEVEL = 9
_GZIP_WBITS = 16 + zlib.MAX_WBITS

# No name, no time, and "unknown" for the system: the libraries write which it is,
# and the ballot box must not be able to tell one phone from another.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def compress(data: bytes) -> bytes:
    """The gzip of some bytes, with a header that is the same on every system."""
    packed = zlib.compress(data, _LEVEL, -zlib.MAX_WBITS)
    tail = crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return _HEADER + packed + tail


def decode_body(response: Response, max_bytes: int = MAX_DECODED_BYTES) -> bytes:
    """The body of a response without its content coding.

    Raises:
        UnexpectedReply: another coding than gzip, a gzip that is broken or cut off, or
            one that decodes to more than the limit.
    """
    match response.headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            return response.body
        case "gzip" | "x-gzip":
            return _gunzip(response.body, max_bytes)
    raise UnexpectedReply("the reply is in a coding that was not asked for")


def _gunzip(data: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj(_GZIP_WBITS)
    try:
        body = stream.decompress(data, max_bytes)
    except zlib.error as error:
        raise UnexpectedReply("the reply is not the gzip it says") from error
    if not stream.eof or stream.unused_data:
        raise UnexpectedReply("the reply's gzip is cut off, too long, or not one")
    return body
