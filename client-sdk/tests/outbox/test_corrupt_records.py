"""T5: corrupt records are fetched again where possible; the rest block no other."""

import sqlite3
from contextlib import closing

import pytest
from fake_service.faults import drop_request, no_fault, on_path
from fake_service.overload import busy
from fake_service.phone import ManualClock, answer_first_pulse
from fake_service.service import CODE
from fake_service.terminal import build_answers

from rapport_client import (
    AlreadyAnswered,
    AlreadyEnrolled,
    OutboxDamaged,
    OutboxUnusable,
    TransportFailure,
)
from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol.pull import charter_path

NEXT_CODE = "acme-0000-0000-0001"


def corrupt_records(phone, kind):
    """Corrupts every record of a kind; returns their number."""
    with phone._account.namespace.database.write() as rows:
        return rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = ?", (kind,)
        ).rowcount


def test_corrupt_retry_after_is_forgotten(new_phone, service):
    """A corrupt time would have silenced the device for ever."""
    clock = ManualClock()
    phone = new_phone(clock=clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    service.intercept = on_path("/v1/submissions", busy("60"))
    assert phone.sync().retry_after == 60
    service.intercept = no_fault
    assert corrupt_records(phone, "timeout") == 1

    assert phone.sync().accepted == 1


def test_corrupt_documents_are_fetched_anew(phone, service):
    assert (
        corrupt_records(phone, "document") == 4
    )  # the list, the charter, the key, the questions
    service.log.clear()

    assert phone.sync().problem is None
    answer_first_pulse(phone)

    assert phone.sync().accepted == 1
    assert "/v1/instruments" in str(service.paths())


def test_corrupt_document_without_a_signal_withholds_its_own_pulse_alone(
    phone, service, keys
):
    service.add_wave(keys[1])
    phone.sync()
    (rotten, good) = (ballot.wave_id for ballot in phone._draws.ballots())
    shared = Namespace.shared(phone._account.namespace.database)
    with shared.write() as rows:
        rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE name = ?",
            (shared.name(charter_path(rotten)),),
        )
    service.intercept = drop_request

    assert [pulse.wave_id for pulse in phone.open_pulses()] == [good]
    with pytest.raises(TransportFailure):
        phone.pulse(rotten)


def test_corrupt_draw_is_made_anew(phone, service, keys):
    service.add_wave(keys[1])
    service.intercept = on_path("/v1/ballots", drop_request)
    phone.sync()
    assert corrupt_records(phone, "draw") == 1
    service.intercept = no_fault

    assert phone.sync().drawn == 1


def test_corrupt_signed_draw_blocks_no_other(phone, service, keys):
    lost = service.add_wave(keys[1])
    service.intercept = on_path("/v1/ballots", drop_request)
    phone.sync()
    assert corrupt_records(phone, "draw") == 1
    lost.signed["what the service saw"] = "s"
    service.add_wave(keys[2])
    service.intercept = no_fault

    report = phone.sync()

    assert report.drawn == 1
    assert "cannot answer this pulse" in report.notices[0]


def test_draw_with_a_corrupt_key_that_is_served_no_more_blocks_no_other(
    phone, service, keys
):
    lost = service.add_wave(keys[1])
    service.intercept = on_path("/v1/ballots", drop_request)
    phone.sync()
    corrupt_records(phone, "document")
    del service.waves[lost.id]
    service.add_wave(keys[2])
    service.intercept = no_fault

    report = phone.sync()

    assert report.drawn == 1
    assert "not-found" in report.problem


def test_corrupt_ballot_is_reported_and_blocks_no_other(phone, service, wave, keys):
    assert corrupt_records(phone, "ballot") == 1
    new = service.add_wave(keys[1])

    report = phone.sync()

    assert report.drawn == 1
    assert "A ballot on this device cannot be read any more" in report.notices[0]
    assert [pulse.wave_id for pulse in phone.open_pulses()] == [new.id]
    with pytest.raises(OutboxDamaged):
        phone.pulse(wave.id)


def test_corrupt_ballot_of_a_cancelled_wave_blocks_no_other(phone, service, wave, keys):
    corrupt_records(phone, "ballot")
    wave.state, wave.reason = "cancelled", "a mistake"
    service.add_wave(keys[1])

    assert phone.sync().drawn == 1


def test_answer_with_a_corrupt_ballot_record_still_goes_and_counts_once(
    answered_phone, wave
):
    corrupt_records(answered_phone, "ballot")

    assert answered_phone.sync().accepted == 1
    assert answered_phone.open_pulses() == []
    with pytest.raises(AlreadyAnswered):
        answered_phone.pulse(wave.id)


def test_corrupt_enrolment_holds_up_no_answer_and_can_be_made_anew(
    answered_phone, service, keys
):
    assert corrupt_records(answered_phone, "account") == 1
    service.codes[NEXT_CODE] = None
    service.add_wave(keys[1])

    report = answered_phone.sync()

    assert report.accepted == 1
    assert "ask for a new code and enrol with it again" in report.problem
    assert answered_phone.enrolled
    with pytest.raises(AlreadyEnrolled):  # whose it was nobody can tell, so they say
        answered_phone.enrol(NEXT_CODE)
    answered_phone.enrol(NEXT_CODE, again=True)
    assert answered_phone.sync().drawn == 1


def test_person_whose_name_is_corrupt_still_uses_the_terminal(
    enrolled_terminal, open_service
):
    (wave,) = open_service.waves
    typed = build_answers(enrolled_terminal)
    with closing(sqlite3.connect(enrolled_terminal.outbox)) as rows, rows:
        rows.execute("UPDATE people SET name = zeroblob(300)")

    assert enrolled_terminal("answer", wave, "--answers", "-", typed=typed).exit == 0
    assert enrolled_terminal.online("sync").exit == 0


def test_a_file_that_cannot_be_written_is_no_single_value(phone, service, keys):
    """An error of the whole file is raised, also while drawing."""
    service.add_wave(keys[1])
    with phone._account.namespace.database.write() as rows:
        rows.execute(
            "CREATE TRIGGER failing BEFORE INSERT ON records WHEN NEW.kind = 'draw'"
            " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )

    with pytest.raises(OutboxUnusable, match="disk I/O error"):
        phone.sync()
