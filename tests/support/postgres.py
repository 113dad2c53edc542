"""A real PostgreSQL for the tests: a server that lives as long as one block."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support.postgres_programs import (
    NoPostgreSQLError,
    find_runnable,
    program_folders,
)

NOBODY_UID = 65534
TIMEOUT_SECONDS = 20
"""Seconds that a server may take to come up; it needs less than one."""

# Its input ends when the test process does, in whatever way, and it clears up then.
GUARD = """
folder=$1 programs=$2
cd "$folder"
"$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync || exit
"$programs/postgres" -D data -k "$folder" -c listen_addresses= -c fsync=off &
read -r end
kill -QUIT $!
wait
rm -rf "$folder"
"""


class PostgreSQL:
    """A throw-away server, on a socket in a folder of its own and on no port.

    When the block ends everything goes, and also when the process is killed inside it.
    PostgreSQL refuses to run as root; for root it runs as the user nobody.
    """

    def __enter__(self) -> Self:
        # Not in TMPDIR: a socket's path has 107 bytes at most, and the server's user
        # must be able to walk it.
        self._folder = Path(tempfile.mkdtemp(prefix="rapport-pg-", dir="/tmp"))
        try:
            self._guard = self._start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        try:
            self._await_server()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._guard.communicate()  # closes its input, waits for its end
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._folder}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Makes a database: empty, or a copy of one that nobody is connected to.

        Returns:
            Its address.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        names = sql.Identifier(name), sql.Identifier(template or "template0")
        with self._connect() as connection:
            connection.execute(statement.format(*names))
        return self.url(name)

    def _start(self) -> subprocess.Popen[bytes]:
        user = NOBODY_UID if os.geteuid() == 0 else None
        if user is not None:
            os.chown(self._folder, user, user)
        programs = find_runnable(program_folders(), user, self._folder / "programs")
        with self._log.open("wb") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", self._folder, programs],
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests; they tell the guard
            )

    def _await_server(self) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self._guard.poll() is None and time.monotonic() < deadline:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise NoPostgreSQLError(f"PostgreSQL did not start:\n{self._log.read_text()}")

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._folder), user="postgres", dbname="postgres", autocommit=True
        )
