"""An SQLite file that cannot be used, and files that only some user may use."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from rapport_schemas.problems import Problem
from rapport_service.core import db as database
from rapport_service.core.database_errors import DatabaseFault, Diagnosis
from rapport_service.core.write_lock import write_lock
from tests.cli.broken_databases import (
    Installation,
    Observation,
    check_reading_fails,
    check_writing_fails,
    install,
    observe,
)
from tests.cli.command_runner import environment_for, refusal_message, run_main
from tests.support.postgres import UNPRIVILEGED_UID
from tests.support.unprivileged import (
    IS_ROOT,
    give_away,
    run_unprivileged,
    unprivileged_folder,
)


@pytest.fixture(scope="module", autouse=True)
def sound(tmp_path_factory) -> Observation:
    """Of a database in order; children find every module that they need loaded."""
    return observe(install(f"sqlite:///{tmp_path_factory.mktemp('sound')}/rapport.db"))


def test_sound_database_gives_no_diagnosis(sound):
    assert sound.failed == set()
    assert (sound.enrolment, sound.readiness, sound.reasons) == (None, None, [])


@pytest.fixture
def sqlite_installation() -> Iterator[Installation]:
    """On a file in a folder of its own, both of a user without rights."""
    with unprivileged_folder() as folder:
        (folder / "data").mkdir()
        installed = install(f"sqlite:///{folder}/data/rapport.db")
        give_away(folder / "data", *(folder / "data").iterdir())
        yield installed


def remove_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def remove_file(file: Path) -> None:
    file.unlink()


def put_folder_in_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


def put_other_file_in_place(file: Path) -> None:
    file.write_bytes(b"a letter, not a database\n" * 1000)


def damage(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def forbid_file(file: Path) -> None:
    file.chmod(0)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (remove_folder, DatabaseFault.FOLDER_MISSING),
        (remove_file, DatabaseFault.FILE_MISSING),
        (put_folder_in_place, DatabaseFault.NOT_A_DATABASE),
        (put_other_file_in_place, DatabaseFault.NOT_A_DATABASE),
        (damage, DatabaseFault.DAMAGED),
        (forbid_file, DatabaseFault.FILE_FORBIDDEN),
    ],
)
def test_sqlite_file_that_cannot_be_used_is_diagnosed(
    sqlite_installation, spoil, fault
):
    file = sqlite_installation.file
    spoil(file)
    diagnosis = Diagnosis(fault, file, "")

    seen = run_unprivileged(lambda: observe(sqlite_installation))

    check_reading_fails(seen, diagnosis, Problem.NOT_READY)


@pytest.mark.parametrize("mode", [0, 0o500], ids=["closed", "read only"])
def test_folder_that_this_user_may_not_write_is_named(sqlite_installation, mode):
    """SQLite must make a log in the folder, even to read."""
    folder = sqlite_installation.file.parent
    for path in folder.glob("rapport.db?*"):
        path.unlink()
    folder.chmod(mode)
    diagnosis = Diagnosis(DatabaseFault.FILE_FORBIDDEN, folder, "")

    seen = run_unprivileged(lambda: observe(sqlite_installation))
    folder.chmod(0o700)

    check_reading_fails(seen, diagnosis, Problem.NOT_READY)


def test_log_that_this_user_may_not_write_is_named(
    sqlite_installation,
):
    log = Path(f"{sqlite_installation.file}-wal")
    log.touch()
    log.chmod(0)
    diagnosis = Diagnosis(DatabaseFault.FILE_FORBIDDEN, log, "")

    seen = run_unprivileged(lambda: observe(sqlite_installation))

    check_reading_fails(seen, diagnosis, Problem.NOT_READY)


def test_lock_that_this_user_may_not_open_is_named_before_a_write_fails(
    sqlite_installation,
):
    lock = Path(f"{sqlite_installation.file}.lock")
    lock.chmod(0)
    diagnosis = Diagnosis(DatabaseFault.FILE_FORBIDDEN, lock, "")

    seen = run_unprivileged(lambda: observe(sqlite_installation))

    check_writing_fails(seen, diagnosis, Problem.NOT_READY)
    assert "wave list acme" not in seen.failed


def test_database_that_may_be_read_alone_fails_before_a_write(sqlite_installation):
    sqlite_installation.file.chmod(0o400)
    diagnosis = Diagnosis(DatabaseFault.FILE_FORBIDDEN, sqlite_installation.file, "")

    seen = run_unprivileged(lambda: observe(sqlite_installation))

    check_writing_fails(seen, diagnosis, Problem.NOT_READY)
    assert "wave list acme" not in seen.failed


def test_lock_that_is_held_for_ever_fails_readiness(sqlite_installation, monkeypatch):
    monkeypatch.setattr(database, "WRITE_LOCK_TIMEOUT_SECONDS", 0.1)
    diagnosis = Diagnosis(DatabaseFault.BUSY, sqlite_installation.file, "")

    with write_lock(sqlite_installation.file, timeout=1):
        seen = run_unprivileged(lambda: observe(sqlite_installation))

    check_writing_fails(seen, diagnosis, Problem.BUSY)


def test_database_without_schema_needs_an_upgrade(sqlite_installation):
    sqlite_installation.file.write_bytes(b"")

    seen = run_unprivileged(lambda: observe(sqlite_installation))

    assert seen.failed == set(seen.printed)
    assert all("Run `rapport db upgrade`" in text for text in seen.printed.values())
    assert "Run `rapport db upgrade`" in seen.readiness
    assert seen.enrolment is Problem.NOT_READY


@pytest.fixture
def small_disk_installation() -> Iterator[Installation]:
    """On a disk of one megabyte."""
    with unprivileged_folder() as folder:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", folder],
            check=True,
        )
        try:
            yield install(f"sqlite:///{folder}/rapport.db")
        finally:
            subprocess.run(["umount", folder], check=True)


def fill_disk(folder: Path) -> None:
    """Writes until nothing more fits."""
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a small disk")
def test_full_disk_is_called_a_full_disk(small_disk_installation):
    file = small_disk_installation.file
    fill_disk(file.parent)
    diagnosis = Diagnosis(DatabaseFault.DISK_FULL, file, "")

    seen = observe(small_disk_installation)

    check_writing_fails(seen, diagnosis, Problem.STORAGE_FULL)


def test_write_that_needs_more_pages_than_there_are_finds_the_disk_full(
    sqlite_installation,
):
    """SQLite's own limit of pages fails as a full disk does, wherever tests run."""
    file = sqlite_installation.file
    roster = {
        "teams": [{"external_id": "acme", "name": "Acme", "parent": None}],
        "people": [
            {"external_id": f"e-{n}", "team": "acme", "supervises": []}
            for n in range(2000)
        ],
    }

    def fix_size(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no fewer than there are

    event.listen(Engine, "connect", fix_size)
    try:
        done = run_main(
            *("roster", "put", "acme", "-"),
            environ=environment_for(sqlite_installation.url),
            typed=json.dumps(roster),
        )
    finally:
        event.remove(Engine, "connect", fix_size)

    full = Diagnosis(DatabaseFault.DISK_FULL, file, "")
    assert refusal_message(done) == str(full)


@pytest.mark.skipif(not IS_ROOT, reason="only root makes files for other users")
def test_lock_that_root_makes_has_the_owner_of_its_database(sqlite_installation):
    """An administrator runs one command as root; the service runs as another user."""
    file = sqlite_installation.file
    lock = Path(f"{file}.lock")
    lock.unlink()  # as a restored copy of the database alone comes

    as_root = observe(sqlite_installation)
    as_service = run_unprivileged(lambda: observe(sqlite_installation))

    assert as_root.failed == set()
    # The sealing keys that root made are root's alone, until somebody hands them over.
    assert as_service.failed == {"doctor"}
    assert "Make this user its owner" in as_service.printed["doctor"]
    assert as_service.enrolment is as_service.readiness is None
    assert lock.stat().st_uid == lock.stat().st_gid == UNPRIVILEGED_UID
