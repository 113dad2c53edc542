"""``rapport db dump`` and ``rapport db vacuum``, and a restore with real programs."""

import itertools
import os
import shutil
import stat
import subprocess

import pytest
from sqlalchemy import make_url

from rapport_service.ballotbox.models import Submission
from rapport_service.cli.database import database
from rapport_service.core.db import Base
from rapport_service.core.dump import EMPTIED_TABLES
from rapport_service.pollbook.models import Draw, PrivateKey
from tests.cli.command_runner import run_command
from tests.support.http_phone import content, item, submit
from tests.support.postgres import find_runnable, program_folders
from tests.support.rows import rows_of
from tests.support.service import start_service

NUMBERS = itertools.count(1)


@pytest.fixture
def new_url(engine_name, request, tmp_path):
    """Maker of addresses of new databases, on each engine."""
    if engine_name == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/dump{next(NUMBERS)}.db"
    server = request.getfixturevalue("postgresql")
    return lambda: server.create_database(f"dump{next(NUMBERS)}")


@pytest.fixture
def service(new_url, ballot_keys):
    """The service on a database of this test alone."""
    with start_service(new_url(), ballot_keys) as own:
        run_command(database, "upgrade")
        yield own


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """PostgreSQL's client programs, first on the path."""
    folder = find_runnable(program_folders(), None, tmp_path)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


@pytest.fixture
def fake_programs(monkeypatch, tmp_path):
    """An empty folder as the whole path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def restore(dump, url):
    """Restores a dump as an operator does, with the programs of the engine."""
    if url.startswith("sqlite"):
        shutil.copy(dump, make_url(url).database)
        return
    name = make_url(url)
    subprocess.run(
        [
            *("pg_restore", "--exit-on-error", "--username=postgres"),
            *(f"--host={name.query['host']}", f"--dbname={name.database}", dump),
        ],
        check=True,
    )


@pytest.mark.usefixtures("programs")
def test_a_restored_dump_goes_on_without_draws(service, new_url, ballot_keys, tmp_path):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 7)]
    items = [item(ballot, content(form)) for form, ballot in enumerate(ballots)]
    submit(service.http, *items)
    phone = agency.phone("a-7")
    kid = phone.kid(wave)
    dump = tmp_path / "rapport.dump"

    output = run_command(database, "dump", dump)

    assert wave in output
    assert "renew-epoch" in output
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    assert rows_of(Draw, agency)  # the dump takes nothing from the service
    restored = new_url()
    restore(dump, restored)
    with start_service(restored, ballot_keys) as again:
        again.clock.now = service.clock.now
        assert not rows_of(Draw, agency)
        assert not rows_of(PrivateKey, agency)
        assert len(rows_of(Submission, agency)) == 6
        run_command(database, "renew-epoch")
        agency.service, phone.http = again, again.http
        results = submit(again.http, *items)
        refused = phone.ask(wave, kid, b"\0" + bytes(255))
    assert {result["status"] for result in results} == {"duplicate"}
    assert refused["status"] == "not_drawable"


@pytest.mark.usefixtures("programs")
def test_a_dump_holds_no_byte_of_draws_and_private_keys(service, tmp_path):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    agency.phone("a-1").draw(wave)
    secrets = {row.signature for row in rows_of(Draw, agency)}
    secrets |= {row.encrypted for row in rows_of(PrivateKey, agency)}
    kids = {row.kid.encode() for row in rows_of(PrivateKey, agency)}
    dump = tmp_path / "rapport.dump"

    run_command(database, "dump", dump)

    plain = read_plain(dump)
    assert len(secrets) == 2
    assert not any(holds(plain, secret) for secret in secrets)
    assert all(kid in plain for kid in kids)  # of the public keys


def read_plain(dump):
    """The content of a dump, uncompressed."""
    if dump.read_bytes().startswith(b"SQLite"):
        return dump.read_bytes()
    return subprocess.run(
        ["pg_restore", "--file=-", dump], check=True, capture_output=True
    ).stdout


def holds(plain, secret):
    return secret in plain or secret.hex().encode() in plain


@pytest.mark.usefixtures("service")
def test_emptied_tables_are_referred_to_by_no_other():
    """A restore without their rows breaks no reference."""
    for table in Base.metadata.tables.values():
        referred = {key.column.table.name for key in table.foreign_keys}
        assert not referred & {*EMPTIED_TABLES}


@pytest.mark.usefixtures("programs", "service")
def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    dump = tmp_path / "rapport.dump"
    dump.write_text("another")

    output = run_command(database, "dump", dump, status=1)

    assert "already there" in output
    assert dump.read_text() == "another"


@pytest.mark.postgresql  # SQLite needs no other program
@pytest.mark.usefixtures("service")
def test_a_missing_pg_dump_is_named(fake_programs):
    dump = fake_programs / "rapport.dump"

    output = run_command(database, "dump", dump, status=1)

    assert "pg_dump is not installed here" in output
    assert not dump.exists()


@pytest.mark.postgresql  # SQLite needs no other program
@pytest.mark.usefixtures("service")
def test_a_pg_dump_older_than_the_server_is_named(fake_programs):
    program = fake_programs / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(0o755)
    dump = fake_programs / "rapport.dump"

    output = run_command(database, "dump", dump, status=1)

    assert "pg_dump here has version 9, but the server has 1" in output
    assert not dump.exists()


@pytest.mark.usefixtures("service")
def test_vacuum_on_demand():
    assert run_command(database, "vacuum") == "vacuum: done\n"
