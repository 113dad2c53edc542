"""Lines that `rapport tick` logs: one for each step of a wave, a warning once."""

import json
import sqlite3
import time

import pytest

from demo import waves
from demo.agency import roster
from demo.installation import Installation
from demo.server import Server

SECOND = waves.timedelta(seconds=1)
STEPS = ["wave announced", "wave opened", "wave closed", "wave sealed and released"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real server whose tick turns five times a second."""
    installation = Installation.inside(tmp_path_factory.mktemp("installation"))
    with Server(installation, tick_seconds=0.2) as server:
        create = ("organization", "create", "acme", "--name", "Acme")
        installation.rapport(*create, "--time-zone", "America/New_York")
        listing = installation.folder / "roster.json"
        listing.write_text(json.dumps(roster()))
        installation.rapport("roster", "put", "acme", str(listing))
        yield server


def read_log(server):
    """The lines of the service's log that are JSON."""
    lines = server.installation.log.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def await_event(server, event, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(line["event"] == event for line in read_log(server)):
            return
        time.sleep(0.2)
    pytest.fail(f"{event} was not logged")


def test_each_step_of_a_wave_is_one_line_in_order(server):
    wave = waves.plan_wave(
        server.installation, "acme", draw=SECOND, answer=SECOND, send=SECOND
    )
    await_event(server, STEPS[-1])

    steps = [line for line in read_log(server) if line["event"] in STEPS]

    assert [line["event"] for line in steps] == STEPS
    assert {line["wave_id"] for line in steps} == {wave.id}
    assert all(line["level"] == "info" for line in steps)
    assert steps[0]["opens_at"].endswith("Z")


def test_failure_that_stays_is_one_line_with_its_remedy(server):
    database = server.installation.database
    with sqlite3.connect(database, timeout=10) as connection:
        connection.execute("UPDATE organizations SET time_zone = 'US/Pacific-New'")
    await_event(server, "tick failed")
    time.sleep(3)  # some fifteen turns

    (line,) = [line for line in read_log(server) if line["event"] == "tick failed"]

    assert line["organization"] == "acme"
    assert "rapport organization set acme --time-zone ZONE" in line["reason"]
