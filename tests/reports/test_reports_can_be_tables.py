"""Which form a report comes in is the caller's choice, and each form has its tag."""

import csv
import gzip
import io

import pytest

from rapport_service.encoding import base64url
from tests.api.routes import UUID
from tests.reports.requests import (
    CSV,
    REPORTS,
    get_as,
    request_report,
    seal_answered_wave,
)
from tests.sustainment.planted_releases import FIRST, plant_marker

JSON = "application/json"
EVERY = ("teams", *REPORTS, "sustainment", "reliability")


@pytest.fixture(scope="module")
def agency(service_session, ballot_factory):
    """An agency that nobody changes, with a wave sealed."""
    service_session.clock.reset()
    teams = dict.fromkeys("abcde", 12)
    agency = service_session.agency(teams, supervises={"director": ["agency"]})
    plant_marker(agency, "policy-change", FIRST)
    seal_answered_wave(ballot_factory, agency, a=10, b=3, c=12, d=12, e=12)
    return agency


def report(agency, name, **headers):
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    if name == "teams":
        return get_as(agency, "/v1/teams", headers=headers)
    if name == "reliability":
        path, token = "/v1/organization/reliability", agency.admin_token()
        return get_as(agency, path, token=token, headers=headers)
    return request_report(agency, name, headers=headers)


@pytest.mark.parametrize("name", EVERY)
def test_every_report_can_be_a_table_with_a_header(agency, name):
    reply = report(agency, name, **CSV)

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(reply.data.decode(), newline=""))
    assert rows
    assert all(len(row) == len(header) for row in rows)
    assert header == [word.lower() for word in header]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("text/csv", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv, application/json", JSON),
        ("text/csv, application/json;q=0.9", "text/csv"),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv, */*;q=0.1", "text/csv"),
        ("text/csv;q=0.1, */*;q=0.5", JSON),
        ("text/csv;q=0, */*", JSON),
        ("application/json;q=0, */*", "text/csv"),
        ("text/html", JSON),
        ("text/csv;q=0", JSON),
        ("nonsense;;q=x", JSON),
    ],
)
def test_the_form_is_the_one_that_the_caller_likes_best(agency, accept, form):
    headers = {} if accept is None else {"Accept": accept}

    reply = report(agency, "scores", **headers)

    assert (reply.status_code, reply.mimetype) == (200, form)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("form", [JSON, "text/csv"])
def test_caches_are_told_that_the_form_was_chosen(agency, name, form):
    reply = report(agency, name, Accept=form)

    assert {"Accept", "Accept-Encoding"} <= set(reply.headers["Vary"].split(", "))
    assert reply.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("name", EVERY)
def test_each_form_and_each_coding_has_a_tag_of_its_own(agency, name):
    tags = {}
    for form in (JSON, "text/csv"):
        plain = report(agency, name, Accept=form)
        small = report(agency, name, Accept=form, Accept_Encoding="gzip")
        body = small.data
        if small.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
            assert small.headers["ETag"] == f'"{base64url.digest(body)}-gz"'
        assert plain.data == body
        assert plain.headers["ETag"] == f'"{base64url.digest(body)}"'
        tags[form] = plain.headers["ETag"]

    assert tags[JSON] != tags["text/csv"]


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("form", [JSON, "text/csv"])
def test_whoever_has_it_in_this_form_is_told_so(agency, name, form):
    tag = report(agency, name, Accept=form).headers["ETag"]
    other = JSON if form == "text/csv" else "text/csv"

    again = report(agency, name, Accept=form, If_None_Match=tag)
    elsewhere = report(agency, name, Accept=other, If_None_Match=tag)

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert "Accept" in again.headers["Vary"].split(", ")
    assert (elsewhere.status_code, elsewhere.mimetype) == (200, other)


@pytest.mark.parametrize("name", ["trend", "scores"])
def test_a_mistake_is_told_as_a_problem_whatever_form_was_asked_for(agency, name):
    reply = get_as(agency, f"/v1/teams/{UUID}/{name}", headers=CSV)

    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")


def test_a_report_is_the_same_bytes_each_time(agency):
    for name in EVERY:
        assert report(agency, name, **CSV).data == report(agency, name, **CSV).data
