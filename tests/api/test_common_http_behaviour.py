"""Rules that every operation keeps, a new one from its first day."""

from uuid import uuid4

import pytest

from rapport_schemas.enums import Scope
from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from tests.api.routes import token_on_record
from tools.openapi.conformance import ContractClient, load_published_document

OPERATIONS = [
    (path, method.upper(), operation)
    for path, methods in load_published_document().document["paths"].items()
    for method, operation in methods.items()
]
SECRET = bytes(range(32))
UNREADABLE = {
    "application/json": b'{"a": 1, "a": 2}',
    "application/x-www-form-urlencoded": b"\xff",
    "text/csv": b"\xff",
}
INCOMPLETE = {
    "application/json": b'{"no such member": 1}',
    "application/x-www-form-urlencoded": b"grant_type=refresh_token",
}


def operations_where(has):
    return pytest.mark.parametrize(
        ("path", "method", "operation"),
        [
            pytest.param(path, method, operation, id=operation["operationId"])
            for path, method, operation in OPERATIONS
            if has(path, operation)
        ],
    )


def scopes_of(operation):
    return {each["bearer"][0] for each in operation["security"] if "bearer" in each}


def with_login(_path, operation):
    return bool(scopes_of(operation))


def refuses_revoked_devices(path, operation):
    """Each that requires a login, but for the sync, which has a directive for it."""
    return with_login(path, operation) and path != "/v1/sync"


def with_body(_path, operation):
    return "requestBody" in operation


def with_query(_path, operation):
    parameters = operation.get("parameters", [])
    return any(each.get("in") == "query" for each in parameters)


def is_ballot_box(_path, operation):
    return operation["tags"] == ["Ballot box"]


def address(path, operation):
    """The path with something in every place."""
    for each in operation.get("parameters", []):
        if each.get("in") == "path":
            is_uuid = each["schema"].get("format") == "uuid"
            filler = str(uuid4()) if is_uuid else "org1.nothing"
            path = path.replace(f"{{{each['name']}}}", filler)
    return path


def media_of(operation):
    return next(iter(operation["requestBody"]["content"]))


def ask(service, path, method, operation, **sent):
    headers = sent.pop("headers", {})
    scopes = scopes_of(operation)
    if scopes and "Authorization" not in headers:
        headers = {**token_on_record(scopes), **headers}
    return service.http.open(
        address(path, operation), method=method, headers=headers, **sent
    )


def code(reply):
    return reply.status_code, reply.get_json()["code"]


@operations_where(with_login)
def test_request_without_a_token_is_unauthenticated(service, path, method, operation):
    reply = service.http.open(address(path, operation), method=method)

    assert code(reply) == (401, "unauthenticated")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@operations_where(with_login)
def test_expired_token_is_reported_as_expired(service, path, method, operation):
    old = token_on_record(scopes_of(operation))
    service.clock.advance(minutes=60)

    assert code(ask(service, path, method, operation, headers=old)) == (
        401,
        "token-expired",
    )


@operations_where(with_login)
def test_a_token_of_another_scope_opens_nothing(service, path, method, operation):
    other = token_on_record(set(Scope) - scopes_of(operation))

    assert code(ask(service, path, method, operation, headers=other)) == (
        403,
        "scope-missing",
    )


@operations_where(refuses_revoked_devices)
def test_a_device_that_was_revoked_is_closed_out_while_its_token_runs(
    service, path, method, operation
):
    revoked = token_on_record(scopes_of(operation), revoked=True)

    assert code(ask(service, path, method, operation, headers=revoked)) == (
        403,
        "device-revoked",
    )


@operations_where(with_login)
def test_caller_is_checked_before_the_request(service, path, method, operation):
    reply = service.http.open(address(path, operation), method=method, data=b"[")

    assert reply.status_code == 401


@operations_where(with_body)
def test_a_body_that_cannot_be_read_is_malformed(service, path, method, operation):
    media = media_of(operation)
    sent = {"data": UNREADABLE[media], "content_type": media}

    assert code(ask(service, path, method, operation, **sent)) == (400, "malformed")


@operations_where(with_body)
def test_field_that_breaks_a_rule_is_named(service, path, method, operation):
    media = media_of(operation)
    reply = ask(
        service, path, method, operation, data=INCOMPLETE[media], content_type=media
    )

    assert code(reply) == (422, "invalid")
    # Of a change nothing is missing, so there the unknown member comes first.
    expected = "unknown-field" if method.upper() == "PATCH" else "missing"
    assert reply.get_json()["errors"][0]["code"] == expected


@operations_where(with_query)
def test_a_query_that_breaks_a_rule_is_named(service, path, method, operation):
    names = [
        each["name"] for each in operation["parameters"] if each.get("in") == "query"
    ]
    query = dict.fromkeys(names, "x" * 5000)

    reply = ask(service, path, method, operation, query_string=query)

    assert code(reply) == (422, "invalid")


@operations_where(with_body)
def test_other_content_type_is_refused_and_the_accepted_ones_named(
    service, path, method, operation
):
    reply = ask(service, path, method, operation, data=b"x", content_type="text/x-odd")

    assert code(reply) == (415, "media-type-unsupported")
    assert reply.get_json()["accept"].split(", ") == list(
        operation["requestBody"]["content"]
    )


@operations_where(with_body)
def test_a_body_too_long_is_refused_by_its_announcement(
    service, path, method, operation
):
    reply = ask(
        service,
        path,
        method,
        operation,
        data=b"{}",
        content_type=media_of(operation),
        environ_overrides={"CONTENT_LENGTH": str(10**9)},
    )

    assert code(reply) == (413, "too-large")
    assert reply.get_json()["limits"]["bytes"] > 0


@operations_where(with_body)
def test_a_body_that_breaks_off_is_not_acted_on(service, path, method, operation):
    reply = ask(
        service,
        path,
        method,
        operation,
        data=b"{",
        content_type=media_of(operation),
        environ_overrides={"CONTENT_LENGTH": "100"},
    )

    assert code(reply) == (400, "bad-request")


@operations_where(is_ballot_box)
@pytest.mark.parametrize("name", ["Authorization", "Cookie"])
def test_ballot_box_refuses_credentials(service, path, method, operation, name):
    reply = ask(service, path, method, operation, headers={name: "somebody"})

    assert code(reply) == (400, "credentials-not-wanted")


def test_unknown_address_is_not_found(service):
    assert code(service.http.get("/v1/nothing")) == (404, "not-found")


def test_a_host_that_is_none_is_a_bad_request(service):
    reply = service.http.get("/v1/jwks", headers={"Host": "."})

    assert code(reply) == (400, "bad-request")


def test_wrong_method_gets_the_allowed_one(service):
    reply = service.http.get("/v1/submissions")

    assert code(reply) == (405, "method-not-allowed")
    assert "POST" in reply.headers["Allow"]


@pytest.fixture
def broken(tmp_path):
    """A service whose database is gone, or whose clock is."""

    def no_clock():
        raise RuntimeError("no clock")

    def client(**parts):
        app = create_app(Settings(SECRET, f"sqlite:///{tmp_path}/empty.db"), **parts)
        app.test_client_class = ContractClient
        return app.test_client(use_cookies=False)

    return {"database": client(), "clock": client(clock=no_clock)}


def test_database_that_fails_makes_the_service_not_ready(broken):
    reply = broken["database"].get(f"/v1/keys/org1.{'A' * 43}")

    assert code(reply) == (503, "not-ready")
    assert reply.get_json()["retry"] == "later"
    assert int(reply.headers["Retry-After"]) > 0


def test_internal_error_is_reported_without_detail(broken):
    reply = broken["clock"].get("/v1/sync", headers={"Authorization": "Bearer x"})

    assert code(reply) == (500, "internal")
    assert "no clock" not in reply.text
    assert reply.get_json()["request_id"] == reply.headers["X-Request-Id"]
