"""The registry is closed and alive: each code has a way to come about, kept here."""

import pytest
from psycopg.errors import DeadlockDetected, DiskFull
from sqlalchemy.exc import OperationalError

from rapport_schemas.problems import Problem
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.app import create_app
from rapport_service.core.db import Door, transaction
from rapport_service.core.settings import Settings
from tests.api import problem_checks
from tests.api.routes import UUID, token, token_on_record
from tests.pollbook.poll_book_requests import bearer
from tests.support.concurrency import failing_commits
from tests.support.http_phone import Phone, content, item, post_items
from tools.openapi.conformance import ContractClient

TRIGGERS = {}


def triggers(of):
    """Notes a function as the way in which a problem comes about."""

    def note(function):
        TRIGGERS[of] = function
        return function

    return note


def untriggered_codes(ways):
    """Codes of the registry that nothing can bring about: dead ones."""
    return set(Problem) - set(ways)


def test_code_of_the_catalogue_can_be_produced():
    assert untriggered_codes(TRIGGERS) == set()


def test_planted_dead_code_is_detected():
    assert untriggered_codes(
        {p: w for p, w in TRIGGERS.items() if p is not Problem.BUSY}
    ) == {Problem.BUSY}


def test_codes_are_words_and_no_two_are_alike():
    codes = {p.kind.code for p in Problem}

    assert len(codes) == len(Problem)
    assert {p.name.lower().replace("_", "-") for p in Problem} == codes


@pytest.mark.parametrize("expected", Problem, ids=lambda p: p.kind.code)
def test_problem_can_be_produced_in_good_form(service, expected):
    reply = TRIGGERS[expected](service)

    assert problem_checks.read_problem(reply) is expected


@triggers(Problem.MALFORMED)
def not_json(service):
    return service.http.post(
        "/v1/submissions", data=b"{", content_type="application/json"
    )


@triggers(Problem.INVALID)
def a_rule_broken(service):
    return service.http.post("/v1/submissions", json={})


@triggers(Problem.CREDENTIALS_NOT_WANTED)
def a_cookie(service):
    return service.http.get("/v1/keys/x", headers={"Cookie": "a=b"})


@triggers(Problem.UNAUTHENTICATED)
def no_token(service):
    return service.http.get("/v1/sync")


@triggers(Problem.TOKEN_EXPIRED)
def an_old_token(service):
    header = token({"member"})
    service.clock.advance(hours=1)
    return service.http.get("/v1/sync", headers=header)


@triggers(Problem.SCOPE_MISSING)
def a_client_of_one_team_puts_the_whole_roster(service):
    agency = service.agency({"a": 8})
    client_id, secret = agency.client("a")
    access = service.http.post(
        "/v1/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    ).get_json()["access_token"]
    return service.http.put(
        "/v1/roster",
        json={
            "teams": [{"external_id": "agency", "name": "A", "parent": None}],
            "people": [],
        },
        headers={"Authorization": f"Bearer {access}"},
    )


@triggers(Problem.REMOVALS_UNCONFIRMED)
def half_a_roster(service):
    return put_root_alone(service.agency({"a": 40}))


@triggers(Problem.READING_CODE_REFUSED)
def a_code_to_act_as_an_auditor(service):
    agency = service.agency({"a": 8})
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "a-1", Right.AUDITOR)
    return service.http.post(
        "/v1/people/a-1/codes",
        json={"purpose": "reading"},
        headers=bearer(agency.admin_token()),
    )


@triggers(Problem.LAST_ADMINISTRATOR)
def a_roster_without_its_only_administrator(service):
    agency = service.agency({"a": 8})
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, "a-1", Right.ADMIN)
    return put_root_alone(agency, by=agency.reader_token("a-1"))


@triggers(Problem.PRECONDITION_FAILED)
def a_roster_that_has_changed(service):
    return put_root_alone(service.agency({"a": 8}), **{"If-Match": '"another"'})


def put_root_alone(agency, by=None, **headers):
    root = {"external_id": "agency", "name": "A", "parent": None}
    return agency.service.http.put(
        "/v1/roster",
        json={"teams": [root], "people": []},
        headers={**bearer(by or agency.admin_token()), **headers},
    )


@triggers(Problem.DEVICE_REVOKED)
def an_earlier_phone_draws(service):
    agency = service.agency({"a": 8})
    agency.announce()
    phone = agency.phone("a-1")
    Phone(service.http).enrol(agency.code("a-1"))
    return service.http.post(
        "/v1/ballots",
        json={"requests": [{"wave_id": "w", "ballot_key_id": "k", "blinded": "b"}]},
        headers=phone.authorization,
    )


@triggers(Problem.CODE_UNKNOWN)
def an_unknown_code(service):
    return enrol(service, "acme-7QFM-29XK-T4WD")


@triggers(Problem.CODE_USED)
def a_code_on_a_second_phone(service):
    code = service.agency({"a": 8}).code("a-1")
    Phone(service.http).enrol(code)
    return enrol(service, code)


@triggers(Problem.ID_USED)
def two_pulses_under_one_id(service):
    headers = token_on_record({"admin"}, service.agency({"a": 8}).id)
    body = {"id": UUID, "first_opens": "2027-03-15T09:00"}
    service.http.post("/v1/pulses", json=body, headers=headers)
    return service.http.post(
        "/v1/pulses", json=body | {"open_days": 1}, headers=headers
    )


@triggers(Problem.WINDOW_TAKEN)
def a_pulse_while_another_asks(service):
    headers = token_on_record({"admin"}, service.agency({"a": 8}).id)
    body = {"first_opens": "2027-03-15T09:00"}
    service.http.post("/v1/pulses", json=body, headers=headers)
    return service.http.post("/v1/pulses", json=body, headers=headers)


@triggers(Problem.CODE_EXPIRED)
def a_code_after_thirty_days(service):
    code = service.agency({"a": 8}).code("a-1")
    service.clock.advance(days=30)
    return enrol(service, code)


def enrol(service, code):
    return service.http.post("/v1/enrolments", json={"code": code, "device": "A" * 43})


@triggers(Problem.GRANT_INVALID)
def a_refresh_token_of_another_service(service):
    return service.http.post(
        "/v1/token", data={"grant_type": "refresh_token", "refresh_token": "a.b.c.d"}
    )


@triggers(Problem.GRANT_UNSUPPORTED)
def a_password(service):
    return service.http.post("/v1/token", data={"grant_type": "password"})


@triggers(Problem.CLIENT_INVALID)
def another_secret(service):
    return service.http.post(
        "/v1/token", data={"grant_type": "client_credentials"}, auth=("acme.x", "y")
    )


@triggers(Problem.NOT_FOUND)
def nothing_there(service):
    return service.http.get("/v1/nothing")


@triggers(Problem.TEAM_NOT_FOUND)
def an_unknown_team(service):
    return service.http.get(
        f"/v1/teams/{UUID}/score", headers=token_on_record({"admin"})
    )


@triggers(Problem.NOTHING_MEASURED)
def a_team_before_its_first_wave(service):
    agency = service.agency({"a": 8})
    return service.http.get(
        f"/v1/teams/{agency.team_id('a')}/score",
        headers=token_on_record({"admin"}, agency.id),
    )


@triggers(Problem.METHOD_NOT_ALLOWED)
def deleting_a_submission(service):
    return service.http.delete("/v1/submissions")


@triggers(Problem.TOO_LARGE)
def a_whole_book(service):
    return service.http.post(
        "/v1/submissions",
        data=b" " * (1024 * 1024 + 1),
        content_type="application/json",
    )


@triggers(Problem.MEDIA_TYPE_UNSUPPORTED)
def a_form_where_json_is_wanted(service):
    return service.http.post("/v1/submissions", data={"a": "b"})


@triggers(Problem.BAD_REQUEST)
def a_body_that_breaks_off(service):
    return service.http.post(
        "/v1/submissions",
        data=b"{",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "100"},
    )


@triggers(Problem.INTERNAL)
def unexpected_failure(service):
    del service
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.add_url_rule("/v1/planted", view_func=lambda: 1 / 0)
    return app.test_client().get("/v1/planted")


@triggers(Problem.NOT_READY)
def no_database_yet(service):
    del service
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.test_client_class = ContractClient
    return app.test_client().get("/readyz")


def fail_commit(service, driver_error):
    with failing_commits(OperationalError("COMMIT", {}, driver_error)):
        return post_items(service.http, item("x", content()))


@triggers(Problem.STORAGE_FULL)
def full_disk(service):
    return fail_commit(service, DiskFull())


@triggers(Problem.BUSY)
def deadlock(service):
    return fail_commit(service, DeadlockDetected())


def as_admin(service, agency, path, **kwargs):
    header = {"Authorization": f"Bearer {agency.admin_token()}"}
    return service.http.post(path, headers=header, **kwargs)


@triggers(Problem.WAVE_ENDED)
def cancelling_for_another_reason(service):
    agency = service.agency({"a": 8})
    path = f"/v1/waves/{agency.announce()}/cancel"
    as_admin(service, agency, path, json={"reason": "a mistake"})
    return as_admin(service, agency, path, json={"reason": "a storm"})


@triggers(Problem.PULSE_NOT_FOUND)
def stopping_no_pulse(service):
    return as_admin(service, service.agency({"a": 8}), f"/v1/pulses/{UUID}/stop")


@triggers(Problem.MARKER_NOT_FOUND)
def retracting_no_marker(service):
    return as_admin(service, service.agency({"a": 8}), f"/v1/markers/{UUID}/retract")


@triggers(Problem.PERSON_NOT_FOUND)
def a_code_for_an_unknown_person(service):
    agency = service.agency({"a": 8})
    asked = {"purpose": "answering"}
    return as_admin(service, agency, "/v1/people/nobody/codes", json=asked)


@triggers(Problem.CLIENT_NOT_FOUND)
def rotating_no_client(service):
    agency = service.agency({"a": 8})
    return as_admin(service, agency, f"/v1/clients/{agency.id}.{UUID}/rotate")


@triggers(Problem.CLIENT_REVOKED)
def rotating_a_client_that_was_revoked(service):
    agency = service.agency({"a": 8})
    client_id, _ = agency.client()
    as_admin(service, agency, f"/v1/clients/{client_id}/revoke")
    return as_admin(service, agency, f"/v1/clients/{client_id}/rotate")
