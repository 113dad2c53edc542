"""Pages of every list: ``limit`` and ``after`` go in, ``next`` comes out."""

import json
import re
from datetime import date
from urllib.parse import urljoin, urlsplit

import pytest

from rapport_schemas.paging import DEFAULT_PAGE_ENTRIES, MAX_PAGE_ENTRIES
from rapport_service.encoding import base64url
from tests.pollbook.poll_book_requests import bearer
from tests.reports.report_requests import client_access_token
from tests.support.admin import AdminClient, fields_of
from tests.sustainment.planted_releases import plant_marker, plant_release
from tools.openapi.document import DOCUMENT_PATH

OPERATIONS = {
    operation["operationId"]: (path, operation)
    for path, methods in json.loads(DOCUMENT_PATH.read_bytes())["paths"].items()
    for operation in methods.values()
}
SCHEMAS = json.loads(DOCUMENT_PATH.read_bytes())["components"]["schemas"]


def reply_members(operation):
    """The members of an operation's reply; none where it has no one schema."""
    media = operation["responses"].get("200", {}).get("content", {})
    ref = media.get("application/json", {}).get("schema", {}).get("$ref", "")
    return SCHEMAS.get(ref.rpartition("/")[2], {}).get("properties", {})


def query_parameters(operation):
    return {
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter.get("in") == "query"
    }


PAGED = sorted(
    name
    for name, (_, operation) in OPERATIONS.items()
    if "next" in reply_members(operation)
)
ENTRIES = {
    "get_team_trend": "waves",
    "list_wave_releases": "releases",
    "list_audit": "entries",
}
"""The member with the entries, where the operation's name does not end in it."""

WHOLE = {"sync", "get_roster", "get_team_heatmap", "list_problems"}
"""Whole on purpose; the kinds of problems are a list that the code has."""

WRONG_LIMITS = (
    *("0", "501", "-1", "+1", "1.0", "1e2", "", " 1", "one", "٣", "9" * 30),
)
WRONG_CURSORS = ("", "x", "é", "\0", "A" * 107, "A" * 3000, "../..", "null", "0")

CSV_LISTS = ("list_teams", "get_team_trend")


def test_operation_that_has_a_next_takes_limit_and_after_and_no_other_does():
    for name, (_, operation) in OPERATIONS.items():
        expected = {"limit", "after"} if name in PAGED else set()
        assert query_parameters(operation) & {"limit", "after"} == expected, name


def test_operation_that_lists_has_a_next():
    listing = {name for name in OPERATIONS if name.startswith("list_")}

    assert listing - WHOLE <= set(PAGED)
    assert "get_team_trend" in PAGED
    assert not WHOLE & set(PAGED)


@pytest.fixture(scope="module")
def agency(service_session):
    """An agency with three or more of everything that is listed; no test adds any."""
    service_session.clock.reset()
    agency = service_session.agency(
        dict.fromkeys("abcd", 2), supervises={"director": ["agency"]}
    )
    admin = AdminClient(agency)
    for _ in range(3):
        agency.client("a", "b")
        plant_marker(agency, "policy_change", date(2027, 1, 4))
        plant_marker(agency, "policy_change", date(2027, 1, 3), team="c")
        pulse = admin.post("/v1/pulses", {"first_opens": "2027-05-03T09:00"}).get_json()
        admin.post(f"/v1/pulses/{pulse['id']}/stop")
    for day in (0, 14, 14, 28):
        wave = plant_release(agency, day, {})
    plant_release(agency, 28, {}, number=2, wave=wave)
    plant_release(agency, 28, {}, number=3, wave=wave)
    return agency


@pytest.fixture
def admin(service, agency):
    del service  # whose context it is
    return AdminClient(agency)


def address_of(agency, name):
    """The path of a list."""
    path, _ = OPERATIONS[name]
    newest = max(
        AdminClient(agency).get("/v1/waves").get_json()["waves"],
        key=lambda wave: wave["opens_at"],
    )
    return path.format(team_id=agency.team_id("a"), wave_id=newest["id"])


def entries_of(name, document):
    return document[ENTRIES.get(name, name.removeprefix("list_"))]


def read_pages(admin, address, limit):
    """Every page of a list."""
    pages, after = [], ""
    while after is not None:
        reply = admin.get(f"{address}?limit={limit}{after and f'&after={after}'}")
        assert reply.status_code == 200, reply.text
        pages.append(reply.get_json())
        after = pages[-1]["next"]
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, MAX_PAGE_ENTRIES])
@pytest.mark.parametrize("name", PAGED)
def test_pages_are_together_the_list_and_none_but_the_last_is_short(
    agency, admin, name, limit
):
    address = address_of(agency, name)
    whole = admin.get(address).get_json()

    pages = read_pages(admin, address, limit)

    entries = entries_of(name, whole)
    assert len(entries) >= 3
    assert whole["next"] is None
    assert [entry for page in pages for entry in entries_of(name, page)] == entries
    *full, last = [len(entries_of(name, page)) for page in pages]
    assert set(full) <= {limit}
    assert 0 < last <= limit


@pytest.mark.parametrize("name", PAGED)
def test_page_has_an_etag_that_is_the_same_next_time(agency, admin, name):
    page = f"{address_of(agency, name)}?limit=1"
    tag = admin.get(page).headers["ETag"]

    assert admin.get(page, **{"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", PAGED)
def test_limit_that_is_not_a_number_from_1_to_500_is_refused(agency, admin, name):
    path = address_of(agency, name)

    for limit in WRONG_LIMITS:
        reply = admin.http.get(
            path, query_string={"limit": limit}, headers=admin.headers
        )
        assert fields_of(reply) == ["limit"], limit


@pytest.mark.parametrize("name", PAGED)
def test_after_that_is_no_cursor_is_refused_by_name(agency, admin, name):
    path = address_of(agency, name)

    for after in WRONG_CURSORS:
        reply = admin.http.get(
            path, query_string={"after": after}, headers=admin.headers
        )
        assert fields_of(reply) == ["after"], after


@pytest.mark.parametrize("name", PAGED)
def test_cursor_of_another_list_is_refused(agency, admin, name):
    path = address_of(agency, name)
    for other in set(PAGED) - {name}:
        cursor = admin.get(f"{address_of(agency, other)}?limit=1").get_json()["next"]
        assert fields_of(admin.get(f"{path}?after={cursor}")) == ["after"]


def test_cursor_of_another_team_filter_or_agency_is_refused(service, agency, admin):
    cursor = admin.get("/v1/people?limit=1").get_json()["next"]
    trend = f"/v1/teams/{agency.team_id('a')}/trend"
    point = admin.get(f"{trend}?limit=1").get_json()["next"]
    elsewhere = AdminClient(service.agency({"a": 2}))

    for reply in (
        admin.get(f"/v1/people?external_id=a-1&after={cursor}"),
        admin.get(f"/v1/teams/{agency.team_id('b')}/trend?after={point}"),
        elsewhere.get(f"/v1/people?after={cursor}"),
    ):
        assert fields_of(reply) == ["after"]


def test_filter_goes_with_pages(admin):
    listed = admin.get("/v1/people?external_id=a-1&limit=1").get_json()

    assert [person["external_id"] for person in listed["people"]] == ["a-1"]
    assert listed["next"] is None


def test_limit_may_change_from_page_to_page(admin):
    first = admin.get("/v1/teams?limit=1").get_json()
    rest = admin.get(f"/v1/teams?limit=500&after={first['next']}").get_json()

    whole = admin.get("/v1/teams").get_json()
    assert first["teams"] + rest["teams"] == whole["teams"]


def test_list_has_100_entries_a_page_unless_the_caller_says_more(service):
    admin = AdminClient(service.agency({"a": 130}))

    pages = read_pages(admin, "/v1/people", MAX_PAGE_ENTRIES)
    first = admin.get("/v1/people").get_json()

    assert [len(page["people"]) for page in pages] == [130]
    assert len(first["people"]) == DEFAULT_PAGE_ENTRIES == 100
    assert first["next"]


def test_cursor_does_not_show_its_place(admin):
    cursor = admin.get("/v1/people?limit=1").get_json()["next"]

    assert re.fullmatch("[A-Za-z0-9_-]+", cursor)
    assert b"a-1" not in base64url.decode(cursor)


@pytest.mark.parametrize("name", ["list_teams", "list_markers"])
def test_pages_are_cut_after_the_readers_rights(agency, admin, name):
    """So no page is short or empty before the end, and nothing tells of other teams."""
    program = AdminClient(agency)
    program.headers = bearer(client_access_token(agency, "b", "d"))
    address = address_of(agency, name)

    pages = read_pages(program, address, 1)

    whole = entries_of(name, program.get(address).get_json())
    assert [entries_of(name, page) for page in pages] == [[entry] for entry in whole]
    assert len(whole) < len(entries_of(name, admin.get(address).get_json()))


def test_cursor_of_an_administrator_shows_others_nothing_more(service, agency, admin):
    cursor = admin.get("/v1/teams?limit=1").get_json()["next"]
    headers = bearer(client_access_token(agency, "b"))

    reply = service.http.get(f"/v1/teams?after={cursor}", headers=headers)

    assert [team["external_id"] for team in reply.get_json()["teams"]] == ["b"]


@pytest.mark.parametrize("name", CSV_LISTS)
def test_csv_has_the_address_of_the_next_page_in_link(agency, admin, name):
    address, csv = f"{address_of(agency, name)}?limit=2", {"Accept": "text/csv"}
    rows, url = [], address

    while url is not None:
        reply = admin.get(url, **csv)
        header, *page = reply.text.splitlines()
        rows += page
        link = re.fullmatch('<(.+)>; rel="next"', reply.headers.get("Link", ""))
        url = link and urljoin(f"https://acme.example{url}", link[1])
        url = url and url.removeprefix("https://acme.example")
        assert url is None or urlsplit(url).path == urlsplit(address).path

    whole = admin.get(address_of(agency, name), **csv)
    assert [header, *rows] == whole.text.splitlines()
    assert "Link" not in whole.headers


def test_link_keeps_the_filters_of_the_request(admin):
    reply = admin.get("/v1/teams?limit=1", Accept="text/csv")

    cursor = admin.get("/v1/teams?limit=1").get_json()["next"]
    assert reply.headers["Link"] == f'</v1/teams?limit=1&after={cursor}>; rel="next"'


def test_json_has_no_link(admin):
    assert "Link" not in admin.get("/v1/teams?limit=1").headers


def test_etag_of_csv_changes_when_the_list_goes_on(service):
    agency = service.agency({"a": 1})
    admin, csv = AdminClient(agency), {"Accept": "text/csv"}
    before = admin.get("/v1/teams?limit=2", **csv)
    agency.put({"a": 1, "b": 1}, {}, {})

    after = admin.get(
        "/v1/teams?limit=2", **csv, **{"If-None-Match": before.headers["ETag"]}
    )

    assert (after.status_code, after.data) == (200, before.data)
    assert "Link" in after.headers


def test_rows_that_come_and_go_between_pages_move_no_other_row(service):
    agency = service.agency({"b": 1, "d": 1, "f": 1})
    admin = AdminClient(agency)
    first = admin.get("/v1/teams?limit=2").get_json()

    agency.put({"a": 1, "c": 1, "f": 1}, {}, {})
    second = admin.get(f"/v1/teams?limit=2&after={first['next']}").get_json()

    names = [
        [team["external_id"] for team in page["teams"]] for page in (first, second)
    ]
    assert names == [["agency", "b"], ["c", "f"]]
    assert second["next"] is None


def test_heading_and_explanation_are_those_of_the_whole_trend_on_each_page(
    agency, admin
):
    path = address_of(agency, "get_team_trend")
    whole = admin.get(path).get_json()

    pages = read_pages(admin, path, 1)

    assert len(pages) == 4
    for page in pages:
        assert page["heading"] == whole["heading"]
        assert page["explanation"] == whole["explanation"]
    assert [wave["opens_at"] for wave in whole["waves"]] == sorted(
        (wave["opens_at"] for wave in whole["waves"]), reverse=True
    )
