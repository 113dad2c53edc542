"""The README's session with curl is run as it stands, against a real server."""

import hashlib
import os
import re
import shlex
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import jwt
import pytest

from rapport_client import b64

PROJECT = Path(__file__).parents[2]


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
    """What the README says, for a person of this agency."""
    (script,) = re.findall(
        r"```sh\n(SERVER=.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL
    )
    _, code = agency("codes", "mint", "acme", "p3").split("\t")
    return script.replace("http://127.0.0.1:8000", server.url).replace(
        "acme-7QFM-29XK-T4WD", code
    )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_from_enrolment_to_an_accepted_answer(session, environment, server, tmp_path):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", session],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    ballot, kept, verdict = done.stdout.splitlines()
    assert 460 <= len(ballot) <= 540
    assert kept == "kept on this device, not sent yet"
    assert verdict == "accepted"
    assert stat.S_IMODE((tmp_path / "outbox.db").stat().st_mode) == 0o600
    assert standing(server, ballot) == "accepted"


def standing(server, ballot):
    """How the service holds the submission under a ballot."""
    claims = jwt.decode(ballot, options={"verify_signature": False})
    with closing(sqlite3.connect(server.installation.database)) as rows:
        ((standing,),) = rows.execute(
            "SELECT standing FROM submissions WHERE ballot_hash = ?",
            (hashlib.sha256(b64.decode(claims["jti"])).digest(),),
        )
    return standing
