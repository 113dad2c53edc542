"""The real SDK on the real service, with no socket between them; bytes are counted."""

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
    """A transport to an app; ``log`` has what crossed it."""

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
        return [each for each in self.log if each.path == "/v1/submissions"]


@dataclass(frozen=True)
class ServiceClock:
    """A device clock that goes as the house's does."""

    clock: Callable[[], datetime]

    def wall(self) -> float:
        return self.clock().timestamp()

    def monotonic(self) -> float:
        return self.wall()

    def boot(self) -> str:
        return "one boot"
