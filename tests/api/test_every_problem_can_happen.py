"""The registry is closed and alive: each code has a way to come about, kept here."""

import pytest

from rapport_schemas.problems import Problem
from rapport_service.app import create_app
from rapport_service.settings import Settings
from tests.api import problem
from tests.api.routes import UUID, known, token
from tests.contract.published import ContractClient
from tests.phone import Phone

WAYS = {}


def way(of):
    """Notes a function as the way in which a problem comes about."""

    def note(function):
        WAYS[of] = function
        return function

    return note


def missing(ways):
    """Codes of the registry that nothing can bring about: dead ones."""
    return set(Problem) - set(ways)


def test_every_code_of_the_registry_has_a_way_to_happen():
    assert missing(WAYS) == set()


def test_a_planted_dead_code_is_found():
    assert missing({p: w for p, w in WAYS.items() if p is not Problem.BUSY}) == {
        Problem.BUSY
    }


def test_codes_are_words_and_no_two_are_alike():
    codes = {p.kind.code for p in Problem}

    assert len(codes) == len(Problem)
    assert {p.name.lower().replace("_", "-") for p in Problem} == codes


@pytest.mark.parametrize("expected", Problem, ids=lambda p: p.kind.code)
def test_it_happens_and_is_told_in_good_form(house, expected):
    reply = WAYS[expected](house)

    assert problem.of(reply) is expected


@way(Problem.MALFORMED)
def not_json(house):
    return house.http.post(
        "/v1/submissions", data=b"{", content_type="application/json"
    )


@way(Problem.INVALID)
def a_rule_broken(house):
    return house.http.post("/v1/submissions", json={})


@way(Problem.CREDENTIALS_NOT_WANTED)
def a_cookie(house):
    return house.http.get("/v1/keys/x", headers={"Cookie": "a=b"})


@way(Problem.UNAUTHENTICATED)
def no_token(house):
    return house.http.get("/v1/sync")


@way(Problem.TOKEN_EXPIRED)
def an_old_token(house):
    header = token({"member"})
    house.clock.turn(hours=1)
    return house.http.get("/v1/sync", headers=header)


@way(Problem.SCOPE_MISSING)
def a_client_of_one_team_puts_the_whole_roster(house):
    agency = house.agency({"a": 8})
    client_id, secret = agency.client("a")
    access = house.http.post(
        "/v1/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    ).get_json()["access_token"]
    return house.http.put(
        "/v1/roster",
        json={
            "teams": [{"external_id": "agency", "name": "A", "parent": None}],
            "people": [],
        },
        headers={"Authorization": f"Bearer {access}"},
    )


@way(Problem.DEVICE_REVOKED)
def an_earlier_phone_draws(house):
    agency = house.agency({"a": 8})
    agency.announce()
    phone = agency.phone("a-1")
    Phone(house.http).enrol(agency.code("a-1"))
    return house.http.post(
        "/v1/ballots",
        json={"requests": [{"wave": "w", "kid": "k", "blinded": "b"}]},
        headers=phone.authorization,
    )


@way(Problem.CODE_UNKNOWN)
def a_code_that_nobody_made(house):
    return enrol(house, "acme-7QFM-29XK-T4WD")


@way(Problem.CODE_USED)
def a_code_on_a_second_phone(house):
    code = house.agency({"a": 8}).code("a-1")
    Phone(house.http).enrol(code)
    return enrol(house, code)


@way(Problem.CODE_EXPIRED)
def a_code_after_thirty_days(house):
    code = house.agency({"a": 8}).code("a-1")
    house.clock.turn(days=30)
    return enrol(house, code)


def enrol(house, code):
    return house.http.post("/v1/enrolments", json={"code": code, "device": "A" * 43})


@way(Problem.GRANT_INVALID)
def a_refresh_token_of_another_house(house):
    return house.http.post(
        "/v1/token", data={"grant_type": "refresh_token", "refresh_token": "a.b.c.d"}
    )


@way(Problem.GRANT_UNSUPPORTED)
def a_password(house):
    return house.http.post("/v1/token", data={"grant_type": "password"})


@way(Problem.CLIENT_INVALID)
def another_secret(house):
    return house.http.post(
        "/v1/token", data={"grant_type": "client_credentials"}, auth=("acme.x", "y")
    )


@way(Problem.NOT_FOUND)
def nothing_there(house):
    return house.http.get("/v1/nothing")


@way(Problem.TEAM_NOT_FOUND)
def a_team_of_nobody(house):
    return house.http.get(f"/v1/teams/{UUID}/scores", headers=known({"admin"}))


@way(Problem.NOTHING_MEASURED)
def a_team_before_its_first_wave(house):
    agency = house.agency({"a": 8})
    return house.http.get(
        f"/v1/teams/{agency.team_id('a')}/scores",
        headers=known({"admin"}, agency.id),
    )


@way(Problem.METHOD_NOT_ALLOWED)
def deleting_a_submission(house):
    return house.http.delete("/v1/submissions")


@way(Problem.TOO_LARGE)
def a_whole_book(house):
    return house.http.post(
        "/v1/submissions",
        data=b" " * (1024 * 1024 + 1),
        content_type="application/json",
    )


@way(Problem.MEDIA_TYPE_UNSUPPORTED)
def a_form_where_json_is_wanted(house):
    return house.http.post("/v1/submissions", data={"a": "b"})


@way(Problem.BAD_REQUEST)
def a_body_that_breaks_off(house):
    return house.http.post(
        "/v1/submissions",
        data=b"{",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": "100"},
    )


@way(Problem.INTERNAL)
def something_nobody_thought_of(house):
    del house
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.add_url_rule("/v1/planted", view_func=lambda: 1 / 0)
    return app.test_client().get("/v1/planted")


@way(Problem.NOT_READY)
def no_database_yet(house):
    del house
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.test_client_class = ContractClient
    return app.test_client().get("/readyz")


@way(Problem.BUSY)
def no_database(house):
    del house
    app = create_app(
        Settings(bytes(32), "postgresql+psycopg://nobody@/none?host=/nowhere")
    )
    return app.test_client().get(f"/v1/waves/acme.{UUID}/charter")


def as_admin(house, agency, path, **kwargs):
    header = {"Authorization": f"Bearer {agency.admin_token()}"}
    return house.http.post(path, headers=header, **kwargs)


@way(Problem.WAVE_ENDED)
def cancelling_twice(house):
    agency = house.agency({"a": 8})
    path = f"/v1/waves/{agency.announce()}/cancel"
    as_admin(house, agency, path, json={"reason": "a mistake"})
    return as_admin(house, agency, path, json={"reason": "a mistake"})


@way(Problem.PULSE_NOT_FOUND)
def stopping_no_pulse(house):
    return as_admin(house, house.agency({"a": 8}), f"/v1/pulses/{UUID}/stop")


@way(Problem.MARKER_NOT_FOUND)
def retracting_no_marker(house):
    return as_admin(house, house.agency({"a": 8}), f"/v1/markers/{UUID}/retract")


@way(Problem.PERSON_NOT_FOUND)
def a_code_for_nobody(house):
    agency = house.agency({"a": 8})
    asked = {"purpose": "answering"}
    return as_admin(house, agency, "/v1/people/nobody/codes", json=asked)


@way(Problem.CLIENT_NOT_FOUND)
def rotating_no_client(house):
    agency = house.agency({"a": 8})
    return as_admin(house, agency, f"/v1/clients/{agency.id}.{UUID}/rotate")


@way(Problem.CLIENT_REVOKED)
def rotating_a_client_that_was_revoked(house):
    agency = house.agency({"a": 8})
    client_id, _ = agency.client()
    as_admin(house, agency, f"/v1/clients/{client_id}/revoke")
    return as_admin(house, agency, f"/v1/clients/{client_id}/rotate")
