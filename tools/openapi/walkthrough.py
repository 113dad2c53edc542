"""Walkthrough that makes the examples: requests by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from tests.support.service import Agency, ServiceHarness

UNKNOWN_ID = UUID(int=0)
CHOSEN_ID = "f0ef784a-15ce-4035-8902-8806174ef81e"


@dataclass(frozen=True)
class ExampleRequest:
    """A request as an example writes it down; its body is JSON, a form or text."""

    method: str
    path: str
    headers: Mapping[str, str]
    json: object = None
    form: Mapping[str, str] | None = None
    text: str | None = None


class RecordExchange(Protocol):
    """Sends a request and keeps the exchange under a name; gives the reply's body."""

    def __call__(self, name: str, about: str, asked: ExampleRequest) -> Any: ...


@dataclass
class Walkthrough:
    """Service, agencies and recorder that the steps share."""

    service: ServiceHarness
    agency: Agency
    other: Agency
    ask: RecordExchange

    def get(
        self, name: str, about: str, path: str, token: str = "", **more: str
    ) -> Any:
        headers = {**_bearer_headers(token), **more}
        return self.ask(name, about, ExampleRequest("GET", path, headers))

    def send(
        self, name: str, about: str, path: str, body: object, token: str = ""
    ) -> Any:
        methods = {"/v1/roster": "PUT", "/v1/organization": "PATCH"}
        method = methods.get(path.partition("?")[0], "POST")
        return self.ask(
            name, about, ExampleRequest(method, path, _bearer_headers(token), body)
        )

    def submit(self, name: str, about: str, *items: object, token: str = "") -> Any:
        body = {"protocol": 1, "batch": "7b1d", "items": [*items]}
        return self.send(name, about, "/v1/submissions", body, token)


def _bearer_headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
