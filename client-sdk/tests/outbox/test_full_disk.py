"""A full disk is reported in plain words, and no waiting item is lost."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import contextmanager

import pytest
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE

from rapport_client import OutboxFull, OutboxUnusable
from rapport_client._outbox import sqlite_errors

FILLER_BYTES = 100_000
ADVICE = "nothing was changed, and all answers in it are safe; make room and try again"


@contextmanager
def simulate_full_disk(device, table):
    """SQLite has no free page for a write to one table."""
    database = device._engine._file.database
    with database.write() as rows:
        rows.execute("CREATE TABLE IF NOT EXISTS ballast (value)")
        for event in ("INSERT", "UPDATE"):
            rows.execute(
                f"CREATE TRIGGER more_{event} BEFORE {event} ON {table}"
                f" BEGIN INSERT INTO ballast VALUES (zeroblob({FILLER_BYTES})); END"
            )
    ((pages,),) = database.read("PRAGMA page_count")
    database.read(f"PRAGMA max_page_count = {pages}")
    yield
    database.read(f"PRAGMA max_page_count = {pages + 1000}")
    with database.write() as rows:
        for event in ("INSERT", "UPDATE"):
            rows.execute(f"DROP TRIGGER more_{event}")


@pytest.mark.parametrize("table", ["outbox", "records"])
def test_a_sync_on_a_full_disk_tells_it_and_goes_on_later(
    answered_phone, service, table
):
    with simulate_full_disk(answered_phone, table):
        report = answered_phone.sync()

    assert ADVICE in report.problem
    assert "outbox.db" in report.problem
    assert "(database or disk is full)" in report.problem
    assert not report.offline
    assert report.waiting == 1
    assert service.contents == []
    assert str(answered_phone.sync()) == "accepted=1 waiting=0 dead=0"


def test_gateway_connections_follow_the_same_rule(gateway, enrol_people):
    enrol_people(2)
    with simulate_full_disk(gateway, "outbox"):
        report = gateway.sync()

    assert ADVICE in report.problem
    assert report.waiting == 2
    assert gateway.sync().accepted == 2


def test_a_disk_that_fills_up_on_the_way_leaves_it_in_flight_for_a_while(
    answered_phone, service
):
    full = simulate_full_disk(answered_phone, "outbox")

    def fill_up(request, reply):
        if request.url.endswith("/v1/submissions"):
            full.__enter__()
            service.intercept = lambda _, reply: reply()
        return reply()

    service.intercept = fill_up
    report = answered_phone.sync()

    assert ADVICE in report.problem
    assert (report.accepted, report.waiting) == (0, 1)
    assert answered_phone.status().in_flight == 1
    assert len(service.contents) == 1

    full.__exit__(None, None, None)
    assert str(answered_phone.sync()) == "accepted=1 waiting=0 dead=0"
    assert len(service.contents) == 1  # the service knew it


def test_a_loop_on_a_full_disk_waits_longer_and_longer(answered_phone):
    sender = answered_phone._engine.sender
    with simulate_full_disk(answered_phone, "outbox"):
        for failures in (1, 2, 3):
            report = answered_phone._engine.send()
            assert ADVICE in report.problem
            assert sender.pace.failures == failures
            assert sender.seconds_left() >= 2
            answered_phone.held.advance(minutes=15)

    assert answered_phone._engine.send().accepted == 1
    assert sender.seconds_left() == 0


def test_other_outbox_errors_in_a_sync_are_raised(answered_phone):
    with answered_phone._account.namespace.database.write() as rows:
        rows.execute(
            "CREATE TRIGGER failing BEFORE UPDATE ON outbox"
            " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )

    with pytest.raises(OutboxUnusable, match="disk I/O error"):
        answered_phone.sync()


@pytest.mark.parametrize(
    ("code", "room", "kind", "says"),
    [
        (sqlite3.SQLITE_FULL, 10**9, OutboxFull, ADVICE),
        (sqlite3.SQLITE_IOERR_SHMSIZE, 0, OutboxFull, ADVICE),
        (sqlite3.SQLITE_IOERR_WRITE, 10**9, OutboxUnusable, "the disk with"),
        (sqlite3.SQLITE_CORRUPT, 0, OutboxUnusable, "outbox.db is damaged"),
        (sqlite3.SQLITE_READONLY, 0, OutboxUnusable, "may write the file"),
        (sqlite3.SQLITE_BUSY, 0, OutboxUnusable, "in use by another program"),
        (sqlite3.SQLITE_MISMATCH, 0, OutboxUnusable, "outbox.db cannot be used"),
    ],
)
def test_sqlite_error_is_reported_with_the_file_and_what_to_do(
    tmp_path, monkeypatch, code, room, kind, says
):
    error = sqlite3.OperationalError("its own words")
    error.sqlite_errorcode = code
    disk = os.statvfs_result((1, 1, room, room, room, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: disk)

    outbox_error = sqlite_errors.to_outbox_error(error, tmp_path / "outbox.db")

    assert type(outbox_error) is kind
    assert says in str(outbox_error)
    assert str(tmp_path / "outbox.db") in str(outbox_error)
    assert str(outbox_error).endswith("(its own words)")


def test_damaged_outbox_is_reported_with_what_to_do(phone, new_phone, tmp_path):
    phone.close()
    path = tmp_path / "outbox.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))

    with pytest.raises(OutboxUnusable, match=r"outbox\.db is damaged; nothing was ch"):
        new_phone()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte; skipped where this user may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    asked = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
    if (
        mount is None
        or subprocess.run(asked, capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk may be mounted here: a truly full one is untested")
    yield place
    subprocess.run(["umount", place], check=True)


def fill_disk(place):
    """Writes until nothing more fits."""
    filler = os.open(place / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(filler, bytes(4096))
    except OSError:
        return place / "filler"
    finally:
        os.close(filler)


def test_full_disk_is_named_by_every_operation(small_disk, new_phone):
    phone = new_phone("disk/outbox.db")
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    filler = fill_disk(small_disk)

    report = phone.sync()
    assert ADVICE in report.problem
    assert report.waiting == 1
    phone.close()
    fill_disk(small_disk)
    with pytest.raises(OutboxFull, match=ADVICE):
        new_phone("disk/outbox.db")

    filler.unlink()
    assert str(new_phone("disk/outbox.db").sync()) == "accepted=1 waiting=0 dead=0"
