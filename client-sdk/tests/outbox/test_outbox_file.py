"""The outbox file: its owner, its version, its transactions and its counter."""

import os
import sqlite3
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import SERVER, Phone, answer_first_pulse

from rapport_client import OutboxFull, OutboxUnusable, TransportFailure


def test_an_interrupted_sync_leaves_nothing_in_flight(answered_phone, service):
    def interrupt(*_):
        raise KeyboardInterrupt

    service.intercept = interrupt
    with pytest.raises(KeyboardInterrupt):
        answered_phone.sync()

    status = answered_phone.status()
    assert (status.queued, status.in_flight) == (1, 0)


def test_requeue_moves_nothing_out_of_settled_or_dead(answered_phone):
    answered_phone.sync()
    queue = answered_phone._engine._queue

    queue.requeue([1])

    assert answered_phone.status().settled == 1
    assert queue.claim(10, 10_000) == []


def test_the_counter_never_goes_back(phone):
    database = phone._account.namespace.database
    with database.write() as rows:
        rows.execute(
            "INSERT INTO outbox (seq, person, wave, op, state, item)"
            " VALUES (7, 'p', 'w', 'submit', 'queued', x'')"
        )
        rows.execute("DELETE FROM outbox")

    answer_first_pulse(phone)

    assert database.read("SELECT seq FROM outbox") == [(8,)]


def test_a_write_that_raises_changes_nothing(phone):
    def fail_half_way():
        with phone._account.namespace.database.write() as rows:
            rows.execute("DELETE FROM records")
            raise TransportFailure("half-way")

    with pytest.raises(TransportFailure):
        fail_half_way()

    assert len(phone.open_pulses()) == 1


def test_an_answer_for_which_there_is_no_room_is_not_queued(phone):
    database = phone._account.namespace.database
    ((pages,),) = database.read("PRAGMA page_count")
    database.read(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(OutboxFull, match="full"):
        phone._outbox.add(build_frozen_item("acme.wave", ballot="b" * 100_000))

    assert phone.status().queued == 0
    answer_first_pulse(phone)
    assert phone.status().queued == 1


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", ".lock", ".sync", ".key"])
@pytest.mark.usefixtures("answered_phone")
def test_only_the_owner_may_read_the_outbox(tmp_path, suffix):
    mode = (tmp_path / f"outbox.db{suffix}").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_access_that_others_were_given_is_taken_away(new_phone, tmp_path):
    path = tmp_path / "outbox.db"
    path.touch(0o644)
    path.chmod(0o644)

    new_phone()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writes_are_forced_to_disk(phone):
    database = phone._account.namespace.database

    assert database.read("PRAGMA journal_mode") == [("wal",)]
    assert database.read("PRAGMA synchronous") == [(2,)]
    assert database.read("PRAGMA secure_delete") == [(1,)]
    assert database.read("PRAGMA user_version") == [(5,)]


def test_the_outbox_of_a_newer_version_is_left_alone(tmp_path, service):
    path = tmp_path / "outbox.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 6")
    connection.close()

    with pytest.raises(OutboxUnusable, match=r"version 6\); update rapport-client"):
        Phone(path, SERVER, transport=service)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_outbox_of_an_earlier_version_is_refused_with_what_to_do(
    tmp_path, service, version
):
    path = tmp_path / "outbox.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()

    with pytest.raises(OutboxUnusable) as refused:
        Phone(path, SERVER, transport=service)

    assert str(refused.value) == (
        f"an earlier version wrote this outbox (schema version {version}), and this one"
        " cannot read it; nothing was changed; move the file away, ask for a new"
        " enrolment code, and enrol with a new outbox"
    )

    assert not (tmp_path / "outbox.db.key").exists()


def test_a_file_that_is_no_outbox_is_left_alone(tmp_path, service):
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleague, " * 100)

    with pytest.raises(
        OutboxUnusable, match=r"letter\.txt is not an outbox"
    ) as refused:
        Phone(path, SERVER, transport=service)

    assert "name the outbox's own file" in str(refused.value)
    assert "(file is not a database)" in str(refused.value)
    assert path.read_text().startswith("Dear colleague")


@pytest.mark.parametrize("path", ["missing/outbox.db", "."])
def test_path_that_cannot_be_opened_is_reported(tmp_path, service, path):
    with pytest.raises(OutboxUnusable):
        Phone(tmp_path / path, SERVER, transport=service)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_special_file_is_left_as_it_is(tmp_path, service, make):
    path = tmp_path / "outbox"
    make(path)
    path.chmod(0o755)

    with pytest.raises(OutboxUnusable, match="is not a file"):
        Phone(path, SERVER, transport=service)

    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize("suffix", [".lock", ".sync"])
def test_side_file_that_cannot_be_opened_is_reported(tmp_path, service, suffix):
    (tmp_path / f"outbox.db{suffix}").mkdir()

    with pytest.raises(OutboxUnusable, match="cannot open"):
        Phone(tmp_path / "outbox.db", SERVER, transport=service)


def test_the_blinding_is_erased_once_the_ballot_is_made(phone):
    assert phone._draws.all_pending() == []
    (held,) = phone._draws.ballots()
    assert not {"salt", "factor", "blinded"} & asdict(held).keys()
