"""``rapport-field``: withdrawals, dead items, several people, Retry-After."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from fake_service.faults import no_fault, on_path, reply_with
from fake_service.service import problem
from fake_service.terminal import build_answers

from rapport_client._protocol import base64url


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves))


def test_an_answer_is_withdrawn(enrolled_terminal, open_service, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    enrolled_terminal.online("sync")

    kept = enrolled_terminal("withdraw", wave, "--json")
    sent = enrolled_terminal.online("sync")

    assert (kept.exit, kept.document) == (0, {"wave_id": wave, "state": "queued"})
    assert "withdrawn: 1" in sent.out
    assert "Your answer was withdrawn: it is counted nowhere" in sent.out
    assert open_service.contents == []
    output = enrolled_terminal("status").out
    assert "    Your answer was withdrawn: it is counted nowhere\n" in output
    assert "received" not in output


def test_withdrawal_of_an_unanswered_pulse_is_refused(enrolled_terminal):
    result = enrolled_terminal("withdraw", "acme.no-such-wave")

    assert result.exit == 1
    assert "this pulse was not answered on this device" in result.err


def test_people_who_share_a_terminal_are_kept_apart(
    enrolled_terminal, open_service, wave
):
    open_service.codes["acme-0000-0000-0000"] = None
    next(iter(open_service.waves.values())).signed.clear()
    ben = ("--person", "ben")
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )

    assert enrolled_terminal("status", *ben).exit == 1
    assert enrolled_terminal.online("enrol", "acme-0000-0000-0000", *ben).exit == 0
    assert "new pulses on this device: 1" in enrolled_terminal.online("sync", *ben).out
    assert enrolled_terminal("status", *ben).out.startswith("nothing was answered")
    assert "Your answer waits to be sent" in enrolled_terminal("status").out
    assert wave in enrolled_terminal("pulses", *ben).out


def test_the_key_file_may_be_named(enrolled_terminal, tmp_path):
    moved = tmp_path / "elsewhere"
    (tmp_path / "outbox.db.key").rename(moved)

    locked = enrolled_terminal("status")
    assert locked.exit == 4
    assert f"the key of this outbox, {tmp_path}/outbox.db.key, is missing" in locked.err
    assert enrolled_terminal("status", "--key-file", moved).exit == 0


def test_dead_item_can_be_exported(enrolled_terminal, open_service, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    assert enrolled_terminal("export-dead", "--json").document == {"dead": []}
    open_service.intercept = on_path(
        "/v1/submissions", reply_with(problem(400, "malformed"))
    )
    assert enrolled_terminal.online("sync").exit == 1

    result = enrolled_terminal("export-dead")

    (dead,) = result.document["dead"]
    assert result.exit == 0
    assert (dead["wave_id"], dead["op"], dead["reason"]) == (
        wave,
        "submit",
        "malformed",
    )
    assert len(base64url.decode(dead["envelope"])) == 337
    assert dead["ballot"].count(".") == 2


def test_retry_after_is_reported_and_kept(enrolled_terminal, open_service, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    busy = problem(503, "busy", retry="later")
    busy.headers["retry-after"] = "300"
    open_service.intercept = on_path("/v1/submissions", reply_with(busy))
    enrolled_terminal.online("sync")
    open_service.intercept = no_fault
    open_service.log.clear()

    result = enrolled_terminal.online("sync", "--json")

    assert result.exit == 1
    assert 290 <= result.document["retry_after"] <= 300
    assert "/v1/submissions" not in open_service.paths()


def test_sync_keeps_going_until_it_is_stopped(enrolled_terminal, open_service, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    with (
        closing(sqlite3.connect(enrolled_terminal.outbox)) as rows,
        rows,
    ):  # as minutes later
        rows.execute("DELETE FROM records WHERE kind = 'asked'")
    going = subprocess.Popen(
        [
            *(sys.executable, "-m", "rapport_client", "sync", "--keep-going", "--json"),
            *(
                "--server",
                enrolled_terminal.origin,
                "--outbox",
                enrolled_terminal.outbox,
            ),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with going:
        first = going.stderr.readline()
        going.send_signal(signal.SIGUSR1)
        going.send_signal(signal.SIGTERM)
        out, _ = going.communicate(timeout=10)

    assert re.fullmatch(r"\d\d:\d\d received by the service: 1\n", first)
    assert going.returncode == 0
    assert json.loads(out)["waiting"] == 0
    assert len(open_service.contents) == 1
