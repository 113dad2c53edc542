import pytest
from sqlalchemy import text

from rapport_schemas.problems import Problem
from rapport_service.app import create_app
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from tests.api import problem_checks
from tests.api.routes import HEALTH, PROBLEM_PAGES, ROUTES, token_on_record
from tests.support.rows import capture_logs

SECRET = "acme-7QFM-29XK-T4WD"
ADDRESS = "203.0.113.77"


class PlantedError(Exception):
    """Raised by a view on purpose, with a message that quotes an answer."""


def broken():
    """A view as it might be written on a bad day."""
    try:
        return {}[SECRET]
    except KeyError as error:
        raise PlantedError(f"no code {SECRET} for {ADDRESS}") from error


@pytest.fixture
def planted():
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.add_url_rule("/v1/planted", view_func=broken)
    return app.test_client()


def test_internal_error_has_a_request_id_and_no_detail(planted):
    with capture_logs():
        reply = planted.get("/v1/planted")

    assert problem_checks.read_problem(reply) is Problem.INTERNAL
    assert reply.get_json().keys() == problem_checks.MEMBERS
    assert reply.get_json()["retry"] == "later"


def test_log_says_where_it_broke_and_quotes_no_message(planted):
    with capture_logs() as lines:
        reply = planted.get("/v1/planted")

    (failure,) = [line for line in lines if line["event"] == "failure"]
    assert failure["request_id"] == reply.get_json()["request_id"]
    assert failure["error"] == "PlantedError"
    assert "in broken" in failure["trace"][-1]
    assert __file__ in failure["trace"][-1]
    assert SECRET not in lines.text
    assert ADDRESS not in lines.text


NEEDS_NO_DATABASE = {
    "ballot_box.check_envelope",
    "ballot_box.get_instrument",
    "enrolment.get_jwks",
    "enrolment.get_well_known_jwks",
    "docs_page.get_openapi",
    "docs_page.get_docs",
    "docs_page.get_style",
    *PROBLEM_PAGES,
    *HEALTH,  # which say so in a way of their own
}


def test_the_next_request_is_another_one(planted):
    with capture_logs():
        ids = {planted.get("/v1/planted").get_json()["request_id"] for _ in range(5)}

    assert len(ids) == 5


@pytest.mark.parametrize(
    "route",
    [r for r in ROUTES if r.endpoint not in NEEDS_NO_DATABASE],
    ids=str,
)
def test_route_without_a_database_says_come_back_later(route):
    app = create_app(
        Settings(bytes(32), "postgresql+psycopg://nobody@/none?host=/nowhere")
    )
    body = route.body
    if route.endpoint == "enrolment.create_token":
        body = {
            "data": {
                "grant_type": "client_credentials",
                "client_id": f"acme.{'0' * 8}-0000-4000-8000-{'0' * 12}",
                "client_secret": "secret",
            }
        }
    headers = {"Authorization": "Bearer any.thing.else"} if route.scopes else {}

    with capture_logs() as lines:
        reply = app.test_client().open(
            route.path, method=route.method, headers=headers, **body
        )

    assert problem_checks.read_problem(reply) is Problem.NOT_READY
    assert reply.headers["Retry-After"] == "5"
    assert reply.get_json()["retry"] == "later"
    assert "nowhere" not in lines.text


def test_the_instrument_needs_no_database():
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    (route,) = (r for r in ROUTES if r.endpoint == "ballot_box.get_instrument")

    assert app.test_client().get(route.path).status_code == 200


def test_service_reconnects_to_a_restarted_database(service):
    header = token_on_record({"admin"}, service.agency({"a": 8}).id)
    assert service.http.get("/v1/teams", headers=header).status_code == 200
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                    " datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            held = db.engine.pool.checkedin()
        assert held == db.engine.pool.checkedin() - 1
    else:
        db.engine.dispose()

    assert service.http.get("/v1/teams", headers=header).status_code == 200


def test_pool_without_a_free_connection_says_come_back_later(service, monkeypatch):
    pool = db.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.01)
    header = token_on_record({"admin"}, service.agency({"a": 8}).id)
    taken = [pool.connect() for _ in range(pool.size() + pool._max_overflow)]

    with capture_logs() as lines:
        busy = service.http.get("/v1/teams", headers=header)
    for connection in taken:
        connection.close()

    assert problem_checks.read_problem(busy) is Problem.BUSY
    assert lines[0]["error"] == "TimeoutError"
    assert service.http.get("/v1/teams", headers=header).status_code == 200
