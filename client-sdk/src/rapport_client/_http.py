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
        delay: seconds to wait before it is sent.
        read_seconds: how long the service may take to reply, if longer than usual.
        max_reply_bytes: how long the reply may be, if longer than usual.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    fresh: bool = False
    delay: float = 0.0
    read_seconds: float | None = None
    max_reply_bytes: int | None = None


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

    @property
    def request_id(self) -> str | None:
        """The service's id of the request, to quote when you ask its operator."""
        return self.headers.get("x-request-id")


Flow = Generator[Request, Response, T]


class Transport(Protocol):
    """Carrier of requests; the default one uses urllib3."""

    def send(self, request: Request) -> Response:
        """Carries one request and returns its response.

        Follows no redirect, repeats no request, keeps no cookie.

        Raises:
            TransportFailure: no whole response came.
        """


_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(url: str) -> str:
    """Normal form of a service's address; every spelling of it gives the same text.

    Scheme and host are in lower case. A default port and a slash at the end go. A path
    before ``/v1`` stays.

    Raises:
        ValueError: it is not an HTTP URL with a host, or has more than a path after
            the host; the message says so.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        host is None
        or parts.scheme not in _DEFAULT_PORTS
        or port == 0
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError(
            f"{url!r} is not a URL such as https://rapport.example:"
            " it needs http:// or https://, and a host; no user name, no ? and no #"
        )
    if ":" in host:
        host = f"[{host}]"  # an IPv6 address
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host = f"{host}:{port}"
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


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
    finally:
        flow.close()
