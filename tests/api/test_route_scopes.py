import base64
import json

import jwt
import pytest
from flask import Flask

from rapport_schemas.enums import Scope
from rapport_schemas.problems import Problem
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.api.auth import require_scope
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.tokens import ISSUER
from tests.api import problem_checks
from tests.api.routes import (
    PUBLIC,
    ROUTES,
    routes,
    token,
    token_on_record,
    unprotected_routes,
)

PROTECTED = [route for route in ROUTES if route.scopes is not None]
BY_NAME = {"argvalues": PROTECTED, "ids": str}

# Also when it changes, somebody has to look: who may do what is part of the contract.
EXPECTED = {
    "GET ballots.sync": {"member"},
    "POST ballots.draw_ballots": {"member"},
    "GET teams.list_teams": {"member", "supervisor", "admin", "reports"},
    "GET teams.get_team": {"member", "supervisor", "admin", "reports"},
    "GET teams.get_team_score": {"member", "supervisor", "admin", "reports"},
    "GET teams.get_team_trend": {"member", "supervisor", "admin", "reports"},
    "GET teams.get_team_heatmap": {"member", "supervisor", "admin", "reports"},
    "GET organization.get_organization": {*map(str, Scope)},
    "PATCH organization.update_organization": {"admin"},
    "GET organization.get_reliability": {"admin", "reports"},
    "GET releases.list_wave_releases": {"member", "supervisor", "admin", "reports"},
    "GET sustainment.get_team_sustainment": {
        "member",
        "supervisor",
        "admin",
        "reports",
    },
    "GET markers.list_markers": {"member", "supervisor", "admin", "reports"},
    "GET markers.get_marker": {"member", "supervisor", "admin", "reports"},
    "GET roster.get_roster": {"admin", "roster"},
    "PUT roster.put_roster": {"admin", "roster"},
    "GET people.list_people": {"admin", "roster"},
    "GET people.get_person": {"admin", "roster"},
    "GET audit.list_audit": {"admin", "audit"},
    "POST codes.create_code": {"admin"},
    "POST devices.revoke_devices": {"admin"},
    "GET clients.list_clients": {"admin"},
    "GET clients.get_client": {"admin"},
    "POST clients.create_client": {"admin"},
    "POST clients.rotate_client": {"admin"},
    "POST clients.revoke_client": {"admin"},
    "GET pulses.list_pulses": {"admin"},
    "GET pulses.get_pulse": {"admin"},
    "POST pulses.create_pulse": {"admin"},
    "POST pulses.stop_pulse": {"admin"},
    "GET waves.list_waves": {"admin"},
    "GET waves.get_wave": {"admin"},
    "POST waves.plan_wave": {"admin"},
    "POST waves.cancel_wave": {"admin"},
    "POST markers.declare_marker": {"admin"},
    "POST markers.retract_marker": {"admin"},
}


def call(service, route, **kwargs):
    return service.http.open(route.path, method=route.method, **route.body, **kwargs)


def test_view_requires_a_scope_or_is_public(service):
    assert unprotected_routes(service.app) == set()
    assert {route.endpoint for route in ROUTES} >= PUBLIC


def test_view_requires_the_expected_scopes(service):
    required = {str(r): r.scopes for r in routes(service.app) if r.scopes is not None}

    assert required == EXPECTED


def test_planted_route_without_protection_is_detected():
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/planted", "planted", lambda: "")
    app.add_url_rule("/good", "good", require_scope(Scope.ADMIN)(lambda _bearer: ""))
    app.add_url_rule("/nobody", "nobody", require_scope()(lambda _bearer: ""))

    assert unprotected_routes(app) == {"GET planted", "GET nobody"}


@pytest.mark.parametrize("route", **BY_NAME)
def test_route_without_a_token_says_401(service, route):
    reply = call(service, route)

    assert problem_checks.read_problem(reply) is Problem.UNAUTHENTICATED
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", **BY_NAME)
def test_route_with_another_scope_says_403_and_the_scopes_it_needs(service, route):
    for scope in set(Scope) - route.scopes:
        reply = call(service, route, headers=token({scope}))

        assert problem_checks.read_problem(reply) is Problem.SCOPE_MISSING
        assert set(reply.get_json()["needs"]) == route.scopes

    nothing = call(service, route, headers=token(set()))

    assert problem_checks.read_problem(nothing) is Problem.SCOPE_MISSING


@pytest.mark.parametrize("route", **BY_NAME)
def test_route_with_one_of_its_scopes_lets_in(service, route):
    agency = service.agency({"a": 8})
    with transaction(Door.POLL_BOOK) as session:
        for right in Right:
            subject = grant_right(session, agency.id, "admin", right).person_id
    for scope in route.scopes:
        reply = call(
            service, route, headers=token_on_record({scope}, agency.id, subject)
        )

        if reply.status_code not in {200, 201, 204}:
            assert problem_checks.read_problem(reply) in {
                Problem.TEAM_NOT_FOUND,
                Problem.PERSON_NOT_FOUND,
                Problem.CLIENT_NOT_FOUND,
                Problem.PULSE_NOT_FOUND,
                Problem.MARKER_NOT_FOUND,
                Problem.NOT_FOUND,
                Problem.NOTHING_MEASURED,
            }


@pytest.mark.parametrize("route", **BY_NAME)
def test_a_token_that_has_run_out_says_so(service, route):
    header = token(route.scopes)
    service.clock.advance(minutes=15)

    reply = call(service, route, headers=header)

    assert problem_checks.read_problem(reply) is Problem.TOKEN_EXPIRED


def segment(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def forged(service):
    """Tokens that are not access tokens of this service, by what is wrong."""
    agency = service.agency({"a": 8})
    tokens = agency.phone("a-1").tokens
    good = tokens["access_token"]
    head, claims, signature = good.split(".")
    read = jwt.decode(good, options={"verify_signature": False})
    key = service.dependencies.keyring.access

    def signed(change, headers):
        return jwt.encode(read | change, key, algorithm="EdDSA", headers=headers)

    typed = {"typ": "at+jwt"}
    none = segment(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
    return {
        "nothing": "",
        "not a token": "token",
        "a refresh token": tokens["refresh_token"],
        "no signature": f"{head}.{claims}.",
        "another signature": f"{head}.{claims}.{'A' * len(signature)}",
        "no algorithm": f"{none}.{claims}.",
        "an algorithm by secret": jwt.encode(
            read, "k" * 32, algorithm="HS256", headers=typed
        ),
        "another type": signed({}, {"typ": "JWT"}),
        "another audience": signed({"aud": "other"}, typed),
        "another issuer": signed({"iss": f"{ISSUER}2"}, typed),
        "a header too deep": f"{segment(b'[' * 5000)}.{claims}.{signature}",
        "a header of another kind": f"{segment(b'7')}.{claims}.{signature}",
        "claims too deep": f"{head}.{segment(b'[' * 5000)}.{signature}",
        "bytes": "\xff\xfe.\xff.\xff",
    }


def test_forged_token_is_unauthenticated(service):
    for wrong, presented in forged(service).items():
        reply = service.http.get(
            "/v1/teams", headers={"Authorization": f"Bearer {presented}"}
        )

        assert problem_checks.read_problem(reply) is Problem.UNAUTHENTICATED, wrong


@pytest.mark.parametrize("scheme", ["Basic", "Token", "", "Bearer,"])
def test_another_scheme_is_no_token(service, scheme):
    bearer = token({Scope.ADMIN})["Authorization"].removeprefix("Bearer")

    reply = service.http.get("/v1/teams", headers={"Authorization": scheme + bearer})

    assert problem_checks.read_problem(reply) is Problem.UNAUTHENTICATED


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_schemes_case_does_not_matter(service, scheme):
    """RFC 9110 section 11.1."""
    agency = service.agency({"a": 8})
    bearer = token_on_record({Scope.ADMIN}, agency.id)["Authorization"].removeprefix(
        "Bearer"
    )

    reply = service.http.get("/v1/teams", headers={"Authorization": scheme + bearer})

    assert reply.status_code == 200


def test_a_token_opens_its_own_organization_alone(service):
    agency, other = service.agency({"a": 8}), service.agency({"a": 8})
    wave = other.announce()
    other.seal()
    admin = {"Authorization": f"Bearer {agency.admin_token()}"}

    team = service.http.get(f"/v1/teams/{other.team_id('a')}/score", headers=admin)
    named = service.http.get(
        f"/v1/teams/{agency.team_id('a')}/score?wave_id={wave}", headers=admin
    )
    teams = service.http.get("/v1/teams", headers=admin).get_json()["teams"]

    assert problem_checks.read_problem(team) is Problem.TEAM_NOT_FOUND
    assert problem_checks.read_problem(named) is Problem.NOTHING_MEASURED
    assert {t["id"] for t in teams} == {str(agency.team_id(t)) for t in ("agency", "a")}
