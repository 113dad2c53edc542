"""Examples of the wire: written, read, and compared.

``python -m tools.openapi.examples`` writes those that are missing, and never touches
one that is there: what was released once is what clients were built against.
"""

import itertools
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rapport_service.agency.service import create_organization
from rapport_service.app import create_app
from rapport_service.blindsign.keys import make_key
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.settings import Settings
from rapport_service.lifecycle.sealing_site import mark_folders
from rapport_service.migrate import upgrade
from tests.support.keys import store_keys
from tests.support.service import Agency, ManualClock, ServiceHarness
from tools.openapi.conformance import ContractClient, PublishedDocument, match_rule
from tools.openapi.example_files import FOLDER, Example
from tools.openapi.walkthrough import ExampleRequest, Walkthrough
from tools.openapi.walkthrough_runner import run_walkthrough

SHOWN_HEADERS = (
    *("Content-Type", "ETag", "Location", "Link"),
    *("Retry-After", "WWW-Authenticate"),
)
"""The headers of a reply that an example shows."""

SIGNIFICANT_MEMBERS = {
    *("op", "grant_type", "token_type", "scope", "status", "reason", "state"),
    *(
        "tier",
        "bound",
        "retry",
        "error",
        "respondents",
        "participation",
        "needs",
        "type",
        "verdict",
        "phase",
    ),
}
"""Members whose text means something by itself; any other text may differ."""


_run_numbers = itertools.count(1)

FORM = "application/x-www-form-urlencoded"
UNVALIDATED_STATUSES = {403, 422}
"""Statuses of bodies that break their schema, or that are not looked at."""


def record_exchange(
    name: str, about: str, asked: ExampleRequest, reply: TestResponse
) -> Example:
    """The example of an exchange that has just happened."""
    request = {key: value for key, value in asdict(asked).items() if value is not None}
    response: dict[str, Any] = {
        "status": reply.status_code,
        "headers": {
            key: reply.headers[key] for key in SHOWN_HEADERS if key in reply.headers
        },
    }
    if reply.data:
        body = {"json": reply.get_json()} if reply.is_json else {"text": reply.text}
        response |= body
    return Example(name.partition(".")[0], about, request, response)


def send_request(http: FlaskClient, asked: ExampleRequest) -> TestResponse:
    """Sends what an example asks."""
    return http.open(
        asked.path,
        method=asked.method,
        headers=dict(asked.headers),
        json=asked.json,
        data=asked.form or asked.text,
    )


def play_walkthrough(
    service: ServiceHarness, *organizations: str
) -> dict[str, Example]:
    """Plays the walkthrough and keeps every exchange; the two agencies may be named."""
    examples: dict[str, Example] = {}

    def ask(name: str, about: str, asked: ExampleRequest) -> Any:
        reply = send_request(service.http, asked)
        examples[name] = record_exchange(name, about, asked, reply)
        rule = match_rule(service.app, reply)
        assert rule is not None, name
        assert rule.endpoint.endswith(f".{examples[name].operation}"), name
        return examples[name].response.get("json")

    acme, beech = organizations or (
        f"acme{next(_run_numbers)}",
        f"beech{next(_run_numbers)}",
    )
    mark_folders(service.dependencies)
    agency = _create_agency(service, acme, {})
    other = _create_agency(service, beech, {"a": 8})
    run_walkthrough(Walkthrough(service, agency, other, ask))
    return examples


def _create_agency(
    service: ServiceHarness, organization_id: str, teams: dict[str, int]
) -> Agency:
    with transaction(Door.POLL_BOOK) as session:
        create_organization(session, organization_id, "Acme County", "UTC", 5, 8)
    agency = Agency(service, organization_id)
    agency.put(teams, {}, {"director": ["agency"]})
    return agency


def list_differences(old: Example, new: Example) -> list[str]:
    """The differences of a new exchange from the old one, besides values."""
    parts = [
        ("request", old.request, new.request),
        ("response", old.response, new.response),
    ]
    return [
        f"{part}: {_structure_of(before)} is now {_structure_of(after)}"
        for part, before, after in parts
        if _structure_of(before) != _structure_of(after)
    ]


def list_violations(published: PublishedDocument, example: Example) -> list[str]:
    """The places where an example breaks the published document."""
    status = example.response["status"]
    operation = next(
        operation
        for methods in published.document["paths"].values()
        for operation in methods.values()
        if operation["operationId"] == example.operation
    )
    violations = []
    bodies = operation.get("requestBody", {}).get("content", {})
    for kind, media in (("json", "application/json"), ("form", FORM)):
        if kind in example.request and status not in UNVALIDATED_STATUSES:
            schema = bodies[media]["schema"]
            violations += published.list_violations(schema, example.request[kind])
    documented = published.response(operation, status)
    if documented is None:
        return [*violations, f"{status} is not published"]
    if "json" in example.response:
        media = example.response["headers"]["Content-Type"]
        schema = documented["content"][media]["schema"]
        violations += published.list_violations(schema, example.response["json"])
    return violations


def _structure_of(node: object, name: str = "") -> object:
    match node:
        case dict():
            return {key: _structure_of(nested, key) for key, nested in node.items()}
        case list():
            shapes = {
                json.dumps(_structure_of(nested, name), sort_keys=True)
                for nested in node
            }
            return sorted(shapes)
        case str() if name in SIGNIFICANT_MEMBERS:
            return node
        case bool() | None:
            return node
        case int() | float():
            return node if name == "status" else "a number"
    return "text"


def write_missing_examples() -> None:
    """Writes the examples that are missing."""
    keys = itertools.cycle([make_key() for _ in range(20)])
    clock = ManualClock()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "database").mkdir()
        app = create_app(
            Settings(
                secret=bytes(32),
                database_url=f"sqlite:///{folder}/database/rapport.db",
                sealing_folders=(Path(folder, "sealing-keys"),),
            ),
            clock=clock,
            make_key=lambda: next(keys),
        )
        app.test_client_class = ContractClient
        with app.app_context():
            upgrade(db.engine)
            store_keys()
            examples = play_walkthrough(ServiceHarness(app, clock), "acme", "beech")
            db.engine.dispose()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, example in examples.items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_text(example.text(), encoding="utf-8")


if __name__ == "__main__":
    write_missing_examples()
