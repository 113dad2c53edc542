"""``rapport db check``, ``tick`` as a process, and lists at a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.command_runner import environment_for, run_main

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
def empty(tmp_path):
    """Settings of an installation without a schema."""
    return environment_for(f"sqlite:///{tmp_path}/empty.db")


@pytest.fixture
def installed(acme):
    """Settings of an installation with a schema and an agency called acme."""
    return acme.keywords["environ"]


def test_the_check_fails_until_the_schema_is_there(empty):
    before = run_main("db", "check", environ=empty)
    run_main("db", "upgrade", environ=empty)
    after = run_main("db", "check", environ=empty)

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert "rapport db upgrade" in before.stderr
    assert after.stdout == "database: ready\n"


def test_a_repeating_tick_ends_in_order_on_sigterm(installed):
    process = subprocess.Popen(
        [RAPPORT, "tick", "--every", "60"], env=installed, stderr=subprocess.PIPE
    )
    status = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 20
    while not catches(status, signal.SIGTERM) and time.monotonic() < deadline:
        time.sleep(0.05)

    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, b"")


def test_a_repeating_tick_ends_on_sigterm_inside_a_callback(installed):
    """sqlite3 swallows what is raised in a callback, whatever it is."""
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_INSIDE, "tick", "--every", "60"],
        env=installed,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_repeating_tick_outlives_a_database_that_does_not_answer(empty):
    """And it says so once, not at every turn."""
    once = run_main("tick", environ=empty)
    process = subprocess.Popen(
        [RAPPORT, "tick", "--every", "0.1"],
        env=empty,
        stderr=subprocess.PIPE,
        text=True,
    )

    first = json.loads(process.stderr.readline())
    time.sleep(1)  # for turns that fail the same way
    run_main("db", "upgrade", environ=empty)
    deadline = time.monotonic() + 20
    while not has_ticked(empty) and time.monotonic() < deadline:
        time.sleep(0.1)
    ticked = has_ticked(empty)
    process.terminate()
    _, others = process.communicate(timeout=20)

    assert once.exit_code != 0
    assert first["event"] == "tick failed"
    assert " does not exist. Run `rapport db upgrade`" in first["reason"]
    assert first["reason"] not in others
    assert ticked
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["wave", "pulse", "marker", "client"])
def test_a_list_names_its_columns_at_a_terminal_alone(acme, installed, command):
    ours, theirs = pty.openpty()
    subprocess.run(
        [RAPPORT, command, "list", "acme"], env=installed, stdout=theirs, check=True
    )
    os.close(theirs)

    output = os.read(ours, 1000).decode()
    os.close(ours)

    assert output.startswith("id  ")
    assert acme(command, "list", "acme").stdout == ""


def test_only_a_tick_loads_the_statistics():
    script = "import sys, rapport_service.cli; sys.exit('scipy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def has_ticked(environ):
    """Whether a tick has noted its time in the database."""
    engine = create_engine(environ["RAPPORT_DATABASE_URL"])
    with engine.connect() as connection:
        noted = connection.scalar(text("SELECT ticked_at FROM installation"))
    engine.dispose()
    return noted is not None


def catches(status, number):
    """Whether a process has a handler of its own for a signal."""
    line = next(
        line for line in status.read_text().splitlines() if line.startswith("SigCgt")
    )
    return bool(int(line.split()[1], 16) >> number - 1 & 1)
