import csv
import io
import json

import pytest

from rapport_service.registry.models import Reliability
from tests.reports.report_requests import (
    CSV,
    client_access_token,
    get_as,
    seal_answered_wave,
)
from tests.support.rows import rows_of
from tests.support.submissions import identical_contents, submit_contents

PATH = "/v1/organization/reliability"


@pytest.fixture
def agency(service):
    return service.agency(
        {"a": 12, "b": 12}, supervises={"director": ["agency"], "lead": ["a"]}
    )


def reliability_document(agency, token=None, **headers):
    return get_as(agency, PATH, token=token or agency.admin_token(), headers=headers)


def test_report_is_the_one_that_was_frozen_with_the_release(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, a=12, b=12)

    reply = reliability_document(agency)

    (stored,) = rows_of(Reliability, agency)
    assert reply.data == stored.document
    assert reply.headers["ETag"] == f'"{stored.digest}"'
    assert reply.get_json()["wave_id"] == wave
    held = {"If-None-Match": reply.headers["ETag"]}
    assert reliability_document(agency, **held).status_code == 304


def test_newest_report_is_served_also_while_the_next_wave_is_open(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, a=12, b=12)
    newest = seal_answered_wave(ballot_factory, agency, a=12, b=12)
    submit_contents(
        ballot_factory, agency, agency.announce(), {"a": identical_contents(12)}
    )

    assert reliability_document(agency).get_json()["wave_id"] == newest


def test_wave_whose_whole_agency_is_withheld_has_no_report(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, a=2)

    reply = reliability_document(agency)

    assert (reply.status_code, reply.get_json()["code"]) == (404, "nothing-measured")


def test_another_organizations_report_is_not_ours(service, agency, ballot_factory):
    seal_answered_wave(ballot_factory, service.agency({"a": 12}), a=12)
    service.clock.reset()

    assert reliability_document(agency).status_code == 404


def test_administrators_and_unrestricted_programs_read_the_report(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, a=12, b=12)

    replies = [
        reliability_document(agency),
        reliability_document(agency, client_access_token(agency)),
    ]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].data == replies[1].data


@pytest.mark.parametrize(
    "reader",
    [
        lambda agency: agency.reader_token("director"),
        lambda agency: agency.phone("a-1").tokens["access_token"],
        lambda agency: client_access_token(agency, "a"),
    ],
    ids=["a supervisor of all", "a member", "a program for one team"],
)
def test_other_readers_are_refused(agency, ballot_factory, reader):
    seal_answered_wave(ballot_factory, agency, a=12, b=12)

    reply = reliability_document(agency, reader(agency))

    assert (reply.status_code, reply.get_json()["code"]) == (403, "scope-missing")


def test_table_has_a_row_for_each_figure(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, a=12, b=12)
    document = reliability_document(agency).get_json()

    reply = reliability_document(agency, **CSV)

    assert reply.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(reply.data.decode(), newline="")))
    assert {row["wave_id"] for row in rows} <= {document["wave_id"]}
    for row in rows:
        value = document[row["part"]][row["construct"]]
        for name in row["figure"].split("."):
            value = value[name]
        assert row["value"] == ("" if value is None else json.dumps(value).strip('"'))
