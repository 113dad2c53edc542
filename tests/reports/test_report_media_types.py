"""Content negotiation: a report is JSON or CSV, each with an ETag of its own."""

import csv
import gzip
import io

import pytest

from rapport_service.encoding import base64url
from tests.api.routes import UUID
from tests.reports.report_requests import (
    CSV,
    REPORTS,
    get_as,
    request_report,
    seal_answered_wave,
)
from tests.sustainment.planted_releases import FIRST, plant_marker

JSON = "application/json"
ALL_REPORTS = ("teams", *REPORTS, "sustainment", "reliability")


@pytest.fixture(scope="module")
def agency(service_session, ballot_factory):
    """An agency with a sealed wave; no test changes it."""
    service_session.clock.reset()
    teams = dict.fromkeys("abcde", 12)
    agency = service_session.agency(teams, supervises={"director": ["agency"]})
    plant_marker(agency, "policy_change", FIRST)
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


@pytest.mark.parametrize("name", ALL_REPORTS)
def test_report_can_be_a_table_with_a_header(agency, name):
    reply = report(agency, name, **CSV)

    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(reply.data.decode(), newline=""))
    assert rows
    assert all(len(row) == len(header) for row in rows)
    assert header == [word.lower() for word in header]


@pytest.mark.parametrize(
    ("accept", "media_type"),
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
def test_media_type_is_the_one_that_the_caller_prefers(agency, accept, media_type):
    headers = {} if accept is None else {"Accept": accept}

    reply = report(agency, "score", **headers)

    assert (reply.status_code, reply.mimetype) == (200, media_type)


@pytest.mark.parametrize("name", ALL_REPORTS)
@pytest.mark.parametrize("media_type", [JSON, "text/csv"])
def test_reply_varies_by_media_type_and_coding(agency, name, media_type):
    reply = report(agency, name, Accept=media_type)

    assert {"Accept", "Accept-Encoding"} <= set(reply.headers["Vary"].split(", "))
    assert reply.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("name", ALL_REPORTS)
def test_media_type_and_coding_each_have_an_etag_of_their_own(agency, name):
    tags = {}
    for media_type in (JSON, "text/csv"):
        plain = report(agency, name, Accept=media_type)
        compressed = report(agency, name, Accept=media_type, Accept_Encoding="gzip")
        body = compressed.data
        if compressed.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
            assert compressed.headers["ETag"] == f'"{base64url.digest(body)}-gz"'
        assert plain.data == body
        assert plain.headers["ETag"] == f'"{base64url.digest(body)}"'
        tags[media_type] = plain.headers["ETag"]

    assert tags[JSON] != tags["text/csv"]


@pytest.mark.parametrize("name", ALL_REPORTS)
@pytest.mark.parametrize("media_type", [JSON, "text/csv"])
def test_etag_answers_304_for_its_own_media_type_alone(agency, name, media_type):
    tag = report(agency, name, Accept=media_type).headers["ETag"]
    other = JSON if media_type == "text/csv" else "text/csv"

    again = report(agency, name, Accept=media_type, If_None_Match=tag)
    elsewhere = report(agency, name, Accept=other, If_None_Match=tag)

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert "Accept" in again.headers["Vary"].split(", ")
    assert (elsewhere.status_code, elsewhere.mimetype) == (200, other)


@pytest.mark.parametrize("name", ["trend", "score"])
def test_problem_is_json_whatever_media_type_was_asked_for(agency, name):
    reply = get_as(agency, f"/v1/teams/{UUID}/{name}", headers=CSV)

    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")


def test_table_has_the_same_bytes_each_time(agency):
    for name in ALL_REPORTS:
        assert report(agency, name, **CSV).data == report(agency, name, **CSV).data
