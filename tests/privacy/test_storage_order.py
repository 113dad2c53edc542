"""Rows on disk do not show in which order answers came.

PostgreSQL keeps rows where they arrived (``ctid``) and notes by which transaction each
was written (``xmin``). All tables count transactions together, so these numbers would
even show a phone's sync next to the submission that it sent a moment before.
"""

import pytest
from sqlalchemy import text

from rapport_service.core.db import Base, db
from rapport_service.core.vacuum import vacuum
from rapport_service.lifecycle.vacuum import ARRIVAL_TABLES, ORDER_SENSITIVE_TABLES
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import Phone, content, item, submit


def row_marks(organization_id):
    """Marks of PostgreSQL on each row of an organization, by table.

    The transactions that wrote and last locked each row, and its place.
    """
    noted = {}
    with db.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            if "organization_id" not in table.c:
                continue
            key = ", ".join(column.name for column in table.primary_key)
            noted[name] = connection.execute(
                text(
                    f"SELECT xmin::text, xmax::text, ctid::text, {key} FROM {name}"
                    f" WHERE organization_id = :organization ORDER BY {key}"
                ),
                {"organization": organization_id},
            ).all()
    return noted


def order_leaking_tables(organization_id):
    """Tables whose rows tell when they were written or locked, or lie out of order."""
    leaking = set()
    noted = row_marks(organization_id)
    for name in ORDER_SENSITIVE_TABLES:
        rows = noted[name]
        positions = [tuple(map(int, row.ctid.strip("()").split(","))) for row in rows]
        written = {row.xmin for row in rows}
        locked = {row.xmax for row in rows} - {"0"}
        if len(written) > 1 or locked or positions != sorted(positions):
            leaking.add(name)
    return leaking


def make_codes(agency):
    """Codes of eight people; the audit says when each was made."""
    return [agency.code(f"a-{number}") for number in range(1, 9)]


def send_all(service, wave, codes):
    """Eight people enrol, sync, draw and get new tokens; six of them send."""
    for number, code in enumerate(codes, 1):
        phone = Phone(service.http)
        phone.enrol(code)
        ballot = phone.draw(wave)
        phone.refresh()
        if number < 7:
            submit(service.http, item(ballot, content()))


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_vacuum_removes_the_order_in_which_rows_came(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    send_all(service, wave, make_codes(agency))
    assert order_leaking_tables(agency.id) == {
        *("enrolment_codes", "devices", "draws", "submissions"),
        "people",  # locked by the enrolment of their devices
        "electorate",  # locked by each draw
        *("ballot_keys", "waves"),  # locked in share mode by each submission
    }

    vacuum(ARRIVAL_TABLES)

    assert order_leaking_tables(agency.id) == set()


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_phones_leave_marks_in_rewritten_tables_alone(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    codes = make_codes(agency)
    before = row_marks(agency.id)

    send_all(service, wave, codes)

    after = row_marks(agency.id)
    assert {name for name in after if after[name] != before[name]} == {*ARRIVAL_TABLES}


@pytest.mark.postgresql  # SQLite stores these tables by key
def test_seal_removes_that_order_too(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    send_all(service, wave, make_codes(agency))

    agency.seal()

    assert order_leaking_tables(agency.id) == set()


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
    assert {result["reason"] for result in results} == {"envelope_conflict"}
