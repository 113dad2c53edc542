"""Operator's copies: a dump, the data directory with its log, and every log file."""

import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.support.postgres import program_folders
from tools.attack.deployment import Deployment

SEALING_FOLDERS = "sealing-keys"
"""Name that all sealing folders begin with: they are no part of an operator's copy."""

Row = Mapping[str, Any]
"""Values by column, and by pseudo column, in parentheses."""


class Moment(StrEnum):
    """Time at which an operator takes a copy."""

    REWRITTEN = "mid-wave, after a rewrite"
    ARRIVING = "mid-wave, before the next rewrite"
    SEALED = "after the seal"
    LATER = "100 days later"

    @property
    def is_sealed(self) -> bool:
        """Whether the wave was sealed by then."""
        return self in {Moment.SEALED, Moment.LATER}


@dataclass(frozen=True)
class StoredFile:
    """File of a copy.

    Attributes:
        kind: ``database``, ``log of changes``, ``index or other``, ``text log``,
            ``dump`` or ``temporary``.
        relation: of what it is, where known.
        name: its path.
        content: its bytes.
    """

    kind: str
    relation: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Capture:
    """Everything that an operator copies at one moment.

    Attributes:
        moment: when it was taken.
        tables: rows of each table, as they lie on the disk.
        files: all files.
        page_size: bytes of a page of the database.
    """

    moment: Moment
    tables: Mapping[str, Sequence[Row]]
    files: Sequence[StoredFile]
    page_size: int


def capture(deployment: Deployment, moment: Moment) -> Capture:
    """Copy everything now. On PostgreSQL the log is copied before a checkpoint."""
    if deployment.server is None:
        return _capture_sqlite(deployment, moment)
    return _capture_postgresql(deployment, moment)


def _capture_sqlite(deployment: Deployment, moment: Moment) -> Capture:
    files = list(_read_installation(deployment))
    copied = deployment.folder.parent / f"copy-{moment.name.lower()}"
    copied.mkdir(exist_ok=True)
    for file in files:
        if file.kind in {"database", "log of changes"}:
            (copied / Path(file.name).name).write_bytes(file.content)
    with closing(sqlite3.connect(copied / "rapport.db")) as connection:
        connection.row_factory = sqlite3.Row
        tables = {
            name: _read_sqlite_table(connection, name, without_rowid=bool(plain))
            for name, plain in connection.execute(
                "SELECT name, wr FROM pragma_table_list"
                " WHERE type = 'table' AND schema = 'main' AND name <> 'sqlite_schema'"
            ).fetchall()
        }
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return Capture(moment, tables, files, page_size)


def _read_sqlite_table(
    connection: sqlite3.Connection, name: str, *, without_rowid: bool
) -> list[Row]:
    pseudo = "" if without_rowid else "rowid AS '(rowid)', "
    rows = connection.execute(f'SELECT {pseudo}* FROM "{name}"').fetchall()
    return [
        {"(position)": place} | {key: normalize(row[key]) for key in row.keys()}  # noqa: SIM118
        for place, row in enumerate(rows)
    ]


def _capture_postgresql(deployment: Deployment, moment: Moment) -> Capture:
    server = deployment.server
    if server is None:
        raise TypeError("this deployment has no server")
    files = list(_read_installation(deployment))
    data = deployment.data_directory
    files += [
        StoredFile("log of changes", "", str(path), path.read_bytes().rstrip(b"\0"))
        for path in sorted((data / "pg_wal").iterdir())
        if path.is_file()
    ]
    with psycopg.connect(
        host=str(server._folder), user="postgres", dbname="rapport", autocommit=True
    ) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
        ]
        tables = {name: _read_postgresql_table(connection, name) for name in names}
        connection.execute("CHECKPOINT")
        relations = {
            path: (relation, kind)
            for path, relation, kind in connection.execute(
                "SELECT pg_relation_filepath(oid), relname, relkind::text"
                " FROM pg_class WHERE relkind IN ('r', 'i', 't')"
            ).fetchall()
        }
        files += [
            file
            for file in _read_data_directory(data, relations)
            if sha256(file.content).digest() not in deployment.unchanged
        ]
    files.append(_dump(server._folder))
    return Capture(moment, tables, files, 8192)


def _read_postgresql_table(connection: psycopg.Connection, name: str) -> list[Row]:
    cursor = connection.execute(
        f"SELECT ctid::text, xmin::text::bigint, xmax::text::bigint, *"
        f' FROM "{name}" ORDER BY ctid'
    )
    columns = [column.name for column in cursor.description or ()]
    rows: list[Row] = []
    for place, row in enumerate(cursor.fetchall()):
        _, xmin, xmax, *values = row
        rows.append(
            {"(position)": place, "(xmin)": xmin, "(xmax)": xmax}
            | {
                key: normalize(value)
                for key, value in zip(columns[3:], values, strict=True)
            }
        )
    return rows


def _read_data_directory(
    data: Path, relations: Mapping[str, tuple[str, str]]
) -> Iterator[StoredFile]:
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data)
        if not path.is_file() or inside.parts[0] in {"pg_wal", "pg_stat_tmp"}:
            continue
        relation, kind = relations.get(
            str(inside).split(".")[0].split("_")[0], ("", "")
        )
        yield StoredFile(
            "database" if kind == "r" else "index or other",
            relation,
            str(inside),
            path.read_bytes(),
        )


def _dump(folder: Path) -> StoredFile:
    program = next(
        path / "pg_dump" for path in program_folders() if (path / "pg_dump").exists()
    )
    done = subprocess.run(
        [program, "-h", folder, "-U", "postgres", "rapport"],
        check=True,
        capture_output=True,
    )
    return StoredFile("dump", "", "pg_dump", done.stdout)


def _read_installation(deployment: Deployment) -> Iterator[StoredFile]:
    """Files of the service's own folder, and the log of the database's server."""
    for path in sorted(deployment.folder.rglob("*")):
        inside = path.relative_to(deployment.folder)
        if path.is_file() and not inside.parts[0].startswith(SEALING_FOLDERS):
            kind = {
                "rapport.db": "database",
                "rapport.db-wal": "log of changes",
                "service.log": "text log",
            }.get(str(inside), "temporary")
            yield StoredFile(kind, "", str(inside), path.read_bytes())
    if deployment.server_log is not None:
        content = deployment.server_log.read_bytes()
        yield StoredFile("text log", "", "server log", content)


def normalize(value: object) -> object:
    """Return a value as both engines would have it."""
    match value:
        case UUID():
            return value.hex
        case memoryview():
            return bytes(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
