"""HTTP/1.1 messages as bytes: the part that a proxy between honest parties needs."""

import asyncio
import gzip
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Self

MAX_HEAD_BYTES = 64 * 1024
CONNECTION_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length"}
"""Headers of a single connection, which are not passed on."""


class BrokenConnectionError(Exception):
    """The other side closed the connection, or sent no HTTP."""


@dataclass(frozen=True)
class Message:
    """A request or a reply.

    Attributes:
        first_line: without its end.
        headers: all that are not about the connection, by lower-case name.
        body: as it travelled, in its content coding.
    """

    first_line: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def reply(
        cls, status: HTTPStatus, media_type: str, body: bytes, **headers: str
    ) -> Self:
        """A reply that does not come from the service."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            f"HTTP/1.1 {status.value} {status.phrase}",
            {"content-type": media_type, **named},
            body,
        )

    @property
    def first_line_parts(self) -> list[str]:
        """The words of the first line."""
        return self.first_line.split(" ", 2)

    @property
    def method(self) -> str:
        """A request's method."""
        return self.first_line_parts[0]

    @property
    def path(self) -> str:
        """A request's target."""
        return self.first_line_parts[1]

    @property
    def status(self) -> int:
        """A reply's status."""
        return int(self.first_line_parts[1])

    @property
    def text(self) -> bytes:
        """The body without its content coding."""
        coded = self.headers.get("content-encoding") == "gzip"
        return gzip.decompress(self.body) if coded else self.body

    def document(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, OSError, EOFError):
            return None

    def with_document(self, document: object) -> Self:
        """The same message around another document."""
        headers = {k: v for k, v in self.headers.items() if k != "content-encoding"}
        return replace(self, headers=headers, body=json.dumps(document).encode())

    def dump(self, *, close: bool = False) -> bytes:
        """The bytes to send."""
        lines = [self.first_line, *(f"{k}: {v}" for k, v in self.headers.items())]
        if self.body or self.first_line_parts[1] not in {"204", "304"}:
            lines.append(f"content-length: {len(self.body)}")
        if close:
            lines.append("connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Reads one message.

    Raises:
        BrokenConnectionError: the connection was closed, before or within a message.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", "0"))
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
        raise BrokenConnectionError from error
    kept = {k: v for k, v in headers.items() if k not in CONNECTION_HEADERS}
    return Message(first, kept, body)


async def close_connection(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, which the other side may have closed already."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def exchange(port: int, request: Message, timeout_seconds: float) -> Message:
    """Sends a request to a port of this machine and reads the reply.

    Raises:
        BrokenConnectionError: no complete reply came in time.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, limit=MAX_HEAD_BYTES
            )
            try:
                writer.write(request.dump(close=True))
                await writer.drain()
                return await read_message(reader)
            finally:
                await close_connection(writer)
    except (TimeoutError, OSError) as error:
        raise BrokenConnectionError from error
