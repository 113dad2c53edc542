"""Leavers: a roster ends the devices, codes and rights of everybody it leaves out."""

import json

import pytest

from rapport_schemas.enums import Purpose
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.agency.roster import load_roster
from rapport_service.agency.roster_rules import roster_document, roster_from_document
from rapport_service.agency.service import get_person
from rapport_service.cli.organizations import roster as rosters
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.pollbook.models import Draw, Elector
from rapport_service.pollbook.roster import replace_roster
from rapport_service.registry.models import WaveReader
from tests.cli.command_runner import run_command
from tests.pollbook.poll_book_requests import SEVEN, bearer, enrol, outcome, refresh
from tests.support.admin import AdminClient, audit_entries, program_headers
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import kid_of
from tests.support.concurrency import open_transaction
from tests.support.http_phone import Phone, content, item, submit
from tests.support.rows import rows_of

ENDED = (400, "grant-invalid")


@pytest.fixture
def agency(service):
    return service.agency({"a": 8}, supervises={"chief": ["a"], "second": ["a"]})


@pytest.fixture
def roster(agency):
    with read_transaction(Door.POLL_BOOK) as session:
        return roster_document(load_roster(session, agency.id))


@pytest.fixture
def put(service, agency):
    """Puts a roster as the agency's own program does."""
    headers = program_headers(service, *agency.client())

    def put(document):
        reply = service.http.put("/v1/roster", json=document, headers=headers)
        assert reply.status_code == 200, reply.text

    return put


def without(roster, *names):
    people = [p for p in roster["people"] if p["external_id"] not in names]
    return {**roster, "people": people}


def read_teams(service, tokens):
    return outcome(
        service.http.get("/v1/teams", headers=bearer(tokens["access_token"]))
    )


@pytest.mark.parametrize("purpose", list(Purpose))
def test_device_of_a_leaver_ends_and_stays_ended_when_the_number_comes_back(
    service, agency, roster, put, purpose
):
    tokens = enrol(service, agency.code("chief", purpose)).get_json()

    put(without(roster, "chief"))

    assert read_teams(service, tokens) == (403, "device-revoked")
    assert outcome(refresh(service, tokens["refresh_token"])) == ENDED
    put(roster)
    assert read_teams(service, tokens) == (403, "device-revoked")
    assert outcome(refresh(service, tokens["refresh_token"])) == ENDED


def test_person_who_comes_back_enrols_again(service, agency, roster, put):
    enrol(service, agency.code("chief", Purpose.READING))
    put(without(roster, "chief"))
    put(roster)

    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()

    assert tokens["scope"] == "supervisor"
    assert read_teams(service, tokens) == (200, None)
    assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)


def test_unused_code_of_a_leaver_is_of_no_use_later(service, agency, roster, put):
    unused = agency.code("chief", Purpose.READING)

    put(without(roster, "chief"))
    put(roster)

    assert outcome(enrol(service, unused)) == (410, "code-expired")


def test_device_of_a_person_who_stays_or_moves_goes_on(service, agency, roster, put):
    moved = enrol(service, agency.code("a-1")).get_json()
    stayed = enrol(service, agency.code("a-2")).get_json()
    people = [
        {**person, "team": "agency"} if person["external_id"] == "a-1" else person
        for person in without(roster, "a-8")["people"]
    ]

    put({**roster, "people": people})

    for tokens in (moved, stayed):
        assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)


def test_leaver_is_no_administrator(service, agency, roster, put):
    """Neither the device, nor a code made before, nor a return makes them one."""
    agency.admin_token()  # of another one, who stays
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "chief", Right.ADMIN)
    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    assert tokens["scope"] == "admin supervisor"

    put(without(roster, "chief"))

    minted = service.http.post(
        "/v1/people/a-1/codes",
        json={"purpose": "answering"},
        headers=bearer(tokens["access_token"]),
    )
    assert outcome(minted) == (403, "device-revoked")
    admin = AdminClient(agency)
    for_leaver = admin.post("/v1/people/chief/codes", {"purpose": "reading"})
    assert outcome(for_leaver) == (404, "person-not-found")
    put(roster)
    again = enrol(service, agency.code("chief", Purpose.READING)).get_json()
    assert again["scope"] == "supervisor"


def give_rights(agency):
    """Makes chief the only administrator, and second an auditor: both in the roster."""
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "chief", Right.ADMIN)
        grant_right(session, agency.id, "second", Right.AUDITOR)


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_roster_without_the_last_administrator_is_refused(
    service, agency, roster, query
):
    """It is refused to that administrator and to programs, and changes nothing."""
    give_rights(agency)
    boss = bearer(agency.reader_token("chief"))
    before = service.http.get("/v1/roster", headers=boss).data
    for headers in (boss, program_headers(service, *agency.client())):
        reply = service.http.put(
            f"/v1/roster{query}",
            json=without(roster, "chief", "second"),
            headers=headers,
        )

        assert outcome(reply) == (409, "last-administrator")
        assert "chief" in reply.get_json()["detail"]
    assert service.http.get("/v1/roster", headers=boss).data == before
    assert audit_entries(agency) == []


def test_command_refuses_a_roster_without_the_last_administrator(
    agency, roster, tmp_path
):
    give_rights(agency)
    file = tmp_path / "roster.json"
    file.write_text(json.dumps(without(roster, "chief")))

    for options in ([], ["--dry-run"]):
        refused = run_command(rosters, "put", agency.id, str(file), *options, status=1)
        assert "leaves out every administrator: chief" in " ".join(refused.split())


def test_administrator_and_auditor_who_leave_are_on_record_as_removed(
    service, agency, roster
):
    give_rights(agency)
    client_id, secret = agency.client()
    headers = program_headers(service, client_id, secret)
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "a-1", Right.ADMIN)

    reply = service.http.put(
        "/v1/roster", json=without(roster, "chief", "second", "a-8"), headers=headers
    )

    assert reply.status_code == 200, reply.text
    assert audit_entries(agency) == [
        (client_id, "administrator_removed", "chief"),
        (client_id, "auditor_removed", "second"),
        (client_id, "roster_replaced", agency.id),
    ]


def test_roster_of_an_agency_without_administrators_may_leave_out_anybody(
    agency, roster, put
):
    put(without(roster, "chief", "second"))

    assert [action for _, action, _ in audit_entries(agency)] == ["roster_replaced"]


def test_dry_run_ends_nothing(service, agency, roster):
    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()

    AdminClient(agency).put("/v1/roster?dry_run=true", without(roster, "chief"))

    assert read_teams(service, tokens) == (200, None)
    assert outcome(refresh(service, tokens["refresh_token"])) == (200, None)


def leave(agency, roster, *names):
    """An operation that puts the roster without some people."""
    wanted = roster_from_document(without(roster, *names))
    now = agency.service.clock()
    return lambda session: replace_roster(session, agency.id, wanted, now, TEST_ACTOR)


@pytest.mark.postgresql  # SQLite has one writer, which waits before it reads
def test_roster_waits_for_a_code_being_made_and_ends_it(service, agency, roster):
    """The code is made before the roster and committed after it has begun."""
    deps = service.dependencies

    def mint(session):
        person = get_person(session, agency.id, "a-8")
        return mint_code(
            session, deps.keyring, person, Purpose.ANSWERING, deps.clock(), TEST_ACTOR
        )

    def put_meanwhile():
        with service.app.app_context(), transaction(Door.POLL_BOOK) as session:
            leave(agency, roster, "a-8")(session)

    with open_transaction(service, Door.POLL_BOOK, mint) as minting:
        waited, _, code = minting.run_meanwhile(put_meanwhile)

    assert waited
    assert outcome(enrol(service, code)) == (410, "code-expired")


@pytest.mark.postgresql  # SQLite has one writer, which waits before it reads
def test_code_made_while_a_roster_is_put_is_refused_to_a_leaver(
    service, agency, roster
):
    """The person is looked up before the roster is committed."""
    admin = AdminClient(agency)

    def mint():
        with service.app.app_context():
            return admin.post("/v1/people/a-8/codes", {"purpose": "answering"})

    with open_transaction(
        service, Door.POLL_BOOK, leave(agency, roster, "a-8")
    ) as leaving:
        waited, reply, _ = leaving.run_meanwhile(mint)

    assert waited
    assert outcome(reply) == (404, "person-not-found")


def test_code_of_a_person_who_is_not_in_the_roster_is_unknown(service, agency):
    """Even one that no roster has ended, as a copy of the database could hold it."""
    code = agency.code("a-8")
    agency.change_roster(homes={"a-8": None})

    assert outcome(enrol(service, code)) == (404, "code-unknown")


def ask_status(agency, phone, wave, team):
    return phone.ask(wave, kid_of(agency, wave, team), SEVEN)["status"]


def enrolled_phone(agency, person):
    phone = Phone(agency.service.http)
    phone.enrol(agency.code(person))
    return phone


@pytest.mark.parametrize("has_drawn", [True, False])
def test_number_used_again_takes_no_place_of_a_leaver_in_the_electorate(
    agency, roster, put, has_drawn
):
    """The next person waits for the next wave; nothing says what the leaver did."""
    wave = agency.announce()
    if has_drawn:
        assert ask_status(agency, agency.phone("a-8"), wave, "a") == "signed"
    put(without(roster, "a-8"))
    moved = {"external_id": "a-8", "team": "agency"}
    put({**roster, "people": [*without(roster, "a-8")["people"], moved]})
    following = agency.announce(opens_in=9)

    phone = enrolled_phone(agency, "a-8")

    assert [synced["wave_id"] for synced in phone.sync()["waves"]] == [following]
    assert ask_status(agency, phone, wave, "a") == "not_eligible"
    assert ask_status(agency, phone, following, "agency") == "signed"


def test_ballot_that_a_leaver_has_drawn_counts(agency, roster, put):
    wave = agency.announce()
    ballot = agency.phone("a-8").draw(wave)

    put(without(roster, "a-8"))

    assert (
        submit(agency.service.http, item(ballot, content()))[0]["status"] == "accepted"
    )


def test_person_who_stays_keeps_their_place_in_the_electorate(agency, roster, put):
    wave = agency.announce()
    phone = agency.phone("a-7")
    first = phone.ask(wave, kid_of(agency, wave, "a"), SEVEN)

    put(without(roster, "a-8"))

    assert phone.ask(wave, kid_of(agency, wave, "a"), SEVEN) == first
    assert len(rows_of(Elector, agency)) == 9
    assert len(rows_of(Draw, agency)) == 1


def test_number_used_again_reads_nothing_that_the_leaver_read(
    service, agency, roster, put
):
    agency.announce()
    put(without(roster, "chief"))
    plain = {"external_id": "chief", "team": "a"}
    put({**roster, "people": [*without(roster, "chief")["people"], plain]})

    tokens = enrol(service, agency.code("chief", Purpose.READING)).get_json()

    assert tokens["scope"] == ""
    with read_transaction(Door.POLL_BOOK) as session:
        person_id = get_person(session, agency.id, "chief").person_id
    assert person_id not in {row.person_id for row in rows_of(WaveReader, agency)}


@pytest.mark.postgresql  # SQLite has one writer, which waits before it reads
def test_draw_while_a_roster_removes_the_person_is_not_eligible(
    service, agency, roster
):
    wave = agency.announce()
    phone = agency.phone("a-8")

    def draw():
        with service.app.app_context():
            return ask_status(agency, phone, wave, "a")

    with open_transaction(
        service, Door.POLL_BOOK, leave(agency, roster, "a-8")
    ) as leaving:
        waited, status, _ = leaving.run_meanwhile(draw)

    assert (waited, status) == (True, "not_eligible")
    assert rows_of(Draw, agency) == []
