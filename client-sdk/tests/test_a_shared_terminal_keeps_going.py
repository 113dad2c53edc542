"""``rapport-field``: withdraw, export-dead, several people, patience, --keep-going."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from peer.faults import at, clear, instead
from peer.service import problem
from peer.terminal import good_answers


@pytest.fixture
def wave(open_now):
    return next(iter(open_now.waves))


def test_an_answer_is_withdrawn(ready, open_now, wave):
    ready("answer", wave, "--answers", "-", typed=good_answers(ready))
    ready.online("sync")

    kept = ready("withdraw", wave, "--json")
    sent = ready.online("sync")

    assert (kept.exit, kept.document) == (0, {"wave": wave, "state": "queued"})
    assert "withdrawn=1" in sent.out
    assert "Your answer was withdrawn: it is counted nowhere" in sent.out
    assert open_now.contents == []
    told = ready("status").out
    assert "    Your answer was withdrawn: it is counted nowhere\n" in told
    assert "with the service" not in told


def test_there_is_nothing_to_withdraw_without_a_ballot(ready):
    said = ready("withdraw", "acme.no-such-wave")

    assert said.exit == 1
    assert "this pulse was not answered on this device" in said.err


def test_people_who_share_a_terminal_are_told_apart(ready, open_now, wave):
    open_now.codes["acme-0000-0000-0000"] = None
    next(iter(open_now.waves.values())).signed.clear()
    ben = ("--person", "ben")
    ready("answer", wave, "--answers", "-", typed=good_answers(ready))

    assert ready("status", *ben).exit == 1
    assert ready.online("enrol", "acme-0000-0000-0000", *ben).exit == 0
    assert "drawn=1" in ready.online("sync", *ben).out
    assert ready("status", *ben).out.startswith("nothing was answered")
    assert "Your answer waits to be sent" in ready("status").out
    assert wave in ready("pulses", *ben).out


def test_the_key_file_may_be_named(ready, tmp_path):
    moved = tmp_path / "elsewhere"
    (tmp_path / "outbox.db.key").rename(moved)

    locked = ready("status")
    assert locked.exit == 4
    assert f"the key of this outbox, {tmp_path}/outbox.db.key, is missing" in locked.err
    assert ready("status", "--key-file", moved).exit == 0


def test_what_is_dead_can_be_exported(ready, open_now, wave):
    ready("answer", wave, "--answers", "-", typed=good_answers(ready))
    assert ready("export-dead", "--json").document == {"dead": []}
    open_now.interfere = at("/v1/submissions", instead(problem(400, "malformed")))
    assert ready.online("sync").exit == 1

    said = ready("export-dead")

    (dead,) = said.document["dead"]
    assert said.exit == 0
    assert (dead["wave"], dead["op"], dead["reason"]) == (wave, "submit", "malformed")
    assert json.loads(dead["content"])["context"] == "normal"
    assert dead["ballot"].count(".") == 2


def test_a_wish_for_patience_is_told_and_kept(ready, open_now, wave):
    ready("answer", wave, "--answers", "-", typed=good_answers(ready))
    busy = problem(503, "busy", retry="later")
    busy.headers["retry-after"] = "300"
    open_now.interfere = at("/v1/submissions", instead(busy))
    ready.online("sync")
    open_now.interfere = clear
    open_now.log.clear()

    said = ready.online("sync", "--json")

    assert said.exit == 1
    assert 290 <= said.document["retry_after"] <= 300
    assert "/v1/submissions" not in open_now.paths()


def test_it_keeps_going_until_it_is_stopped(ready, open_now, wave):
    ready("answer", wave, "--answers", "-", typed=good_answers(ready))
    with closing(sqlite3.connect(ready.outbox)) as rows, rows:  # as minutes later
        rows.execute("DELETE FROM records WHERE kind = 'asked'")
    going = subprocess.Popen(
        [
            *(sys.executable, "-m", "rapport_client", "sync", "--keep-going", "--json"),
            *("--server", ready.origin, "--outbox", ready.outbox),
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

    assert first == "accepted=1 waiting=0 dead=0\n"
    assert going.returncode == 0
    assert json.loads(out)["waiting"] == 0
    assert len(open_now.contents) == 1
