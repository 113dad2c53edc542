"""Temporary files of a rewrite stay in a folder next to the database.

A rewrite of a large file writes every row of it into one. Linux reports the files that
are made in a folder, as ``strace`` would.
"""

import ctypes
import os
import stat
import struct
import subprocess
import sys

import pytest
from sqlalchemy import text

from rapport_service.core import sqlite_program
from rapport_service.core.db import database_file, db
from rapport_service.core.sqlite_files import FOLDER_SUFFIX, vacuum_file
from rapport_service.core.vacuum import vacuum

IN_CREATE = 0x100
CARELESS_VACUUM = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("VACUUM")
os._exit(0)  # to close it could delete the log, if tests have read the file as well
"""

EVENT_HEADER = struct.Struct("iIII")


class CreatedFiles:
    """The names of files that are made in a folder, from now on."""

    def __init__(self, folder):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._queue >= 0
        added = self._libc.inotify_add_watch(
            self._queue, os.fsencode(folder), IN_CREATE
        )
        assert added >= 0

    def read(self):
        try:
            events = os.read(self._queue, 1 << 16)
        except BlockingIOError:
            events = b""
        os.close(self._queue)
        names = []
        while events:
            _, mask, _, length = EVENT_HEADER.unpack_from(events)
            if mask & IN_CREATE:
                name = events[EVENT_HEADER.size :][:length]
                names.append(os.fsdecode(name.rstrip(b"\0")))
            events = events[EVENT_HEADER.size + length :]
        return names


@pytest.fixture
def large(service):
    """A database that does not fit into SQLite's memory."""
    del service
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("CREATE TABLE large (row)"))
        for _ in range(8):
            connection.execute(text("INSERT INTO large VALUES (randomblob(1000000))"))
    yield database_file(db.engine)
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE large"))


@pytest.fixture
def system_folder(tmp_path, monkeypatch):
    """The system's temporary folder, as the environment names it."""
    folder = tmp_path / "system"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.sqlite  # PostgreSQL's temporary files lie in its data directory
def test_temporary_files_of_a_vacuum_lie_next_to_the_database(large, system_folder):
    folder = large.with_name(large.name + FOLDER_SUFFIX)
    folder.mkdir(mode=0o755)
    own, systems = CreatedFiles(folder), CreatedFiles(system_folder)

    vacuum(())

    assert [name[:7] for name in own.read()] == ["etilqs_"]
    assert systems.read() == []
    assert not folder.exists()


@pytest.mark.sqlite  # PostgreSQL's temporary files lie in its data directory
def test_watch_sees_a_vacuum_in_the_systems_folder(large, system_folder):
    """The planted fault: SQLite left to itself."""
    systems = CreatedFiles(system_folder)

    subprocess.run([sys.executable, "-c", CARELESS_VACUUM, large], check=True)

    assert [name[:7] for name in systems.read()] == ["etilqs_"]


@pytest.mark.sqlite  # PostgreSQL's temporary files lie in its data directory
def test_folder_is_closed_to_others(large, monkeypatch):
    modes = []
    run = subprocess.run

    def looking(*arguments, **options):
        folder = large.with_name(large.name + FOLDER_SUFFIX)
        modes.append(stat.S_IMODE(folder.stat().st_mode))
        return run(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", looking)
    vacuum_file(large, 10, 2)

    assert modes == [0o700]


@pytest.mark.sqlite  # it rewrites an SQLite file
def test_program_whose_caller_has_ended_says_nothing(large):
    """The caller may be ended by a signal; its log is no place for a trace of ours."""
    with subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", sqlite_program.__file__),
            *("vacuum", str(large), "1000", "1000"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        program.stdout.close()
        errors = program.stderr.read()

    assert (program.returncode, errors) == (0, b"")


@pytest.mark.sqlite  # sorts of PostgreSQL spill into its data directory
@pytest.mark.usefixtures("service")
def test_sorts_of_the_service_stay_in_memory():
    """SQLite reads the folder for temporary files before we could name one."""
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA temp_store").scalar_one() == 2
