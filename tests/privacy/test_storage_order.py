"""Rows on disk do not show in which order answers came.

PostgreSQL keeps rows where they arrived (``ctid``) and notes by which transaction each
was written (``xmin``). All tables count transactions together, so these numbers would
even show a phone's sync next to the submission that it sent a moment before.
"""

import pytest
from sqlalchemy import text

from rapport_service.core.db import Base, db
from rapport_service.core.vacuum import vacuum
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from rapport_service.pollbook.models import Draw
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import content, item, submit
from tests.support.rows import rows_of

KEPT = {*ORDER_SENSITIVE_TABLES, "answers", "counted_ballots"}


def order_leaking_tables(organization_id):
    """Tables whose rows tell when they were written or locked, or lie out of order."""
    leaking = set()
    with db.engine.connect() as connection:
        for name in KEPT:
            key = ", ".join(c.name for c in Base.metadata.tables[name].primary_key)
            rows = connection.execute(
                text(
                    f"SELECT xmin::text, xmax::text, ctid::text, {key} FROM {name}"
                    f" WHERE organization_id = :organization ORDER BY {key}"
                ),
                {"organization": organization_id},
            ).all()
            positions = [
                tuple(map(int, row.ctid.strip("()").split(","))) for row in rows
            ]
            written = {row.xmin for row in rows}
            locked = {row.xmax for row in rows} - {"0"}
            if len(written) > 1 or locked or positions != sorted(positions):
                leaking.add(name)
    return leaking


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_vacuum_removes_the_order_in_which_rows_came(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    for ballot in ballots[:6]:
        submit(service.http, item(ballot, content()))
        submit(service.http, item(ballot, content()))  # another nonce: a conflict
    assert order_leaking_tables(agency.id) == {
        *("devices", "draws", "submissions", "conflicts"),
        *("ballot_keys", "waves"),  # locked in share mode by each submission
    }

    vacuum(ORDER_SENSITIVE_TABLES)

    assert order_leaking_tables(agency.id) == set()


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_seal_removes_that_order_too(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    for ballot in ballots[:6]:
        submit(service.http, item(ballot, content()))

    agency.seal()

    assert order_leaking_tables(agency.id) == set()


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_blind_signatures_that_go_leave_no_trace_of_when(service):
    """A vacuum writes all agencies' rows in one transaction, and nothing after it."""
    other = service.agency({"a": 8})
    other.phone("a-1").draw(other.announce())
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    for ballot in ballots[:6]:
        submit(service.http, item(ballot, content()))

    agency.seal()

    assert all(row.signature is None for row in rows_of(Draw, agency))
    with db.engine.connect() as connection:
        written = connection.scalars(text("SELECT DISTINCT xmin::text FROM draws"))
        assert len(written.all()) == 1


def test_vacuum_loses_nothing_and_changes_nothing(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballot = agency.phone("a-1").draw(wave)
    frozen = content()
    submit(service.http, item(ballot, frozen))

    vacuum(ORDER_SENSITIVE_TABLES)

    (again,) = submit(service.http, item(ballot, frozen))
    assert again["status"] == "duplicate"
    assert agency.phone("a-1").sync()["waves"]


def test_vacuum_during_writes_loses_no_write(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    phone = agency.phone("a-1")
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(2, 9)]

    def write():
        for ballot in ballots:
            submit(service.http, item(ballot, content()))
            phone.refresh()

    def vacuum_often():
        for _ in range(3):
            vacuum(ORDER_SENSITIVE_TABLES)

    run_concurrently(service, write, vacuum_often, vacuum_often)

    results = submit(service.http, *(item(ballot, content()) for ballot in ballots))
    assert {result["reason"] for result in results} == {"content_conflict"}
