"""The README's Python is run as it stands, against a real server."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from demo import waves
from demo.installation import Installation
from demo.server import Server

PROJECT = Path(__file__).parents[2]
PEOPLE = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("installation"))
    with Server(installation, tick_seconds=0.2) as server:
        yield server


@pytest.fixture(scope="module")
def agency(server, tmp_path_factory):
    """An agency of one team, whose wave has opened."""
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
    rapport("organization", "create", "acme", "--name", "Acme County")
    rapport("roster", "put", "acme", str(roster))
    wave = waves.plan(
        server.installation,
        "acme",
        draw=timedelta(seconds=1),
        answer=timedelta(minutes=10),
        send=timedelta(minutes=10),
    )
    waves.wait_until(wave.opens_at)
    return rapport


@pytest.mark.parametrize("readme", ["README.md", "client-sdk/README.md"])
def test_a_caseworker_answers_and_an_integrator_reads(
    readme, server, agency, tmp_path, capsys
):
    (example,) = re.findall(
        r"```python\n(from rapport_client import Client, FieldDevice.*?)```",
        (PROJECT / readme).read_text(),
        re.DOTALL,
    )
    _, code = agency("codes", "mint", "acme", f"p{len(readme) % PEOPLE}").split("\t")
    client_id, secret = agency("client", "create", "acme", "--name", "x").split("\t")
    example = (
        example.replace("http://127.0.0.1:8000", server.url)
        .replace("acme-7QFM-29XK-T4WD", code)
        .replace("outbox.db", str(tmp_path / "outbox.db"))
    )

    exec(compile(example, readme, "exec"), {"client_id": client_id, "secret": secret})

    sent, score = capsys.readouterr().out.splitlines()
    assert sent == "accepted=1 waiting=0 dead=0"
    assert score.startswith("Team A Pending(")
