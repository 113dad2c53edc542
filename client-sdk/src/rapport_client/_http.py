"""HTTP without input or output: requests, responses, flows, and their driver.

A flow is a generator that yields requests, is sent responses, and returns its result.
It has the protocol; the caller that drives it has the socket. A transport failure is
thrown into the flow, so that a flow may give up or go on.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from rapport_client.errors import TransportFailure

T = TypeVar("T")

# Constants on every request: no version and no platform, because the ballot box
# must not be able to tell one phone from another.
CONSTANT_HEADERS: Mapping[str, str] = {
    "User-Agent": "rapport-client",
    "Accept": "application/json, application/problem+json",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    Attributes:
        method: ``GET``, ``POST`` or ``PUT``.
        url: absolute.
        headers: all headers except those that HTTP itself needs.
        body: empty for a request without one.
        fresh: send it on a new connection that is closed after it, so that it cannot
            be linked to any other request.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    fresh: bool = False


@dataclass(frozen=True)
class Response:
    """One HTTP response.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
        body: all of it, still in its content coding.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The content type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


Flow = Generator[Request, Response, T]


class Transport(Protocol):
    """Carrier of requests; the default one uses urllib3."""

    def send(self, request: Request) -> Response:
        """Carries one request and returns its response.

        Follows no redirect, repeats no request, keeps no cookie.

        Raises:
            TransportFailure: no whole response came.
        """


def parse_origin(url: str) -> str:
    """Checks the address of a service, and removes the slash at its end.

    Raises:
        ValueError: it is not an HTTP URL with a host; the message says so.
    """
    try:
        parts = urlsplit(url)
        port_is_good = parts.port != 0
    except ValueError:
        port_is_good = False
    if not (port_is_good and parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(
            f"{url!r} is not a URL such as https://rapport.example:"
            " it needs http:// or https://, and a host"
        )
    return url.rstrip("/")


def drive(flow: Flow[T], send: Callable[[Request], Response]) -> T:
    """Runs a flow to its end and returns its result.

    Raises:
        RapportError: as the flow does.
    """
    try:
        request = next(flow)
        while True:
            try:
                response = send(request)
            except TransportFailure as failure:
                request = flow.throw(failure)
            else:
                request = flow.send(response)
    except StopIteration as end:
        result: T = end.value
        return result
