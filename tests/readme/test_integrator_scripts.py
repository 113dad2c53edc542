"""The scripts of two pages run unchanged against a real server."""

import csv
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from demo import agency, waves
from demo.installation import Installation
from demo.server import Server
from tests.readme.shell import bash

PROJECT = Path(__file__).parents[2]
SECOND = timedelta(seconds=1)
PAGE = PROJECT.joinpath("docs/integrators.md").read_text()
SCRIPTS = re.findall(r"```sh\n((?:SERVER|REFRESH)=.*?)```", PAGE, re.DOTALL)
"""Scripts of the page: a person reads, goes on with a refresh token; a program."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real server with a small agency; its wave is sealed without an answer."""
    installation = Installation.inside(tmp_path_factory.mktemp("installation"))
    with Server(installation, tick_seconds=0.2) as server:
        server.client = agency.create_agency(installation, "acme")
        wave = waves.plan_wave(
            installation, "acme", draw=SECOND, answer=SECOND, send=SECOND
        )
        waves.wait_until(wave.seals_at + 2 * SECOND)
        yield server


@pytest.fixture
def session(server):
    """The script of the page for a program of this agency."""
    return (
        SCRIPTS[-1]
        .replace("http://127.0.0.1:8000", server.url)
        .replace("acme.2f6c1a7b-5d10-4c5e-8f0e-0b6f7a1e9a51", server.client.client_id)
        .replace("what-rapport-client-create-printed", server.client.secret)
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_an_administrator_reads_with_a_code_and_goes_on_reading(server, tmp_path):
    code = server.installation.rapport("organization", "admin", "acme", "e-2002")
    script = "".join(SCRIPTS[:2]).replace("acme-7QFM-29XK-T4WD", code)
    script += "cat tokens.json"

    done = bash(script.replace("http://127.0.0.1:8000", server.url), tmp_path)

    assert done.returncode == 0, done.stderr
    decoder = json.JSONDecoder()
    teams, end = decoder.raw_decode(done.stdout)
    tokens, _ = decoder.raw_decode(done.stdout[end:].strip())
    assert "Acme Family Services" in {team["name"] for team in teams["teams"]}
    assert tokens["scope"] == "admin"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        (SCRIPTS[0], "We do not know this enrolment code. Check it and try again."),
        (SCRIPTS[-1], "The client ID or the client secret is wrong. Check both."),
    ],
)
def test_a_wrong_code_or_secret_ends_a_script_with_the_reason(
    server, tmp_path, script, why
):
    done = bash(script.replace("http://127.0.0.1:8000", server.url), tmp_path)

    assert done.returncode == 1
    assert done.stderr == f"{why}\n"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_program_fetches_reports_and_is_not_sent_what_it_has(session, tmp_path):
    done = bash(session, tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("}304\n")
    trend = json.loads(done.stdout.removesuffix("304\n"))
    assert [point["status"] for point in trend["waves"]] == ["withheld"]
    score = json.loads((tmp_path / "score.json").read_text())
    assert score["status"] == "withheld"
    with (tmp_path / "heatmap.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert rows[0]["team_name"] == score["team"]["name"]


def test_a_supervisors_program_shows_a_trend_and_a_heat_map(server, capsys):
    page = PROJECT.joinpath("client-sdk/README.md").read_text()
    (example,) = re.findall(
        r"```python\n(from rapport_client import Client, Pending.*?)```",
        page,
        re.DOTALL,
    )
    example = example.replace("http://127.0.0.1:8000", server.url)
    names = {
        "client_id": server.client.client_id,
        "secret": server.client.secret,
    }

    exec(compile(example, "README.md", "exec"), names)

    point, *rows = capsys.readouterr().out.splitlines()
    assert point.endswith(": withheld")
    assert rows == [
        "Acme Family Services withheld None",
        "North withheld None",
        "South withheld None",
    ]
