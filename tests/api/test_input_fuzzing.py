"""Any request gets a document or a problem, and never a 500."""

import json
import string
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_schemas.errors import ErrorCode, split_pointer
from rapport_schemas.problems import Problem
from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from rapport_service.encoding import base64url
from tests.api import problem_checks
from tests.api.routes import BODIES, ROUTES
from tests.support.http_phone import content, item
from tests.support.service import ServiceHarness

WITH_DATABASE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 2**31, 2**63, 10**400])
texts = st.text(st.characters(), max_size=80) | st.sampled_from(
    ["\x00", "\ud800", "submit", "acme", "acme.x", "e30.e30.e30", "A" * 43, "A" * 342]
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4)
    ),
    max_leaves=12,
)
escaped = st.binary(max_size=60).map(
    lambda raw: "".join(
        chr(b) if chr(b) in string.ascii_letters + ".-" else f"%{b:02x}" for b in raw
    )
)


def places(document, path=()):
    """Every place in a document, itself included."""
    yield path
    children = []
    if isinstance(document, dict):
        children = document.items()
    elif isinstance(document, list):
        children = enumerate(document)
    for name, below in children:
        yield from places(below, (*path, name))


def replace_at(document, path, value):
    """The document with something else in one place."""
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = replace_at(document[path[0]], path[1:], value)
    return copy


def remove_at(document, path):
    """The document without what is in one place."""
    if len(path) == 1:
        copy = document.copy()
        del copy[path[0]]
        return copy
    return replace_at(document, path[:1], remove_at(document[path[0]], path[1:]))


@st.composite
def spoiled_documents(draw, good):
    """A good document with other things, or nothing, in up to three places."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(places(good))))
        if place and draw(st.booleans()):
            good = remove_at(good, place)
        else:
            good = replace_at(good, place, draw(values))
    return good


def spoiled_bodies(good):
    return spoiled_documents(good).map(lambda document: json.dumps(document).encode())


def assert_survived(reply):
    if reply.status_code not in {200, 201, 204, 304}:
        assert problem_checks.read_problem(reply) not in {
            Problem.INTERNAL,
            Problem.BUSY,
        }, reply.text


@dataclass
class Inside:
    """A real agency in the middle of a wave, and what a good request to it holds."""

    service: ServiceHarness
    headers: dict[str, dict[str, str]]
    bodies: dict[str, dict[str, object]]
    paths: dict[str, str]
    admin: dict[str, str]

    def call(self, route, path=None, **kwargs):
        return self.service.http.open(
            path or self.paths.get(route.endpoint, route.path),
            method=route.method,
            headers=self.headers.get(
                route.endpoint, self.admin if route.scopes else {}
            ),
            **kwargs,
        )


@pytest.fixture
def inside(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    phone = agency.phone("a-1")
    kid = phone.kid(wave)
    ballot = agency.phone("a-2").draw(wave)
    admin = {"Authorization": f"Bearer {agency.admin_token()}"}
    blinded = base64url.encode(b"\x01" * 256)
    times = BODIES["waves.plan_wave"]["json"]
    at_other_times = {
        "pulses.create_pulse": {"first_opens": "2041-01-14T09:00"},
        "waves.plan_wave": {
            name: at.replace("2029", "2030") for name, at in times.items()
        },
    }
    made = {
        endpoint: service.http.post(
            path,
            json=BODIES[endpoint]["json"] | at_other_times.get(endpoint, {}),
            headers=admin,
        )
        for endpoint, path in {
            "clients.create_client": "/v1/clients",
            "pulses.create_pulse": "/v1/pulses",
            "waves.plan_wave": "/v1/waves",
            "markers.declare_marker": "/v1/markers",
        }.items()
    }
    ids = {endpoint: reply.get_json()["id"] for endpoint, reply in made.items()}
    client, pulse = ids["clients.create_client"], ids["pulses.create_pulse"]
    planned, marker = ids["waves.plan_wave"], ids["markers.declare_marker"]
    team = f"/v1/teams/{agency.team_id('a')}"
    return Inside(
        service,
        {
            "ballots.sync": phone.authorization,
            "ballots.draw_ballots": phone.authorization,
        },
        {
            **{
                endpoint: body["json"]
                for endpoint, body in BODIES.items()
                if "json" in body
            },
            "enrolment.create_enrolment": {
                "code": agency.code("a-3"),
                "device": phone.device,
            },
            "ballots.draw_ballots": {
                "requests": [
                    {"wave_id": wave, "ballot_key_id": kid, "blinded": blinded}
                ]
            },
            "ballot_box.create_submissions": {
                "protocol": 1,
                "batch": "b",
                "items": [item(ballot, content())],
            },
            "roster.put_roster": {
                "teams": [
                    {"external_id": "agency", "name": "A", "parent": None},
                    {"external_id": "a", "name": "A", "parent": "agency"},
                ],
                "people": [
                    {"external_id": "a-1", "team": "a", "supervises": ["agency"]},
                    {"external_id": "a-2", "team": "a", "supervises": []},
                ],
            },
        },
        {
            "teams.get_team": team,
            "teams.get_team_score": f"{team}/score",
            "teams.get_team_trend": f"{team}/trend",
            "teams.get_team_heatmap": f"{team}/heatmap",
            "sustainment.get_team_sustainment": f"{team}/sustainment",
            "releases.list_wave_releases": f"/v1/waves/{wave}/releases",
            "ballot_box.get_charter": f"/v1/waves/{wave}/charter",
            "ballot_box.get_ballot_key": f"/v1/keys/{kid}",
            "people.get_person": "/v1/people/a-1",
            "codes.create_code": "/v1/people/a-1/codes",
            "devices.revoke_devices": "/v1/people/a-4/devices/revoke",
            "clients.get_client": f"/v1/clients/{client}",
            "clients.rotate_client": f"/v1/clients/{client}/rotate",
            "clients.revoke_client": f"/v1/clients/{client}/revoke",
            "pulses.get_pulse": f"/v1/pulses/{pulse}",
            "pulses.stop_pulse": f"/v1/pulses/{pulse}/stop",
            "waves.get_wave": f"/v1/waves/{planned}",
            "waves.cancel_wave": f"/v1/waves/{planned}/cancel",
            "markers.get_marker": f"/v1/markers/{marker}",
            "markers.retract_marker": f"/v1/markers/{marker}/retract",
        },
        admin,
    )


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_unchanged_requests_are_valid(inside, route):
    body = inside.bodies.get(route.endpoint)
    if route.endpoint == "enrolment.create_token":
        return  # its forms are spoilt below

    reply = inside.call(route, **({} if body is None else {"json": body}))

    if route.endpoint == "organization.get_reliability":
        assert (
            problem_checks.read_problem(reply) is Problem.NOTHING_MEASURED
        )  # nothing is sealed
    else:
        assert reply.status_code in {200, 201, 204}, reply.text


@pytest.mark.parametrize("route", [r for r in ROUTES if "json" in r.body], ids=str)
@WITH_DATABASE
@given(data=st.data())
def test_no_body_makes_an_internal_error(inside, route, data):
    good = inside.bodies[route.endpoint]
    body = data.draw(spoiled_bodies(good) | st.binary(max_size=200))

    assert_survived(inside.call(route, data=body, content_type="application/json"))


def assert_points_into(document, error):
    """A pointer leads to a value, or to where a member of an object is missing."""
    *parents, last = [None, *split_pointer(error["pointer"])]
    value = document
    for token in parents[1:]:
        value = value[int(token) if isinstance(value, list) else token]
    if last is None or (isinstance(value, list) and int(last) < len(value)):
        return
    assert isinstance(value, dict), error
    assert last in value or error["code"] == ErrorCode.MISSING, error


@pytest.mark.parametrize("route", [r for r in ROUTES if "json" in r.body], ids=str)
@WITH_DATABASE
@given(data=st.data())
def test_error_points_at_a_value_that_was_sent_or_is_missing(inside, route, data):
    document = data.draw(spoiled_documents(inside.bodies[route.endpoint]))
    body = json.dumps(document).encode()

    reply = inside.call(route, data=body, content_type="application/json")

    errors = (reply.get_json(silent=True) or {}).get("errors", [])
    assert bool(errors) == (reply.status_code == 422)
    for error in errors:
        assert_points_into(document, error)


@pytest.mark.parametrize(
    "pointer", ["/planted", "/people/7/team", "/people/0/planted", "/people/-"]
)
def test_planted_pointer_to_nothing_is_noticed(pointer):
    error = {"pointer": pointer, "code": "wrong-type"}

    with pytest.raises((AssertionError, LookupError, ValueError)):
        assert_points_into({"people": [{"team": "a"}]}, error)


@WITH_DATABASE
@given(
    form=st.dictionaries(
        st.sampled_from(
            ["grant_type", "refresh_token", "client_id", "client_secret", "x"]
        ),
        st.sampled_from(["refresh_token", "client_credentials"]) | escaped,
    ),
    basic=st.none() | st.text(string.printable.strip(), max_size=40),
)
def test_no_form_makes_an_internal_error(service, form, basic):
    reply = service.http.post(
        "/v1/token",
        data="&".join(f"{name}={value}" for name, value in form.items()),
        content_type="application/x-www-form-urlencoded",
        headers={} if basic is None else {"Authorization": f"Basic {basic}"},
    )

    assert_survived(reply)


@pytest.mark.parametrize("route", ROUTES, ids=str)
@WITH_DATABASE
@given(segments=st.lists(escaped, max_size=3), query=escaped)
def test_no_path_makes_an_internal_error(inside, route, segments, query):
    good = inside.paths.get(route.endpoint, route.path)
    above = good.split("/")
    path = "/".join([*above[: max(2, len(above) - len(segments))], *segments])

    assert_survived(inside.call(route, f"{path}?wave_id={query}"))


@WITH_DATABASE
@given(
    header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")),
    name=st.sampled_from(
        ["Authorization", "If-None-Match", "Content-Type", "Host", "Accept"]
    ),
)
def test_no_header_makes_an_internal_error(service, header, name):
    for route in ROUTES:
        reply = service.http.open(
            route.path, method=route.method, headers={name: header}, data=b"{}"
        )

        assert_survived(reply)


@WITH_DATABASE
@given(st.text(string.ascii_letters + string.digits + "-_.", max_size=300))
def test_no_token_makes_an_internal_error(service, presented):
    reply = service.http.get(
        "/v1/teams", headers={"Authorization": f"Bearer {presented}"}
    )

    assert problem_checks.read_problem(reply) is Problem.UNAUTHENTICATED


@WITH_DATABASE
@given(items=st.lists(values, min_size=1, max_size=8))
def test_item_of_any_kind_gets_its_own_result(service, items):
    reply = service.http.post(
        "/v1/submissions",
        data=json.dumps({"protocol": 1, "batch": "b", "items": items})
        .replace("NaN", "null")
        .replace("Infinity", "1e999"),
        content_type="application/json",
    )

    assert reply.status_code == 200
    assert len(reply.get_json()["results"]) == len(items)


def test_a_planted_failure_is_noticed():
    app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
    app.add_url_rule("/v1/planted", view_func=lambda: 1 / 0)

    reply = app.test_client().get("/v1/planted")

    with pytest.raises(AssertionError):
        assert_survived(reply)
