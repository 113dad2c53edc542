"""Network with several services, each at its addresses."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fake_service.service import FakeService
from rapport_client import Request, Response, TransportFailure


@dataclass
class Network:
    """A transport to the service at the address of a request; ``log`` has them all."""

    services: dict[str, FakeService]
    log: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.log.append(request)
        origin = origin_of(request)
        if origin not in self.services:
            raise TransportFailure(f"no service at {origin}")
        return self.services[origin].send(request)

    def origins(self):
        """The addresses that were asked."""
        return {origin_of(request) for request in self.log}


def origin_of(request):
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc}"
