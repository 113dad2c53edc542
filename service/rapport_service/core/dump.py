"""Dump of a database without what a backup must not hold."""

import os
import re
import shutil
import subprocess
from typing import BinaryIO

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from rapport_service.core.db import database_file
from rapport_service.core.sqlite_files import copy_file

EMPTIED_TABLES = ("private_keys", "draws")
"""Tables whose rows no dump has: with the keys a person could draw again, and the draws
say who drew, for as long as the dump is kept."""


class DumpError(Exception):
    """No dump could be made; the message says why and what to do."""


def dump(engine: Engine, stream: BinaryIO) -> None:
    """Writes a dump: on SQLite a database file, on PostgreSQL pg_dump's custom format.

    Raises:
        DumpError: pg_dump is missing, older than the server, or failed.
    """
    file = database_file(engine)
    if file is not None:
        copy_file(file, EMPTIED_TABLES, stream)
        return
    program = _find_pg_dump(_server_version(engine))
    options = dict(engine.dialect.create_connect_args(engine.url)[1])
    options.pop("context", None)  # SQLAlchemy's own
    password = options.pop("password", None)
    environment = _environment()
    if password is not None:
        environment["PGPASSWORD"] = password
    done = subprocess.run(  # noqa: S603 - no shell; the password is not an argument
        [
            *(program, "--format=custom", "--no-password"),
            *(f"--exclude-table-data={table}" for table in EMPTIED_TABLES),
            f"--dbname={make_conninfo(**options)}",
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stream,
        check=False,
    )
    if done.returncode != 0:
        raise DumpError(f"pg_dump failed with exit status {done.returncode}.")


def _server_version(engine: Engine) -> int:
    with engine.connect() as connection:
        version = connection.scalar(text("SHOW server_version_num"))
    return int(version) // 10_000


def _find_pg_dump(server: int) -> str:
    """The path of a pg_dump that can read this server."""
    program = shutil.which("pg_dump")
    if program is None:
        raise DumpError(
            "pg_dump is not installed here. Install PostgreSQL's client programs, "
            f"version {server} or newer, or see docs/deployment.md for another way."
        )
    answer = subprocess.run(  # noqa: S603 - no shell
        [program, "--version"],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    match = re.search(r"\d+", answer)
    if match is None or int(match[0]) < server:
        version = match[0] if match else "unknown"
        raise DumpError(
            f"pg_dump here has version {version}, but the server has {server}. Install "
            "PostgreSQL's client programs of that version or a newer one."
        )
    return program


def _environment() -> dict[str, str]:
    """The environment of a program that needs none of our settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("RAPPORT_")
    }
