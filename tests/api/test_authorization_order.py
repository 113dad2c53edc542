"""Authorization comes first: a request that may not be made keeps its body unread."""

import io
from uuid import UUID

import pytest

from rapport_schemas.enums import Purpose
from rapport_schemas.problems import Problem
from rapport_service.api.operation import operation_of
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.clients import revoke_client
from rapport_service.pollbook.tokens import Bearer, sign_access_token
from tests.api import problem_checks
from tests.api.routes import ROUTES, token, token_on_record
from tests.pollbook.poll_book_requests import bearer, enrol, new_device, outcome
from tests.support.audit import TEST_ACTOR

PROTECTED = [route for route in ROUTES if route.scopes]
OPEN_TO_THE_REVOKED = "ballots.sync"
"""Its reply has a directive for a revoked phone."""


class RecordedBody(io.RawIOBase):
    """Request body that records whether anything read it."""

    def __init__(self, content):
        self.content = io.BytesIO(content)
        self.was_read = False

    def readable(self):
        return True

    def readinto(self, buffer):  # reads of every kind come down to this one
        self.was_read = True
        return self.content.readinto(buffer)


def bodies(route):
    """A malformed body, and one over the route's limit."""
    limit = operation_of(route.view).max_bytes or 1024
    return [b'{"', b" " * (limit + 1)]


def send(service, route, headers, body, query=""):
    stream = RecordedBody(body)
    reply = service.http.open(
        f"{route.path}{query}",
        method=route.method,
        headers=headers,
        content_type="application/json",
        environ_overrides={"wsgi.input": stream, "CONTENT_LENGTH": str(len(body))},
    )
    return reply, stream


def revoked_client_token(service, scopes):
    agency = service.agency({"a": 8})
    client_id, _ = agency.client()
    with transaction(Door.POLL_BOOK) as session:
        revoke_client(session, agency.id, client_id, service.clock(), TEST_ACTOR)
    subject = UUID(client_id.removeprefix(f"{agency.id}."))
    client = Bearer(agency.id, subject, frozenset(scopes))
    return bearer(
        sign_access_token(service.dependencies.keyring, client, service.clock())
    )


def refused_bearers(service, route):
    """Headers of callers who may not call a route, with the problem of each."""
    yield {}, Problem.UNAUTHENTICATED
    yield token(set()), Problem.SCOPE_MISSING
    if route.endpoint == OPEN_TO_THE_REVOKED:
        return
    yield token(route.scopes), Problem.DEVICE_REVOKED
    yield token_on_record(route.scopes, revoked=True), Problem.DEVICE_REVOKED
    yield revoked_client_token(service, route.scopes), Problem.UNAUTHENTICATED


@pytest.mark.parametrize("route", PROTECTED, ids=str)
def test_bearer_is_refused_before_the_body_is_read(service, route):
    for headers, expected in refused_bearers(service, route):
        for body in bodies(route):
            reply, stream = send(service, route, headers, body, "?planted=1")

            assert problem_checks.read_problem(reply) is expected
            assert not stream.was_read


def test_recorded_body_notices_a_reader(service):
    """The same body of a bearer who may call is read, and refused for itself."""
    (route,) = (r for r in ROUTES if r.endpoint == "waves.plan_wave")
    headers = token_on_record(route.scopes)

    reply, stream = send(service, route, headers, b'{"')

    assert problem_checks.read_problem(reply) is Problem.MALFORMED
    assert stream.was_read


@pytest.mark.parametrize(
    ("purpose", "method", "path", "expected"),
    [
        (Purpose.ANSWERING, "POST", "/v1/ballots", (400, "malformed")),
        (Purpose.READING, "GET", "/v1/teams/{unknown}/score", (404, "team-not-found")),
    ],
)
def test_first_use_of_a_token_is_confirmed_although_its_request_fails(
    service, purpose, method, path, expected
):
    agency = service.agency({"a": 8}, supervises={"chief": ["a"]})
    code, device = agency.code("chief", purpose), new_device()
    tokens = enrol(service, code, device).get_json()
    assert outcome(enrol(service, code, device)) == (200, None)  # the reply was lost

    failed = service.http.open(
        path.format(unknown="00000000-0000-4000-8000-000000000000"),
        method=method,
        data=b'{"',
        content_type="application/json",
        headers=bearer(tokens["access_token"]),
    )

    assert outcome(failed) == expected
    assert outcome(enrol(service, code, device)) == (409, "code-used")
