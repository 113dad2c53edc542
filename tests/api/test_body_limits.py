import gzip
import io
import json

import pytest

from rapport_schemas.problems import Problem
from rapport_schemas.roster import MAX_ROSTER_BYTES
from rapport_service.api.operation import operation_of
from tests.api import problem_checks
from tests.api.routes import JSON_ROUTES, ROUTES, call
from tests.support.admin import AdminClient

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_BYTES = {
    route.endpoint: operation.max_bytes
    for route in ROUTES
    if (operation := operation_of(route.view)).body_schema is not None
}
WITH_BODY = [route for route in ROUTES if route.body]

# A roster's 32 MiB go through the same code, and take long.
QUICK = [route for route in WITH_BODY if MAX_BYTES[route.endpoint] < MAX_ROSTER_BYTES]


def test_every_route_that_takes_a_body_has_a_limit():
    endpoints = {route.endpoint for route in WITH_BODY}

    assert endpoints == set(MAX_BYTES)
    assert all(
        limit is not None and limit <= MAX_ROSTER_BYTES for limit in MAX_BYTES.values()
    )


def send(service, route, body, content_type=None):
    expected = JSON if route in JSON_ROUTES else FORM
    return call(
        service,
        route,
        data=body,
        content_type=expected if content_type is None else content_type,
    )


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_another_content_type_is_unsupported_and_the_right_one_named(service, route):
    for other in ("text/plain", "application/xml", "", "application/json-patch"):
        reply = send(service, route, b"{}", other)

        assert problem_checks.read_problem(reply) is Problem.MEDIA_TYPE_UNSUPPORTED
        assert reply.get_json()["accept"] == ", ".join(
            operation_of(route.view).content_types
        )


@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_a_body_over_the_limit_is_too_large_and_the_limit_named(service, route):
    limit = MAX_BYTES[route.endpoint]

    reply = send(service, route, b" " * (limit + 1))

    assert problem_checks.read_problem(reply) is Problem.TOO_LARGE
    assert reply.get_json()["limits"]["bytes"] == limit


@pytest.mark.parametrize("route", QUICK, ids=str)
def test_a_body_in_chunks_is_limited_alike(service, route):
    limit = MAX_BYTES[route.endpoint]

    replies = {
        size: call(
            service,
            route,
            content_type=JSON if route in JSON_ROUTES else FORM,
            environ_overrides={
                "wsgi.input": io.BytesIO(b" " * size),
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": "",
            },
        )
        for size in (limit, limit + 1, 3 * limit)
    }

    problems = {
        size: problem_checks.read_problem(reply) for size, reply in replies.items()
    }
    assert problems.pop(limit) is not Problem.TOO_LARGE
    assert set(problems.values()) == {Problem.TOO_LARGE}


def test_half_a_roster_removes_no_person(service):
    agency = service.agency({"a": 8})
    admin = AdminClient(agency)
    rows = ["kind,external_id,name,team,supervises", "team,agency,Agency,,"]
    rows += [f"person,a-{number},,agency," for number in range(30)]
    whole = "\n".join(rows).encode()
    half = whole[: whole.rindex(b"\nperson,a-9")]

    replies = [
        service.http.put(
            "/v1/roster",
            content_type="text/csv",
            headers=admin.headers,
            environ_overrides={
                "wsgi.input": io.BytesIO(sent),
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": str(len(whole)),
            },
        )
        for sent in (half, whole)
    ]

    assert problem_checks.read_problem(replies[0]) is Problem.BAD_REQUEST
    assert "ended before" in replies[0].get_json()["detail"]
    assert replies[1].get_json()["people"]["added"] == 22


class Misframed(io.RawIOBase):
    """A body in chunks that are none, as a server reads it."""

    def read(self, _size=-1):
        raise RuntimeError("no such chunk")


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_body_that_is_framed_wrongly_is_a_bad_request(service, coding):
    for route in QUICK:
        reply = call(
            service,
            route,
            content_type=JSON if route in JSON_ROUTES else FORM,
            environ_overrides={
                "HTTP_CONTENT_ENCODING": coding,
                "wsgi.input": Misframed(),
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": "",
            },
        )

        assert problem_checks.read_problem(reply) is Problem.BAD_REQUEST


@pytest.mark.parametrize("size", [1, 2, 1024 * 1024])
def test_gzip_that_is_longer_than_what_it_holds_is_limited_too(service, size):
    """Members of nothing, one behind the other: 20 bytes each, and none comes out."""
    (route,) = (r for r in JSON_ROUTES if r.endpoint.endswith("create_submissions"))
    nothing = gzip.compress(b"")
    many = nothing * ((MAX_BYTES[route.endpoint] + size) // len(nothing) + 1)

    reply = call(
        service,
        route,
        content_type=JSON,
        environ_overrides={
            "HTTP_CONTENT_ENCODING": "gzip",
            "wsgi.input": io.BytesIO(many),
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": "",
        },
    )

    assert problem_checks.read_problem(reply) is Problem.TOO_LARGE


def test_submission_that_is_too_large_gets_all_limits_of_its_door(service):
    (route,) = (r for r in JSON_ROUTES if r.endpoint.endswith("create_submissions"))

    reply = send(service, route, b" " * (MAX_BYTES[route.endpoint] + 1))

    assert reply.get_json()["limits"] == {
        "items": 500,
        "bytes": 1024 * 1024,
    }


@pytest.mark.parametrize("route", QUICK, ids=str)
def test_a_body_exactly_at_the_limit_is_read(service, route):
    good = json.dumps(route.body.get("json", "")).encode()

    reply = send(service, route, good + b" " * (MAX_BYTES[route.endpoint] - len(good)))

    assert (
        reply.status_code < 300
        or problem_checks.read_problem(reply) is not Problem.TOO_LARGE
    )
