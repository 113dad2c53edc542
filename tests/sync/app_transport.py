"""Transport from the SDK to the service without a socket; it logs every exchange."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask

from rapport_client import Request, Response

ORIGIN = "https://rapport.test"


@dataclass
class Exchange:
    """One request and its response, as they would cross the wire."""

    request: Request
    response: Response

    @property
    def path(self) -> str:
        return urlsplit(self.request.url).path


@dataclass
class AppTransport:
    """A transport to an app; ``log`` has every exchange."""

    app: Flask
    log: list[Exchange] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        reply = self.app.test_client(use_cookies=False).open(
            request.url.removeprefix(ORIGIN),
            method=request.method,
            headers=dict(request.headers),
            data=request.body or None,
        )
        headers = {name.lower(): value for name, value in reply.headers.items()}
        response = Response(reply.status_code, headers, reply.data)
        self.log.append(Exchange(request, response))
        return response

    def submissions(self) -> list[Exchange]:
        return [exchange for exchange in self.log if exchange.path == "/v1/submissions"]


@dataclass(frozen=True)
class ServiceClock:
    """A device clock that follows the clock of the service."""

    clock: Callable[[], datetime]

    def wall(self) -> float:
        return self.clock().timestamp()

    def monotonic(self) -> float:
        return self.wall()

    def boot(self) -> str:
        return "one boot"
