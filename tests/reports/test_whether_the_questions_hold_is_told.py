import csv
import io
import json

import pytest

from rapport_service.record.models import Reliability
from tests.casting import cast, crowd
from tests.reports.asking import CSV, get, logged_in, sealed
from tests.stored import rows_of

PATH = "/v1/organization/reliability"


@pytest.fixture
def agency(house):
    return house.agency(
        {"a": 12, "b": 12}, supervises={"director": ["agency"], "lead": ["a"]}
    )


def told(agency, token=None, **headers):
    return get(agency, PATH, token=token or agency.admin_token(), headers=headers)


def test_it_is_the_report_that_was_frozen_with_the_release(agency, press):
    wave = sealed(press, agency, a=12, b=12)

    reply = told(agency)

    (stored,) = rows_of(Reliability, agency)
    assert reply.data == stored.document
    assert reply.headers["ETag"] == f'"{stored.digest}"'
    assert reply.get_json()["wave"] == wave
    held = {"If-None-Match": reply.headers["ETag"]}
    assert told(agency, **held).status_code == 304


def test_the_newest_report_is_told_also_while_the_next_wave_is_open(agency, press):
    sealed(press, agency, a=12, b=12)
    newest = sealed(press, agency, a=12, b=12)
    cast(press, agency, agency.announce(), {"a": crowd(12)})

    assert told(agency).get_json()["wave"] == newest


def test_a_wave_whose_whole_agency_is_withheld_has_none(agency, press):
    sealed(press, agency, a=2)

    reply = told(agency)

    assert (reply.status_code, reply.get_json()["code"]) == (404, "nothing-measured")


def test_another_organizations_report_is_not_ours(house, agency, press):
    sealed(press, house.agency({"a": 12}), a=12)
    house.clock.reset()

    assert told(agency).status_code == 404


def test_administrators_and_programs_of_the_whole_agency_read_it(agency, press):
    sealed(press, agency, a=12, b=12)

    replies = [told(agency), told(agency, logged_in(agency))]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].data == replies[1].data


@pytest.mark.parametrize(
    "reader",
    [
        lambda agency: agency.reader_token("director"),
        lambda agency: agency.phone("a-1").tokens["access_token"],
        lambda agency: logged_in(agency, "a"),
    ],
    ids=["a supervisor of all", "a member", "a program for one team"],
)
def test_nobody_else_reads_columns_of_numbers(agency, press, reader):
    sealed(press, agency, a=12, b=12)

    reply = told(agency, reader(agency))

    assert (reply.status_code, reply.get_json()["code"]) == (403, "scope-missing")


def test_as_a_table_it_has_a_row_for_each_figure(agency, press):
    sealed(press, agency, a=12, b=12)
    document = told(agency).get_json()

    reply = told(agency, **CSV)

    assert reply.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(reply.data.decode(), newline="")))
    assert {row["wave"] for row in rows} <= {document["wave"]}
    for row in rows:
        value = document[row["part"]][row["construct"]]
        for name in row["figure"].split("."):
            value = value[name]
        assert row["value"] == ("" if value is None else json.dumps(value).strip('"'))
