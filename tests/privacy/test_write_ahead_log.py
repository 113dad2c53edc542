"""PostgreSQL's write-ahead log after a rewrite: nothing of what phones did.

The log has every change, in order, and the server keeps it until a checkpoint. These
tests read the files of a server of their own, with the settings of ``compose.yaml``.
"""

from pathlib import Path

import psycopg
import pytest

from rapport_service.ballotbox.models import Submission
from rapport_service.core import vacuum as vacuum_module
from rapport_service.core.db import Door, db
from rapport_service.core.vacuum import vacuum
from rapport_service.lifecycle.vacuum import ARRIVAL_TABLES
from rapport_service.pollbook.models import Draw
from tests.support.http_phone import content, item, submit
from tests.support.postgres import PostgreSQL
from tests.support.rows import capture_logs, rows_of
from tests.support.service import start_service

SETTINGS = ("wal_recycle=off", "min_wal_size=32MB", "autovacuum=off")


@pytest.fixture(scope="module")
def server():
    with PostgreSQL(*SETTINGS) as running:
        address = running.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as administrator:
            for door in Door:
                administrator.execute(f"CREATE ROLE {door.value} NOLOGIN")
        yield running


@pytest.fixture
def make_service(server, ballot_keys):
    """Maker of services, each with a login of its own and some rights."""

    def make(name, *grants):
        url = server.create_database(name)
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as administrator:
            for statement in (
                f"CREATE ROLE {name} LOGIN",
                f"ALTER DATABASE {name} OWNER TO {name}",
                *(f"GRANT {door.value} TO {name}" for door in Door),
                *(grant.format(login=name) for grant in grants),
            ):
                administrator.execute(statement)
        return start_service(url.replace("postgres@", f"{name}@"), ballot_keys)

    return make


def send(service):
    """Six of eight people draw and send; what the disk may know of it by its bytes."""
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{number}").draw(wave) for number in range(1, 9)]
    submit(service.http, *(item(ballot, content()) for ballot in ballots[:6]))
    drawn = {row.signature for row in rows_of(Draw, agency)}
    sent = {row.envelope for row in rows_of(Submission, agency)}
    hashes = {row.ballot_hash for row in rows_of(Submission, agency)}
    return agency, drawn | sent | hashes


def read_data(folder):
    """The bytes of the files below a folder of the server's data directory."""
    data = Path(str(db.engine.url.query["host"]), "data", folder)
    return b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())


def count_on_disk(traces, folder):
    """How many are in the files: the first or the last bytes of each.

    Between them, the head of a page of the log may lie.
    """
    held = read_data(folder)
    return sum(trace[:12] in held or trace[-12:] in held for trace in traces)


@pytest.mark.postgresql  # SQLite empties its log itself
def test_a_rewrite_leaves_nothing_of_what_phones_did_in_the_log(make_service):
    with make_service("granted", *vacuum_module.WAL_RIGHTS) as service:
        _, traces = send(service)
        before = count_on_disk(traces, "pg_wal")

        vacuum(ARRIVAL_TABLES)

        assert before == len(traces) == 20
        assert count_on_disk(traces, "pg_wal") == 0
        assert count_on_disk(traces, "base") == len(traces)


@pytest.mark.postgresql  # SQLite empties its log itself
def test_a_login_without_the_rights_says_so_once_and_rewrites(make_service):
    vacuum_module._warn_once.cache_clear()
    with make_service("refused") as service:
        _, traces = send(service)

        with capture_logs() as records:
            vacuum(ARRIVAL_TABLES)
            vacuum(ARRIVAL_TABLES)

        (line,) = [record for record in records if "missing" in record]
        assert len(line["missing"]) == 2
        assert count_on_disk(traces, "pg_wal") == len(traces)
