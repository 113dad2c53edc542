"""Query parameters: unknown and repeated ones are refused by every operation."""

import pytest

from rapport_schemas.errors import ErrorCode
from rapport_schemas.problems import Problem
from rapport_schemas.renames import RENAMED_FIELDS, RENAMED_PATHS, find_new_path
from rapport_service.api.operation import operation_of
from tests.api import problem_checks
from tests.api.routes import (
    HEALTH,
    JSON_ROUTES,
    PHONE_APP,
    PROBLEM_PAGES,
    ROUTES,
    UUID,
    call,
)

PAGES = {"docs_page.get_docs", "docs_page.get_style"}
IGNORING = {*HEALTH, *PAGES, *PROBLEM_PAGES, *PHONE_APP, "enrolment.create_token"}
"""Probes and pages for people; the token endpoint, as RFC 6749 section 3.2 wants it."""

STRICT = [route for route in ROUTES if route.endpoint not in IGNORING]
WITH_QUERY = [route for route in ROUTES if operation_of(route.view).query_schema]


def unknown(parameter, detail="is not known here"):
    return {
        "pointer": None,
        "code": ErrorCode.UNKNOWN_FIELD,
        "detail": detail,
        "parameter": parameter,
    }


def errors_of(reply):
    assert problem_checks.read_problem(reply) is Problem.INVALID, reply.text
    return reply.get_json()["errors"]


@pytest.mark.parametrize("name", ["planted", "_schema", ""])
@pytest.mark.parametrize("route", STRICT, ids=str)
def test_unknown_query_parameter_is_named(service, route, name):
    reply = call(service, route, query_string={name: "1"}, **route.body)

    assert errors_of(reply) == [unknown(name)]


def test_member_that_libraries_use_themselves_is_unknown_too(service):
    body = {"protocol": 1, "batch": "b", "items": [None], "_schema": 1}

    reply = service.http.post("/v1/submissions", json=body)

    (error,) = errors_of(reply)
    assert (error["pointer"], error["code"]) == ("/_schema", ErrorCode.UNKNOWN_FIELD)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.endpoint in IGNORING], ids=str
)
def test_unknown_query_parameter_is_ignored_by_probes_pages_and_tokens(service, route):
    plain = call(service, route, **route.body)
    reply = call(service, route, query_string={"planted": "1"}, **route.body)

    assert reply.status_code == plain.status_code
    assert b"planted" not in reply.data


@pytest.mark.parametrize("route", WITH_QUERY, ids=str)
def test_query_parameter_that_comes_twice_is_named(service, route):
    for name in operation_of(route.view).query_schema().fields:
        query = [(name, "a"), (name, "a")]

        (error,) = errors_of(call(service, route, query_string=query, **route.body))

        assert (error["parameter"], error["code"]) == (name, ErrorCode.REPEATED)


def old_names(schema):
    return {old: new for old, new in RENAMED_FIELDS.items() if new in schema().fields}


RENAMED_PARAMETERS = [
    (route, old, new)
    for route in WITH_QUERY
    for old, new in old_names(operation_of(route.view).query_schema).items()
]


@pytest.mark.parametrize(("route", "old", "new"), RENAMED_PARAMETERS, ids=str)
def test_old_query_parameter_gets_the_new_name(service, route, old, new):
    reply = call(service, route, query_string={old: UUID})

    assert errors_of(reply) == [unknown(old, f"is called {new} now")]


RENAMED_MEMBERS = [
    (route, old, new)
    for route in JSON_ROUTES
    for old, new in old_names(operation_of(route.view).body_schema).items()
]


@pytest.mark.parametrize(("route", "old", "new"), RENAMED_MEMBERS, ids=str)
def test_old_member_gets_the_new_name(service, route, old, new):
    members = {name: v for name, v in route.body["json"].items() if name != new}
    reply = call(service, route, json={**members, old: None})

    error = next(e for e in errors_of(reply) if e["pointer"] == f"/{old}")
    assert error["code"] == ErrorCode.UNKNOWN_FIELD
    assert error["detail"] == f"is called {new} now"


def test_old_member_of_a_nested_object_gets_the_new_name(service):
    (route,) = (r for r in JSON_ROUTES if r.endpoint == "ballots.draw_ballots")
    old = {"wave": "acme.x", "kid": "acme.y", "blinded": "z"}

    reply = call(service, route, json={"requests": [old]})

    details = {error["pointer"]: error["detail"] for error in errors_of(reply)}
    assert details["/requests/0/wave"] == "is called wave_id now"
    assert details["/requests/0/kid"] == "is called ballot_key_id now"


def test_every_old_name_has_an_operation_that_knows_the_new_one():
    drawn = {"wave", "kid"}
    renamed = {old for _, old, _ in RENAMED_MEMBERS + RENAMED_PARAMETERS}

    assert renamed | drawn == set(RENAMED_FIELDS)


def test_a_name_that_is_still_known_is_not_called_otherwise(service):
    (route,) = (r for r in JSON_ROUTES if r.endpoint == "roster.put_roster")
    row = {"external_id": "p", "team": 7, "wave": "x", "supervises": []}

    reply = call(service, route, json={"teams": [], "people": [row]})

    details = {error["pointer"]: error["detail"] for error in errors_of(reply)}
    assert details["/people/0/team"] == "must be text"
    assert details["/people/0/wave"] == "is not known here"


def test_old_address_gets_the_new_one(service):
    reply = service.http.get(f"/v1/teams/{UUID}/scores")

    assert problem_checks.read_problem(reply) is Problem.NOT_FOUND
    assert reply.get_json()["detail"] == (f"This address is now /v1/teams/{UUID}/score")


@pytest.mark.parametrize("path", ["/v1/scores", "/v1/teams/a/b/scores", "/scores", "/"])
def test_other_addresses_have_no_new_one(path):
    assert find_new_path(path) is None


def test_new_addresses_are_routes_and_old_ones_are_none(service):
    for old in RENAMED_PATHS:
        path = old.format(team_id=UUID)
        adapter = service.app.url_map.bind("")

        assert adapter.test(find_new_path(path))
        assert not adapter.test(path)


FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=refresh_token&refresh_token=a"


@pytest.mark.parametrize(
    ("data", "media", "problem", "error"),
    [
        (GRANT, FORM, Problem.GRANT_INVALID, "invalid_grant"),
        (f"{GRANT}&planted=1", FORM, Problem.GRANT_INVALID, "invalid_grant"),
        (f"{GRANT}&refresh_token=a", FORM, Problem.INVALID, "invalid_request"),
        ("%ff=%ff", FORM, Problem.MALFORMED, "invalid_request"),
        ("x" * 9000, FORM, Problem.TOO_LARGE, "invalid_request"),
        ("{}", "application/json", Problem.MEDIA_TYPE_UNSUPPORTED, "invalid_request"),
        (
            "grant_type=password",
            FORM,
            Problem.GRANT_UNSUPPORTED,
            "unsupported_grant_type",
        ),
    ],
)
def test_token_request_that_is_refused_has_the_error_of_its_standard(
    service, data, media, problem, error
):
    reply = service.http.post("/v1/token?planted=1", data=data, content_type=media)

    assert problem_checks.read_problem(reply) is problem
    assert reply.get_json()["error"] == error


def test_form_parameter_that_comes_twice_is_named(service):
    reply = service.http.post("/v1/token", data=f"{GRANT}&{GRANT}", content_type=FORM)

    assert [(e["pointer"], e["code"]) for e in errors_of(reply)] == [
        ("/grant_type", ErrorCode.REPEATED),
        ("/refresh_token", ErrorCode.REPEATED),
    ]
