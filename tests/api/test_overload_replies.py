"""A dependency that hangs makes 503 with ``Retry-After``, and no hung worker.

``test_internal_errors`` has the other failures inside the service.
"""

import socket
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from rapport_service import app as app_module
from rapport_service.core import db as database
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.settings import Settings
from rapport_service.core.write_lock import WriteLockTimeoutError, write_lock
from tests.api import problem
from tests.api.problem import Problem
from tests.support.ballots import kid_of
from tests.support.concurrency import TIMEOUT_SECONDS, run_concurrently
from tests.support.http_phone import content, item, post_items, submit

HOLDS = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
"""Program of another writer, which holds the lock until its input ends."""


@pytest.fixture
def held(tmp_path):
    """A lock file that another process holds; call it to make that let go."""
    path = tmp_path / "rapport.db.lock"
    yield path, (release := partial(_release, process := _hold(path)))
    release()
    process.wait()


def _hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def _release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def is_retry_later(reply):
    """Whether a reply says so, with a time."""
    assert reply.headers["Retry-After"] == "5"
    assert reply.get_json()["retry"] == "later"
    return problem.read_problem(reply) is Problem.BUSY


@pytest.fixture
def sent(service, ballot_factory):
    agency = service.agency({"a": 8})
    return item(
        ballot_factory.ballot(kid_of(agency, agency.announce(), "a")), content()
    )


@pytest.mark.sqlite  # PostgreSQL has no single writer
def test_a_writer_that_never_ends_makes_others_come_back(service, sent, monkeypatch):
    monkeypatch.setattr(database, "WRITE_LOCK_TIMEOUT_SECONDS", 0.1)
    process = _hold(Path(f"{db.engine.url.database}.lock"))

    replies = [post_items(service.http, sent) for _ in range(3)]
    waiting = threading.active_count()
    _release(process)

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

    assert is_retry_later(reply)


def test_writer_that_waits_gets_the_lock_when_it_is_free(held):
    path, release = held
    threading.Timer(0.1, release).start()

    with write_lock(path, TIMEOUT_SECONDS):
        assert not is_unlocked(path)

    assert is_unlocked(path)


def test_writer_that_gave_up_leaves_no_lock(held):
    path, release = held
    with pytest.raises(WriteLockTimeoutError), write_lock(path, 0.05):
        pass
    with pytest.raises(WriteLockTimeoutError), write_lock(path, 0.05):
        pass  # the first one's thread still stands in the line

    release()

    with write_lock(path, TIMEOUT_SECONDS):
        pass
    assert is_unlocked(path)


def test_lock_file_that_cannot_be_made_blocks_no_writer(tmp_path):
    path = tmp_path / "nowhere/rapport.db.lock"
    for _ in range(2):
        with pytest.raises(FileNotFoundError), write_lock(path, 0.05):
            pass


def test_writers_of_one_process_exclude_each_other(service, tmp_path):
    path, inside, seen = tmp_path / "lock", [], []

    def write():
        for _ in range(50):
            with write_lock(path, TIMEOUT_SECONDS):
                inside.append(True)
                seen.append(len(inside))
                inside.pop()

    run_concurrently(service, *[write] * 4)

    assert seen == [1] * 200


def is_unlocked(path):
    """Whether no process holds the lock."""
    try:
        with write_lock(path, 0):
            return True
    except WriteLockTimeoutError:
        return False
