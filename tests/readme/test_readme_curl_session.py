"""The README's session with curl runs unchanged against a real server."""

import hashlib
import json
import os
import re
import shlex
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import jwt
import pytest

from rapport_client._protocol import base64url
from tests.readme.shell import bash

PAGE = Path(__file__).parents[2].joinpath("README.md").read_text()


@pytest.fixture
def environment(tmp_path):
    """An environment in which ``rapport-field`` is the one of this project."""
    programs = tmp_path / "programs"
    programs.mkdir()
    command = programs / "rapport-field"
    python = shlex.quote(sys.executable)
    command.write_text(f'#!/bin/sh\nexec {python} -m rapport_client "$@"\n')
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}


@pytest.fixture
def session(server, agency):
    """The session of the README for a person of this agency."""
    _, code = agency("codes", "mint", "acme", "p3").split("\t")
    return script(server, code)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_session_leads_from_enrolment_to_an_accepted_answer(
    session, environment, server, tmp_path
):
    done = bash(session, tmp_path, environment)

    assert done.returncode == 0, done.stderr
    ballot, kept, _, verdict = done.stdout.splitlines()
    assert 460 <= len(ballot) <= 540
    assert kept.startswith("kept on this device, not sent yet.")
    assert verdict == "accepted"
    assert stat.S_IMODE((tmp_path / "outbox.db").stat().st_mode) == 0o600
    assert stored_status(server, ballot) == "accepted"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_code_that_was_used_stops_the_session_with_the_reason(
    session, environment, tmp_path
):
    enrolment, _, _ = session.partition("curl -sS $SERVER/v1/sync")
    bash(enrolment, tmp_path, environment)

    done = bash(session, tmp_path, environment)

    assert done.returncode != 0
    assert done.stderr == (
        "This enrolment code has been used. Ask your administrator for a new one.\n"
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_person_without_an_open_wave_reads_the_reason(
    agency, server, environment, tmp_path
):
    roster = tmp_path / "roster.json"
    roster.write_text(
        json.dumps(
            {
                "teams": [{"external_id": "b", "name": "Team B", "parent": None}],
                "people": [{"external_id": "q", "team": "b", "supervises": []}],
            }
        )
    )
    agency("organization", "create", "quiet", "--name", "Quiet", "--time-zone", "UTC")
    agency("roster", "put", "quiet", str(roster))
    _, code = agency("codes", "mint", "quiet", "q").split("\t")

    done = bash(script(server, code), tmp_path, environment)

    assert done.returncode != 0
    assert done.stderr == "No wave is open for this person now.\n"


def test_a_trial_wave_is_planned_as_the_page_says(server, environment, tmp_path):
    (trial,) = re.findall(r"```sh\n(at\(\).*?)```", PAGE, re.DOTALL)
    server.installation.rapport(
        "organization", "create", "trial", "--name", "Trial", "--time-zone", "UTC"
    )
    rapport = Path(sys.executable).parent
    settings = server.installation.environment

    done = bash(
        trial.replace("acme", "trial"),
        tmp_path,
        settings | {"PATH": f"{rapport}:{environment['PATH']}"},
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in server.installation.rapport("wave", "list", "trial")


def script(server, code):
    """The page's session with a code of this server."""
    (typed,) = re.findall(r"```sh\n(SERVER=.*?)```", PAGE, re.DOTALL)
    return typed.replace("http://127.0.0.1:8000", server.url).replace(
        "acme-7QFM-29XK-T4WD", code
    )


def stored_status(server, ballot):
    """The status of a ballot's submission in the database."""
    claims = jwt.decode(ballot, options={"verify_signature": False})
    with closing(sqlite3.connect(server.installation.database)) as rows:
        ((status,),) = rows.execute(
            "SELECT status FROM submissions WHERE ballot_hash = ?",
            (hashlib.sha256(base64url.decode(claims["jti"])).digest(),),
        )
    return status
