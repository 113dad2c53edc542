"""A device killed at any instant loses no answer, repeats none, and goes on."""

from contextlib import suppress

import pytest
from fake_service.crash import CrashError, copy_outbox_files
from fake_service.envelopes import SUITE
from fake_service.faults import no_fault
from fake_service.phone import SERVER, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService

from rapport_client._ballots.envelope import envelope_info
from rapport_client._protocol import base64url

REQUESTS = 8
COMMITS = 26
ANSWERS = {"A0": 4, "T1": 4, "T6": 4, "C1": 4, "C6": 4}


def use_device(phone):
    """A person's whole use of a device: any part of it may have happened already."""
    phone.enrol(CODE)
    phone.sync()
    for pulse in phone.open_pulses():
        phone.answer(pulse, ANSWERS, "normal")
    return phone.sync()


def check_final_state(service, path):
    """After the crash everything goes on, and ends as if nothing had happened."""
    service.intercept = no_fault
    with Phone(path, SERVER, transport=service) as phone:
        use_device(phone)
        status = phone.status()
    (wave,) = service.waves.values()
    (content,) = service.contents
    assert content["answers"] == ANSWERS
    assert len(wave.signed) == 1
    assert len(service.submissions) == 1
    assert (status.queued, status.in_flight, status.settled, status.dead) == (
        0,
        0,
        1,
        0,
    )


def create_service(keys):
    service = FakeService()
    service.add_wave(keys[0])
    return service


def test_crash_test_counts_every_request_and_commit(keys, tmp_path):
    service, statements = create_service(keys), []
    with Phone(tmp_path / "outbox.db", SERVER, transport=service) as phone:
        phone._account.namespace.database._connection.set_trace_callback(
            statements.append
        )
        use_device(phone)

    assert len(service.log) == REQUESTS
    assert statements.count("COMMIT") == COMMITS


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at_request", range(REQUESTS))
def test_crash_around_any_request_is_recovered(keys, tmp_path, at_request, after):
    service = create_service(keys)
    before, copy = tmp_path / "outbox.db", tmp_path / "after.db"

    def crash(_, reply):
        if len(service.log) == at_request + 1:
            if after:
                reply()
            copy_outbox_files(before, copy)
            raise CrashError
        return reply()

    service.intercept = crash
    with (
        Phone(before, SERVER, transport=service) as phone,
        pytest.raises(CrashError),
    ):
        use_device(phone)

    check_final_state(service, copy)


@pytest.mark.parametrize("at_commit", range(COMMITS))
def test_crash_between_any_two_commits_is_recovered(keys, tmp_path, at_commit):
    service = create_service(keys)
    before, copy = tmp_path / "outbox.db", tmp_path / "after.db"
    commits = []

    def look(statement):
        if statement == "COMMIT":
            if len(commits) == at_commit:
                copy_outbox_files(before, copy)
            commits.append(statement)

    def crash(_, reply):
        if copy.exists():
            raise CrashError
        return reply()

    service.intercept = crash
    with Phone(before, SERVER, transport=service) as phone:
        phone._account.namespace.database._connection.set_trace_callback(look)
        with suppress(CrashError):
            use_device(phone)

    assert len(commits) > at_commit
    check_final_state(service, copy)


def test_an_answer_is_on_disk_when_it_has_been_given(phone, service, tmp_path):
    answer_first_pulse(phone)
    copy_outbox_files(tmp_path / "outbox.db", tmp_path / "copy.db")

    with Phone(tmp_path / "copy.db", SERVER, transport=service) as survivor:
        assert survivor.status().queued == 1
        assert str(survivor.sync()) == "accepted=1 waiting=0 dead=0"


def test_the_crash_tests_can_fail(keys, tmp_path):
    """A planted fault: an answer that counts twice is detected."""
    service = create_service(keys)
    with Phone(tmp_path / "outbox.db", SERVER, transport=service) as phone:
        use_device(phone)
    (wave,) = service.waves.values()
    another = base64url.digest(b"another R")
    info = envelope_info(wave.kid, another, wave.digest)
    envelope = SUITE.encrypt(b"{}", wave.sealing_key.public_key(), info=info)
    service.ballot_box.submit(wave, another, envelope)

    with pytest.raises(ValueError, match="too many"):
        check_final_state(service, tmp_path / "outbox.db")
