"""Killed at any instant, a device loses no answer, repeats none, and goes on."""

import json
from contextlib import suppress

import pytest
from peer.crash import CrashError, snapshot
from peer.faults import clear
from peer.phone import SERVER, Phone, answer
from peer.service import CODE, Peer

REQUESTS = 8
COMMITS = 23
GOOD = {"A0": 4, "T1": 4, "T6": 4, "C1": 4, "C6": 4}


def live(phone):
    """A person's whole use of a device: any part of it may have happened already."""
    phone.enrol(CODE)
    phone.sync()
    for pulse in phone.open_pulses():
        phone.answer(pulse, GOOD, "normal")
    return phone.sync()


def check_end(peer, path):
    """After the crash everything goes on, and ends as if nothing had happened."""
    peer.interfere = clear
    with Phone(path, SERVER, transport=peer) as phone:
        live(phone)
        status = phone.status()
    (wave,) = peer.waves.values()
    (content,) = peer.contents
    assert content["answers"] == GOOD
    assert len(wave.signed) == 1
    assert len(peer.submissions) == 1
    assert (status.queued, status.in_flight, status.settled, status.dead) == (
        0,
        0,
        1,
        0,
    )


def new_peer(keys):
    peer = Peer()
    peer.add_wave(keys[0])
    return peer


def test_a_life_has_this_many_requests_and_commits(keys, tmp_path):
    peer, statements = new_peer(keys), []
    with Phone(tmp_path / "outbox.db", SERVER, transport=peer) as phone:
        phone._me.space.database._connection.set_trace_callback(statements.append)
        live(phone)

    assert len(peer.log) == REQUESTS
    assert statements.count("COMMIT") == COMMITS


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at_request", range(REQUESTS))
def test_a_crash_around_any_request_is_made_good(keys, tmp_path, at_request, after):
    peer = new_peer(keys)
    before, copy = tmp_path / "outbox.db", tmp_path / "after.db"

    def crash(_, reply):
        if len(peer.log) == at_request + 1:
            if after:
                reply()
            snapshot(before, copy)
            raise CrashError
        return reply()

    peer.interfere = crash
    with (
        Phone(before, SERVER, transport=peer) as phone,
        pytest.raises(CrashError),
    ):
        live(phone)

    check_end(peer, copy)


@pytest.mark.parametrize("at_commit", range(COMMITS))
def test_a_crash_between_any_two_commits_is_made_good(keys, tmp_path, at_commit):
    peer = new_peer(keys)
    before, copy = tmp_path / "outbox.db", tmp_path / "after.db"
    commits = []

    def look(statement):
        if statement == "COMMIT":
            if len(commits) == at_commit:
                snapshot(before, copy)
            commits.append(statement)

    def crash(_, reply):
        if copy.exists():
            raise CrashError
        return reply()

    peer.interfere = crash
    with Phone(before, SERVER, transport=peer) as phone:
        phone._me.space.database._connection.set_trace_callback(look)
        with suppress(CrashError):
            live(phone)

    assert len(commits) > at_commit
    check_end(peer, copy)


def test_an_answer_is_on_disk_when_it_has_been_given(phone, peer, tmp_path):
    answer(phone)
    snapshot(tmp_path / "outbox.db", tmp_path / "copy.db")

    with Phone(tmp_path / "copy.db", SERVER, transport=peer) as survivor:
        assert survivor.status().queued == 1
        assert str(survivor.sync()) == "accepted=1 waiting=0 dead=0"


def test_the_crash_tests_can_fail(keys, tmp_path):
    """A planted fault: an answer that is lost in the crash is missed."""
    peer = new_peer(keys)
    with Phone(tmp_path / "outbox.db", SERVER, transport=peer) as phone:
        live(phone)
    peer.contents.append(json.loads("{}"))

    with pytest.raises(ValueError, match="too many"):
        check_end(peer, tmp_path / "outbox.db")
