"""I3, I8 and I9 against a real death: killed at its n-th write, for every n there is.

The service is gunicorn with one worker, on the engine that the tests run on. ``strace``
kills it from outside; where that may not attach, the test is skipped and says so.
"""

import http.client
import itertools
import json
import time

import pytest

from rapport_service.ballotbox.models import Submission
from tests.support.ballots import stored_hash
from tests.support.gunicorn import TIMEOUT_SECONDS, GunicornServer
from tests.support.http_phone import content, item
from tests.support.rows import rows_of
from tests.support.service import start_service
from tools.chaos.disk_faults import WriteKiller, can_inject

CALLS = ("pwrite64", "fdatasync", "sendto")
"""Writes to a file, its way to the disk, and what goes to a server or the client."""

MAX_DEATHS = 60
"""More ballots than a submission has writes, the reply among them."""

MIN_DEATHS = 5
"""Fewer would show nothing: SQLite writes, syncs and replies in five calls."""

pytestmark = pytest.mark.skipif(
    not can_inject(), reason="no strace here that may attach to a process"
)


SETTLED = 1.0
"""Seconds after a reply in which a worker that is to die of it has died."""


@pytest.fixture
def service(database_url, tmp_path, ballot_keys):
    """The service on a database that no other test has touched.

    Other tests read the shared SQLite file's bytes. Who closes a file gives up all that
    their process has locked in it (POSIX), and no other process may use it then.
    """
    of_its_own = f"sqlite:///{tmp_path}/rapport.db"
    url = of_its_own if database_url.startswith("sqlite") else database_url
    with start_service(url, ballot_keys) as service:
        yield service


@pytest.fixture
def served(service, tmp_path):
    url = service.app.config["SQLALCHEMY_DATABASE_URI"]
    server = GunicornServer(url, tmp_path / "log", "--workers=1", "--threads=1")
    yield server
    server.process.kill()
    server.process.wait()


def post(served, sent):
    """The status in the reply; None if the connection breaks off."""
    body = json.dumps({"protocol": 1, "batch": "b", "items": [sent]})
    headers = {"Content-Type": "application/json"}
    try:
        _, document = served.request(
            "POST", "/v1/submissions", body=body, headers=headers
        )
    except (http.client.HTTPException, OSError):
        return None
    (result,) = json.loads(document)["results"]
    return result["status"]


def hashes(agency):
    """The hashes of all stored ballots, each of which has one row."""
    stored = [row.ballot_hash for row in rows_of(Submission, agency)]
    assert len(stored) == len(set(stored))
    return set(stored)


def worker(served, dead):
    """The process id of the worker that serves now, which is not the dead one."""
    until = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < until:
        alive = [pid for pid in served.workers() if pid != dead]
        if alive and served.request("GET", "/healthz")[0].status == 200:
            return alive[0]
        time.sleep(0.05)
    raise AssertionError("no worker came back")


def has_struck(doomed):
    """Whether the killer struck; otherwise it lets the worker live."""
    until = time.monotonic() + SETTLED
    while time.monotonic() < until:
        if doomed.is_over():
            return True
        time.sleep(0.02)
    doomed.release()
    return False


def test_a_dying_worker_promises_nothing_that_is_not_stored_and_stores_nothing_twice(
    served, ballot_factory, agency, wave
):
    ballots = iter(ballot_factory.ballots(agency, wave, "a", MAX_DEATHS))
    deaths, dead = 0, None
    for call in CALLS:
        for n in itertools.count(1):
            ballot = next(ballots)
            sent = item(ballot, content())
            dead = worker(served, dead)
            doomed = WriteKiller(dead, n, call)

            status = post(served, sent)
            stored = stored_hash(ballot) in hashes(agency)
            if not has_struck(doomed):
                assert (status, stored) == ("accepted", True)
                dead = None
                break
            deaths += 1
            assert stored or status is None
            assert post(served, sent) == ("duplicate" if stored else "accepted")

    assert deaths >= MIN_DEATHS
    assert len(hashes(agency)) == deaths + len(CALLS)
