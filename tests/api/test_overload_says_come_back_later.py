"""Whatever hangs behind the service becomes 503 with ``Retry-After``, no hung worker.

What is refused and what is taken away are in ``test_what_breaks_inside_stays_inside``.
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

from rapport_service import app as wiring
from rapport_service import db as database
from rapport_service.db import Door, db, transaction
from rapport_service.settings import Settings
from rapport_service.writers import WriterBusyError, in_turn
from tests.api import problem
from tests.api.problem import Problem
from tests.at_once import PATIENCE, at_once
from tests.ballots import kid_of
from tests.phone import content, item, post_items, submit

HOLDS = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
"""Another process that writes, and does not end until it is told to."""


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


def come_back(reply):
    """Whether a reply says so, with a time."""
    assert reply.headers["Retry-After"] == "5"
    assert reply.get_json()["retry"] == "later"
    return problem.of(reply) is Problem.BUSY


@pytest.fixture
def sent(house, press):
    agency = house.agency({"a": 8})
    return item(press.ballot(kid_of(agency, agency.announce(), "a")), content())


def test_a_writer_that_never_ends_makes_others_come_back(house, sent, monkeypatch):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no single writer")
    monkeypatch.setattr(database, "WRITER_SECONDS", 0.1)
    process = _hold(Path(f"{db.engine.url.database}.lock"))

    replies = [post_items(house.http, sent) for _ in range(3)]
    waiting = threading.active_count()
    _release(process)

    assert [come_back(reply) for reply in replies] == [True] * 3
    assert waiting <= 2  # however many gave up, one thread stands in the line
    monkeypatch.undo()
    assert submit(house.http, sent)[0]["status"] == "accepted"


def test_a_lock_that_nobody_gives_back_makes_others_come_back(house, sent, monkeypatch):
    """dimagi/commcare-android#2124, medic/cht-core#10326: retries multiply the load."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no locks of single rows")
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    with Session(db.engine) as other:
        other.execute(text("LOCK TABLE submissions IN EXCLUSIVE MODE"))

        reply = post_items(house.http, sent)

    assert come_back(reply)
    assert submit(house.http, sent)[0]["status"] == "accepted"


def test_a_statement_that_takes_for_ever_is_ended(house, monkeypatch):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite computes inside the worker")
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 0.1)

    with (
        house.app.test_request_context(),
        pytest.raises(Exception, match="statement timeout"),
        transaction(Door.BALLOT_BOX) as session,
    ):
        session.execute(select(text("pg_sleep(60)")))


@pytest.mark.parametrize("door", Door)
def test_no_transaction_of_a_door_may_wait_or_idle_for_ever(house, door):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("these are PostgreSQL's")
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with house.app.app_context(), transaction(door) as session:
        inside = [session.scalar(text(f"SHOW {name}")) for name in names]
    with db.engine.connect() as connection:
        outside = {connection.scalar(text(f"SHOW {name}")) for name in names}

    assert inside == ["5s", "30s", "0" if door is Door.SEAL else "30s"]
    assert outside == {"0"}


def test_a_server_that_swallows_packets_is_given_up(monkeypatch):
    monkeypatch.setattr(wiring, "CONNECT_SECONDS", 2)  # less is rounded up to this
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        app = wiring.create_app(
            Settings(bytes(32), f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
        )

        reply = app.test_client().get("/v1/keys/acme." + "A" * 43)

    assert come_back(reply)


def test_who_waits_for_the_writers_lock_gets_it_when_it_is_free(held):
    path, release = held
    threading.Timer(0.1, release).start()

    with in_turn(path, PATIENCE):
        assert not free(path)

    assert free(path)


def test_who_gave_up_leaves_nothing_locked(held):
    path, release = held
    with pytest.raises(WriterBusyError), in_turn(path, 0.05):
        pass
    with pytest.raises(WriterBusyError), in_turn(path, 0.05):
        pass  # the first one's thread still stands in the line

    release()

    with in_turn(path, PATIENCE):
        pass
    assert free(path)


def test_a_lock_file_that_cannot_be_made_blocks_nobody(tmp_path):
    path = tmp_path / "nowhere/rapport.db.lock"
    for _ in range(2):
        with pytest.raises(FileNotFoundError), in_turn(path, 0.05):
            pass


def test_writers_of_one_process_exclude_each_other(house, tmp_path):
    path, inside, seen = tmp_path / "lock", [], []

    def write():
        for _ in range(50):
            with in_turn(path, PATIENCE):
                inside.append(True)
                seen.append(len(inside))
                inside.pop()

    at_once(house, *[write] * 4)

    assert seen == [1] * 200


def free(path):
    """Whether nobody holds the lock."""
    try:
        with in_turn(path, 0):
            return True
    except WriterBusyError:
        return False
