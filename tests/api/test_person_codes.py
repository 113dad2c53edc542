"""``POST /v1/people/{external_id}/codes``: callers, people, and the audit."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import segno

from rapport_service.agency.administrators import Right, grant_right
from rapport_service.cli.enrolment import codes
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.models import EnrolmentCode
from tests.cli.command_runner import run_command
from tests.pollbook.poll_book_requests import enrol
from tests.support.admin import audit_entries, code_of, fields_of, program_headers
from tests.support.rows import rows_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def agency(service):
    return service.agency({"a": 2}, supervises={"chief": ["a"]})


def mint(admin, person, purpose="answering"):
    return admin.post(f"/v1/people/{person}/codes", {"purpose": purpose})


def test_a_code_for_answering_enrols_a_member(service, admin):
    reply = mint(admin, "a-1")
    made = reply.get_json()

    assert reply.status_code == 201
    assert made["expires_at"] == "2027-03-31T12:00:00Z"
    assert enrol(service, made["code"]).json["scope"] == "member"


def test_a_code_for_reading_enrols_with_what_the_person_supervises(service, admin):
    made = mint(admin, "chief", "reading").get_json()

    assert enrol(service, made["code"]).json["scope"] == "supervisor"


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("person", ["chief", "guest"])
def test_code_to_act_as_another_administrator_or_auditor_is_refused(
    agency, admin, right, person
):
    """In the roster or not; they get a code to answer, and the command makes others."""
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, person, right)
    kept = len(rows_of(EnrolmentCode, agency))

    refused = mint(admin, person, "reading")

    assert (refused.status_code, code_of(refused)) == (403, "reading-code-refused")
    assert len(rows_of(EnrolmentCode, agency)) == kept
    assert audit_entries(agency) == []
    assert mint(admin, person).status_code == 201
    run_command(codes, "mint", agency.id, person, "--reading")


def test_administrator_makes_a_code_for_reading_for_themselves(service, admin):
    made = mint(admin, "admin", "reading").get_json()

    assert enrol(service, made["code"]).json["scope"] == "admin"


def test_the_administrator_is_on_record_as_the_one_who_made_it(agency, admin):
    mint(admin, "a-1")
    mint(admin, "chief", "reading")

    assert sorted(audit_entries(agency)) == [
        ("admin", "code_created", "a-1"),
        ("admin", "code_created", "chief"),
    ]


def test_the_picture_is_the_code_in_capitals_and_runs_nothing(admin):
    made = mint(admin, "a-1").get_json()
    root = ET.fromstring(made["qr"])
    expected = BytesIO()
    segno.make_qr(made["code"].upper(), error="m").save(
        expected, kind="svg", xmldecl=False, scale=4, light="white"
    )

    assert root.tag == f"{SVG}svg"
    assert {node.tag for node in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "path", "g")
    }
    drawn, again = (
        [node.get("d") for node in picture.iter(f"{SVG}path")]
        for picture in (root, ET.fromstring(expected.getvalue()))
    )
    assert drawn == again


def test_a_code_in_capitals_enrols_too(service, admin):
    made = mint(admin, "a-1").get_json()

    assert enrol(service, made["code"].upper()).status_code == 200


def test_reply_with_a_code_is_never_stored_nor_gzipped(admin):
    reply = admin.post(
        "/v1/people/a-1/codes",
        {"purpose": "answering"},
        **{"Accept-Encoding": "gzip"},
    )

    assert reply.headers["Cache-Control"] == "no-store, no-transform"
    assert reply.content_encoding is None


@pytest.mark.parametrize("person", ["nobody", "a-1/x", "a%2F1", "%20", "%00", "a-1%00"])
def test_person_who_is_not_listed_gets_no_code(agency, admin, person):
    assert code_of(mint(admin, person)) == "person-not-found"
    assert audit_entries(agency) == []


def test_an_id_with_a_slash_can_be_named(service, agency, admin):
    roster = {
        "teams": [{"external_id": "agency", "name": "A", "parent": None}],
        "people": [{"external_id": "county/7", "team": "agency"}],
    }
    assert admin.put("/v1/roster", roster).status_code == 200

    made = mint(admin, "county%2F7").get_json()

    assert enrol(service, made["code"]).status_code == 200
    assert ("admin", "code_created", "county/7") in audit_entries(agency)


def test_a_code_is_for_answering_or_for_reading(admin):
    assert fields_of(mint(admin, "a-1", "both")) == ["purpose"]


def test_only_administrators_make_codes(service, agency):
    headers = program_headers(service, *agency.client())

    refused = service.http.post("/v1/people/a-1/codes", json={}, headers=headers)

    assert code_of(refused) == "scope-missing"
