"""Erased values are in no file any more, nor in the write-ahead log."""

from fake_service.faults import drop_request, no_fault, on_path
from fake_service.frozen_items import KEEP_SECONDS
from fake_service.service import CODE

STEP, SLICE = 16, 48


def find_files_with(folder, value):
    """The files that hold any part of a value: pages cut long values."""
    slices = [value[at : at + SLICE] for at in range(0, len(value) - SLICE, STEP)]
    return [
        path.name
        for path in folder.iterdir()
        if any(each in path.read_bytes() for each in slices)
    ]


def read_sealed(phone, query):
    ((value,),) = phone._account.namespace.database.read(query)
    return value


ITEM = "SELECT item FROM outbox"


def test_an_answer_whose_period_is_over(settled_phone, server_clock, tmp_path):
    value = read_sealed(settled_phone, ITEM)
    assert find_files_with(tmp_path, value)
    server_clock.advance(seconds=KEEP_SECONDS)

    settled_phone.sync()

    assert find_files_with(tmp_path, value) == []


def test_erasure_is_completed_after_a_death_before_the_log_was_empty(
    settled_phone, new_phone, server_clock, tmp_path, monkeypatch
):
    value = read_sealed(settled_phone, ITEM)
    server_clock.advance(seconds=KEEP_SECONDS)
    monkeypatch.setattr(
        settled_phone._account.namespace.database, "truncate_wal", lambda: None
    )
    settled_phone.sync()
    assert find_files_with(tmp_path, value)

    new_phone(
        clock=server_clock
    ).sync()  # another process; the dead one never closed the file

    assert find_files_with(tmp_path, value) == []


def test_the_salt_and_the_factor_of_a_ballot_that_is_finished(
    new_phone, service, tmp_path
):
    """Salt and factor alone could prove which blinded value the ballot came from."""
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path("/v1/ballots", drop_request)
    phone.sync()
    value = read_sealed(phone, "SELECT value FROM records WHERE kind = 'draw'")
    assert find_files_with(tmp_path, value)
    service.intercept = no_fault

    phone.sync()

    assert find_files_with(tmp_path, value) == []
