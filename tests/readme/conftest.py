"""A real server and an agency on it, for the commands of the READMEs."""

import json
from datetime import timedelta

import pytest

from demo import waves
from demo.installation import Installation
from demo.server import Server

PEOPLE = 8


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    installation = Installation.inside(tmp_path_factory.mktemp("installation"))
    with Server(installation, tick_seconds=0.2) as server:
        yield server


@pytest.fixture(scope="session")
def agency(server, tmp_path_factory):
    """The ``rapport`` command, with an agency of one team whose wave has opened."""
    roster = tmp_path_factory.mktemp("roster") / "roster.json"
    roster.write_text(
        json.dumps(
            {
                "teams": [{"external_id": "a", "name": "Team A", "parent": None}],
                "people": [
                    {"external_id": f"p{n}", "team": "a"} for n in range(PEOPLE)
                ],
            }
        )
    )
    rapport = server.installation.rapport
    rapport(
        "organization", "create", "acme", "--name", "Acme County", "--time-zone", "UTC"
    )
    rapport("roster", "put", "acme", str(roster))
    wave = waves.plan_wave(
        server.installation,
        "acme",
        draw=timedelta(seconds=1),
        answer=timedelta(minutes=10),
        send=timedelta(minutes=10),
    )
    waves.wait_until(wave.opens_at)
    return rapport
