import logging
from contextlib import contextmanager

import pytest

from rapport_service.app import create_app
from rapport_service.core.db import create_database_file, db
from rapport_service.core.settings import Settings
from rapport_service.migrate import downgrade, upgrade
from tests.support.keys import store_keys

SECRET = bytes(range(32))
CLOSED_PORT = "postgresql+psycopg://rapport@127.0.0.1:9/rapport"


@contextmanager
def make_test_client(database_url):
    """A client of the service on another database than most tests use."""
    app = create_app(Settings(SECRET, database_url))
    with app.app_context():
        yield app.test_client()
        db.engine.dispose()


@pytest.fixture
def empty(tmp_path):
    """The service on a database without a schema."""
    with make_test_client(f"sqlite:///{tmp_path}/empty.db") as client:
        yield client


def unready_detail(reply):
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert (reply.json["code"], reply.json["retry"]) == ("not-ready", "later")
    assert int(reply.headers["Retry-After"]) > 0
    return reply.json["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_service_that_can_work_says_so_without_login(service, path):
    reply = service.http.get(path)

    assert (reply.status_code, reply.json) == (200, {"status": "ok"})
    assert "no-cache" in reply.headers["Cache-Control"]


def test_service_without_its_schema_is_alive_but_not_ready(empty):
    assert empty.get("/healthz").status_code == 200
    assert "does not exist" in unready_detail(empty.get("/readyz"))

    create_database_file(db.engine)
    assert "schema" in unready_detail(empty.get("/readyz"))


def test_service_is_ready_with_its_schema_and_not_without(empty):
    upgrade(db.engine)
    assert "rapport db upgrade" in unready_detail(empty.get("/readyz"))
    store_keys()
    assert empty.get("/readyz").status_code == 200

    downgrade(db.engine, "base")
    unready_detail(empty.get("/readyz"))


def test_service_with_the_schema_of_another_version_is_not_ready(empty):
    upgrade(db.engine)
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")

    assert "Run that version" in unready_detail(empty.get("/readyz"))


def test_service_without_its_database_is_alive_but_not_ready():
    with make_test_client(CLOSED_PORT) as client:
        assert client.get("/healthz").status_code == 200
        assert "No PostgreSQL server listens" in unready_detail(client.get("/readyz"))


def test_a_door_whose_role_the_login_may_not_take_makes_it_not_ready(postgresql):
    owner = postgresql.create_database("ready")
    with make_test_client(owner):
        upgrade(db.engine)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE ROLE outsider LOGIN")
            connection.exec_driver_sql("GRANT SELECT ON alembic_version TO outsider")

    with make_test_client(owner.replace("postgres@", "outsider@")) as outsider:
        assert "lacks a right" in unready_detail(outsider.get("/readyz"))


def test_health_checks_leave_no_log_line_and_other_requests_do(service, empty):
    lines = []
    listener = logging.Handler()
    listener.emit = lines.append
    logger = logging.getLogger("rapport_service")
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    try:
        for path in ("/healthz", "/readyz"):
            service.http.get(path)
            empty.get(path)
        assert lines == []

        service.http.get("/v1/teams")
        assert len(lines) == 1
    finally:
        logger.removeHandler(listener)
