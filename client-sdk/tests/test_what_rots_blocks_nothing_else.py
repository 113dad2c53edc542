"""T5: bits rot on disk. What can be learned again is; the rest blocks no other."""

import sqlite3
from contextlib import closing

import pytest
from peer.faults import at, clear, drop_request
from peer.overload import busy
from peer.phone import HeldClock, answer
from peer.service import CODE
from peer.terminal import good_answers

from rapport_client import (
    AlreadyAnswered,
    AlreadyEnrolled,
    OutboxDamaged,
    OutboxUnusable,
    TransportFailure,
)
from rapport_client.flows.pull import charter_path
from rapport_client.store.space import Space

NEXT_CODE = "acme-0000-0000-0001"


def rot(phone, kind):
    """Every record of a kind rots; says how many."""
    with phone._me.space.database.write() as rows:
        return rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = ?", (kind,)
        ).rowcount


def test_a_wish_for_patience_that_rotted_is_forgotten(new_phone, peer):
    """It would have silenced the device for ever."""
    clock = HeldClock()
    phone = new_phone(clock=clock)
    phone.enrol(CODE)
    phone.sync()
    answer(phone)
    peer.interfere = at("/v1/submissions", busy("60"))
    assert phone.sync().retry_after == 60
    peer.interfere = clear
    assert rot(phone, "patience") == 1

    assert phone.sync().accepted == 1


def test_documents_that_rotted_are_fetched_anew(phone, peer):
    assert rot(phone, "document") == 4  # the list, the charter, the key, the questions
    peer.log.clear()

    assert phone.sync().problem is None
    answer(phone)

    assert phone.sync().accepted == 1
    assert "/v1/instruments" in str(peer.paths())


def test_without_a_signal_a_rotten_document_keeps_its_own_pulse_alone_back(
    phone, peer, keys
):
    peer.add_wave(keys[1])
    phone.sync()
    (rotten, good) = (ballot.wave for ballot in phone._draws.ballots())
    shared = Space.shared(phone._me.space.database)
    with shared.write() as rows:
        rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE name = ?",
            (shared.name(charter_path(rotten)),),
        )
    peer.interfere = drop_request

    assert [pulse.wave for pulse in phone.open_pulses()] == [good]
    with pytest.raises(TransportFailure):
        phone.pulse(rotten)


def test_a_draw_that_rotted_is_made_anew(phone, peer, keys):
    peer.add_wave(keys[1])
    peer.interfere = at("/v1/ballots", drop_request)
    phone.sync()
    assert rot(phone, "draw") == 1
    peer.interfere = clear

    assert phone.sync().drawn == 1


def test_a_draw_that_rotted_once_it_was_signed_blocks_no_other(phone, peer, keys):
    lost = peer.add_wave(keys[1])
    peer.interfere = at("/v1/ballots", drop_request)
    phone.sync()
    assert rot(phone, "draw") == 1
    lost.signed["what the service saw"] = "s"
    peer.add_wave(keys[2])
    peer.interfere = clear

    report = phone.sync()

    assert report.drawn == 1
    assert "cannot be answered here" in report.notices[0]


def test_a_draw_whose_key_rotted_and_is_served_no_more_blocks_no_other(
    phone, peer, keys
):
    lost = peer.add_wave(keys[1])
    peer.interfere = at("/v1/ballots", drop_request)
    phone.sync()
    rot(phone, "document")
    del peer.waves[lost.id]
    peer.add_wave(keys[2])
    peer.interfere = clear

    report = phone.sync()

    assert report.drawn == 1
    assert "not-found" in report.problem


def test_a_ballot_that_rotted_is_told_and_blocks_no_other(phone, peer, wave, keys):
    assert rot(phone, "ballot") == 1
    new = peer.add_wave(keys[1])

    report = phone.sync()

    assert report.drawn == 1
    assert "A ballot on this device cannot be read any more" in report.notices[0]
    assert [pulse.wave for pulse in phone.open_pulses()] == [new.id]
    with pytest.raises(OutboxDamaged):
        phone.pulse(wave.id)


def test_a_ballot_that_rotted_and_is_cancelled_blocks_no_other(phone, peer, wave, keys):
    rot(phone, "ballot")
    wave.state, wave.reason = "cancelled", "a mistake"
    peer.add_wave(keys[1])

    assert phone.sync().drawn == 1


def test_what_was_answered_still_goes_and_counts_once_though_its_ballot_rotted(
    answered, wave
):
    rot(answered, "ballot")

    assert answered.sync().accepted == 1
    assert answered.open_pulses() == []
    with pytest.raises(AlreadyAnswered):
        answered.pulse(wave.id)


def test_an_enrolment_that_rotted_holds_up_no_answer_and_can_be_made_anew(
    answered, peer, keys
):
    assert rot(answered, "account") == 1
    peer.codes[NEXT_CODE] = None
    peer.add_wave(keys[1])

    report = answered.sync()

    assert report.accepted == 1
    assert "ask for a new code and enrol with it again" in report.problem
    assert answered.enrolled
    with pytest.raises(AlreadyEnrolled):  # whose it was nobody can tell, so they say
        answered.enrol(NEXT_CODE)
    answered.enrol(NEXT_CODE, again=True)
    assert answered.sync().drawn == 1


def test_whose_name_rotted_still_uses_the_terminal(ready, open_now):
    (wave,) = open_now.waves
    typed = good_answers(ready)
    with closing(sqlite3.connect(ready.outbox)) as rows, rows:
        rows.execute("UPDATE people SET name = zeroblob(300)")

    assert ready("answer", wave, "--answers", "-", typed=typed).exit == 0
    assert ready.online("sync").exit == 0


def test_a_file_that_cannot_be_written_is_no_single_value(phone, peer, keys):
    """What is true of the whole file is raised, also while drawing."""
    peer.add_wave(keys[1])
    with phone._me.space.database.write() as rows:
        rows.execute(
            "CREATE TRIGGER failing BEFORE INSERT ON records WHEN NEW.kind = 'draw'"
            " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )

    with pytest.raises(OutboxUnusable, match="disk I/O error"):
        phone.sync()
