"""A dependency that hangs makes 503 with ``Retry-After``, and no hung worker.

``test_internal_errors`` has the other failures inside the service.
"""

import socket
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from rapport_service import app as app_module
from rapport_service.core import db as database
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.settings import Settings
from tests.api import problem_checks
from tests.api.problem_checks import Problem
from tests.support.ballots import kid_of
from tests.support.concurrency import foreign_write_lock
from tests.support.http_phone import content, item, post_items, submit


def is_retry_later(reply, why=Problem.BUSY):
    """Whether a reply says so, with a time."""
    assert reply.headers["Retry-After"] == "5"
    assert reply.get_json()["retry"] == "later"
    return problem_checks.read_problem(reply) is why


@pytest.fixture
def sent(service, ballot_factory):
    agency = service.agency({"a": 8})
    return item(
        ballot_factory.ballot(kid_of(agency, agency.announce(), "a")), content()
    )


@pytest.mark.sqlite  # PostgreSQL has no single writer
def test_a_writer_that_never_ends_makes_others_come_back(service, sent, monkeypatch):
    monkeypatch.setattr(database, "WRITE_LOCK_TIMEOUT_SECONDS", 0.1)

    with foreign_write_lock(Path(db.engine.url.database)):
        replies = [post_items(service.http, sent) for _ in range(3)]
        waiting = threading.active_count()

    assert [is_retry_later(reply) for reply in replies] == [True] * 3
    assert waiting <= 2  # however many gave up, one thread stands in the line
    monkeypatch.undo()
    assert submit(service.http, sent)[0]["status"] == "accepted"


@pytest.mark.postgresql  # SQLite has no locks of single rows
def test_lock_that_is_never_released_makes_others_come_back(service, sent, monkeypatch):
    """dimagi/commcare-android#2124, medic/cht-core#10326: retries multiply the load."""
    monkeypatch.setattr(database, "LOCK_TIMEOUT_SECONDS", 0.1)
    with Session(db.engine) as other:
        other.execute(text("LOCK TABLE submissions IN EXCLUSIVE MODE"))

        reply = post_items(service.http, sent)

    assert is_retry_later(reply)
    assert submit(service.http, sent)[0]["status"] == "accepted"


@pytest.mark.postgresql  # SQLite computes inside the worker
def test_a_statement_that_takes_for_ever_is_ended(service, monkeypatch):
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_SECONDS", 0.1)

    with (
        service.app.test_request_context(),
        pytest.raises(Exception, match="statement timeout"),
        transaction(Door.BALLOT_BOX) as session,
    ):
        session.execute(select(text("pg_sleep(60)")))


@pytest.mark.postgresql  # these are PostgreSQL's
@pytest.mark.parametrize("door", Door)
def test_no_transaction_of_a_door_may_wait_or_idle_for_ever(service, door):
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with service.app.app_context(), transaction(door) as session:
        inside = [session.scalar(text(f"SHOW {name}")) for name in names]
    with db.engine.connect() as connection:
        outside = {connection.scalar(text(f"SHOW {name}")) for name in names}

    assert inside == ["5s", "30s", "0" if door is Door.SEAL else "30s"]
    assert outside == {"0"}


def test_a_server_that_swallows_packets_is_given_up(monkeypatch):
    monkeypatch.setattr(
        app_module, "CONNECT_TIMEOUT_SECONDS", 2
    )  # less is rounded up to this
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app = app_module.create_app(
            Settings(bytes(32), f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
        )

        reply = app.test_client().get("/v1/keys/acme." + "A" * 43)

    assert is_retry_later(reply, Problem.NOT_READY)
