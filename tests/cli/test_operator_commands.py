import base64
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

INTERRUPTED_INSIDE = """
import os, signal
from rapport_service.core import db
from rapport_service.cli import main

def interrupted(door, *, writes, honest=db.make_authorizer):
    def authorize(*arguments):
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            os.kill(os.getpid(), signal.SIGTERM)
        return honest(door, writes=writes)(*arguments)
    return authorize

db.make_authorizer = interrupted
main()
"""
"""The command, with SIGTERM in the middle of a callback of SQLite."""

RAPPORT = Path(sys.executable).with_name("rapport")


@pytest.fixture
def environment(tmp_path):
    """Settings of an installation for this test, without a schema yet."""
    return {
        "PATH": os.environ["PATH"],
        "RAPPORT_SECRET": base64.b64encode(bytes(32)).decode(),
        "RAPPORT_DATABASE_URL": f"sqlite:///{tmp_path}/rapport.db",
    }


def rapport(environment, *arguments):
    return subprocess.run(
        [RAPPORT, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_check_fails_until_the_schema_is_there(environment):
    before = rapport(environment, "db", "check")
    rapport(environment, "db", "upgrade")
    after = rapport(environment, "db", "check")

    assert (before.returncode, after.returncode) == (1, 0)
    assert "schema" in before.stderr
    assert after.stdout == "database: ready\n"


def test_a_repeating_tick_ends_in_order_on_sigterm(environment):
    rapport(environment, "db", "upgrade")
    process = subprocess.Popen(
        [RAPPORT, "tick", "--every", "60"], env=environment, stderr=subprocess.PIPE
    )
    status = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 20
    while not catches(status, signal.SIGTERM) and time.monotonic() < deadline:
        time.sleep(0.05)

    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, b"")


def test_a_repeating_tick_ends_on_sigterm_inside_a_callback(environment):
    """sqlite3 swallows what is raised in a callback, whatever it is."""
    rapport(environment, "db", "upgrade")

    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_INSIDE, "tick", "--every", "60"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_repeating_tick_outlives_a_database_that_does_not_answer(
    environment,
):
    once = rapport(environment, "tick")
    process = subprocess.Popen(
        [RAPPORT, "tick", "--every", "0.1"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )

    events = [json.loads(process.stderr.readline())["event"] for _ in range(2)]
    rapport(environment, "db", "upgrade")
    running = process.poll() is None
    process.terminate()
    process.communicate(timeout=20)

    assert once.returncode != 0
    assert events == ["tick failed", "tick failed"]
    assert running
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["wave", "pulse", "marker", "client"])
def test_a_list_names_its_columns_at_a_terminal_alone(environment, command):
    rapport(environment, "db", "upgrade")
    rapport(environment, "organization", "create", "acme", "--name", "Acme")
    ours, theirs = pty.openpty()
    subprocess.run(
        [RAPPORT, command, "list", "acme"], env=environment, stdout=theirs, check=True
    )
    os.close(theirs)

    shown = os.read(ours, 1000).decode()
    os.close(ours)

    assert shown.startswith("id\t")
    assert rapport(environment, command, "list", "acme").stdout == ""


def catches(status, number):
    """Whether a process has a handler of its own for a signal."""
    line = next(
        line for line in status.read_text().splitlines() if line.startswith("SigCgt")
    )
    return bool(int(line.split()[1], 16) >> number - 1 & 1)
