"""Everything that a list shows can be read by its id, by the same readers."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event

from rapport_schemas.enums import Scope
from rapport_service.core.db import db
from tests.api.routes import token_on_record
from tests.pollbook.poll_book_requests import bearer
from tests.support.admin import AdminClient, code_of, fields_of, program_headers

BODIES = {
    "waves": {
        "announces_at": "2027-03-02T12:00:00Z",
        "opens_at": "2027-03-03T12:00:00Z",
        "closes_at": "2027-03-04T12:00:00Z",
        "seals_at": "2027-03-05T12:00:00Z",
    },
    "pulses": {"first_opens": "2027-03-15T09:00"},
    "markers": {
        "kind": "policy_change",
        "team_id": None,
        "effective_on": "2027-02-20",
        "confirmed": True,
        "label": "New policy",
    },
    "clients": {"name": "A dashboard", "scopes": ["reports"]},
}
"""By list, a body that creates a resource in it."""

ACTIONS = {
    "waves": ("cancel", {"reason": "A storm."}, {"state": "cancelled"}),
    "pulses": ("stop", None, {"active": False}),
    "markers": ("retract", None, {"retracted_at": "2027-03-01T12:00:00Z"}),
    "clients": ("revoke", None, {"revoked": True}),
}
"""By list, an action on a resource: its name, its body, and what it changes."""

ADVICE = {"can_be_asked", "teams_without_score", "unusual_times"}
"""Members that only the reply to a creation has: they hold of that moment."""

SECRETS = {"secret", "previous_secret_valid_until"}


@pytest.fixture
def agency(service):
    return service.agency(
        {"a": 3, "a1": 2, "b": 2}, {"a1": "a"}, supervises={"chief": ["b", "a"]}
    )


def create(admin, kind):
    reply = admin.post(f"/v1/{kind}", BODIES[kind])
    assert reply.status_code == 201, reply.text
    return reply


def unsecret(document):
    return {name: document[name] for name in document.keys() - SECRETS - ADVICE}


@contextmanager
def recorded_statements():
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def assert_indistinguishable(get, *paths):
    """Replies of the same bytes, after the same statements."""
    get(paths[0])  # the first use of a token is noted
    replies, work = [], []
    for path in paths:
        with recorded_statements() as statements:
            reply = get(path)
        body = reply.get_json()
        del body["request_id"]
        headers = {**reply.headers}
        del headers["X-Request-Id"]
        replies.append((reply.status_code, body, headers))
        work.append(statements)
    assert replies[0][0] == 404
    assert [reply for reply in replies if reply != replies[0]] == []
    assert [each for each in work if each != work[0]] == []


@pytest.mark.parametrize("kind", BODIES)
def test_created_resource_can_be_read_at_its_location(admin, kind):
    created = create(admin, kind)

    read = admin.get(created.headers["Location"])

    assert created.headers["Location"] == f"/v1/{kind}/{created.get_json()['id']}"
    assert read.status_code == 200
    assert read.get_json() == unsecret(created.get_json())
    assert admin.get(f"/v1/{kind}").get_json()[kind] == [read.get_json()]


@pytest.mark.parametrize("kind", BODIES)
def test_resource_that_was_read_has_an_etag(admin, kind):
    path = create(admin, kind).headers["Location"]
    read = admin.get(path)

    again = admin.get(path, **{"If-None-Match": read.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("kind", ACTIONS)
def test_action_returns_the_resource_as_it_is_now(admin, kind):
    created = create(admin, kind)
    path = created.headers["Location"]
    action, body, changed = ACTIONS[kind]

    reply = admin.post(f"{path}/{action}", body)

    assert reply.status_code == 200
    assert changed.items() <= reply.get_json().items()
    assert reply.get_json().keys() == unsecret(created.get_json()).keys()
    assert admin.get(path).get_json() == reply.get_json()


@pytest.mark.parametrize("kind", BODIES)
def test_resource_of_another_agency_is_like_an_unknown_one(service, admin, kind):
    theirs = AdminClient(service.agency({"a": 1}))
    foreign = create(theirs, kind).get_json()["id"]
    own = create(admin, kind).get_json()["id"]
    organization = own.rpartition(".")[0]
    unknown = f"{organization}.{uuid4()}" if organization else str(uuid4())
    moved = f"{organization}.{foreign.rpartition('.')[2]}" if organization else foreign

    assert_indistinguishable(
        admin.get, *(f"/v1/{kind}/{each}" for each in (unknown, foreign, moved))
    )


def test_client_with_its_new_secret_is_the_reply_to_a_rotation(admin):
    created = create(admin, "clients")
    path = created.headers["Location"]

    reply = admin.post(f"{path}/rotate")

    rotated = reply.get_json()
    assert reply.status_code == 200
    assert unsecret(rotated) == admin.get(path).get_json()
    assert rotated["secret"] != created.get_json()["secret"]


def test_reader_reads_one_by_one_the_teams_of_the_list(service, agency):
    headers = program_headers(service, *agency.client("a"))
    listed = service.http.get("/v1/teams", headers=headers).get_json()["teams"]

    read = [
        service.http.get(f"/v1/teams/{team['id']}", headers=headers).get_json()
        for team in listed
    ]

    assert [team["external_id"] for team in read] == ["a", "a1"]
    assert read == listed


def test_team_that_a_reader_may_not_see_is_like_an_unknown_one(service, agency):
    theirs = service.agency({"a": 1})
    headers = program_headers(service, *agency.client("a"))

    assert_indistinguishable(
        lambda path: service.http.get(path, headers=headers),
        *(
            f"/v1/teams/{team}"
            for team in (uuid4(), agency.team_id("b"), theirs.team_id("a"))
        ),
    )


def test_marker_that_a_reader_may_not_see_is_like_an_unknown_one(
    service, agency, admin
):
    markers = {
        team: admin.post(
            "/v1/markers", BODIES["markers"] | {"team_id": str(agency.team_id(team))}
        ).get_json()
        for team in ("a", "b")
    }
    headers = bearer(agency.phone("a1-1").tokens["access_token"])

    def get(path):
        return service.http.get(path, headers=headers)

    seen = get(f"/v1/markers/{markers['a']['id']}")
    assert seen.get_json() == markers["a"] | {"declared_by": None}
    assert "Authorization" in seen.headers["Vary"]
    assert_indistinguishable(
        get, f"/v1/markers/{uuid4()}", f"/v1/markers/{markers['b']['id']}"
    )


def test_list_of_teams_can_be_asked_for_one_external_id(service, agency, admin):
    headers = program_headers(service, *agency.client("a"))

    def ids(external_id, headers=admin.headers):
        reply = service.http.get(
            "/v1/teams", query_string={"external_id": external_id}, headers=headers
        )
        return [team["external_id"] for team in reply.get_json()["teams"]]

    assert [ids(team) for team in ("a", "b", "nobody's")] == [["a"], ["b"], []]
    assert [ids(team, headers) for team in ("a", "b", "x")] == [["a"], [], []]


@pytest.mark.parametrize("path", ["/v1/teams", "/v1/people"])
@pytest.mark.parametrize("external_id", ["", "x" * 201, "two\nlines", "nul\0"])
def test_external_id_that_no_roster_may_have_is_refused(admin, path, external_id):
    reply = admin.http.get(
        path, query_string={"external_id": external_id}, headers=admin.headers
    )

    assert fields_of(reply) == ["external_id"]


def team_of(agency, external_id, name=None):
    return {
        "id": str(agency.team_id(external_id)),
        "external_id": external_id,
        "name": name or f"Team {external_id}",
    }


def test_person_has_a_team_and_the_teams_they_supervise(agency, admin):
    chief = {
        "external_id": "chief",
        "team": team_of(agency, "agency", "The agency"),
        "supervises": [team_of(agency, "a"), team_of(agency, "b")],
        "away": False,
    }
    member = {
        "external_id": "a1-2",
        "team": team_of(agency, "a1"),
        "supervises": [],
        "away": False,
    }

    assert admin.get("/v1/people/chief").get_json() == chief
    assert admin.get("/v1/people/a1-2").get_json() == member
    listed = admin.get("/v1/people").get_json()["people"]
    assert [person["external_id"] for person in listed] == [
        *("a-1", "a-2", "a-3", "a1-1", "a1-2", "b-1", "b-2", "chief"),
    ]
    assert (listed[4], listed[7]) == (member, chief)
    assert admin.get("/v1/people?external_id=a1-2").get_json() == {
        "people": [member],
        "next": None,
    }
    assert admin.get("/v1/people?external_id=nobody").get_json() == {
        "people": [],
        "next": None,
    }


def test_person_reads_the_same_with_and_without_a_device(agency, admin):
    before = admin.get("/v1/people/a-1")

    agency.phone("a-1")

    assert AdminClient(agency).get("/v1/people/a-1").data == before.data


def test_person_out_of_the_roster_is_like_an_unknown_one(service, agency, admin):
    theirs = service.agency({"theirs": 1})
    theirs.phone("theirs-1")
    agency.put({"a": 2}, {}, {})

    assert_indistinguishable(
        admin.get,
        *(f"/v1/people/{person}" for person in ("nobody", "a-3", "theirs-1", "admin")),
    )
    assert code_of(admin.get("/v1/people/a-1%00")) == "person-not-found"


def test_person_with_a_slash_in_their_id_can_be_read(admin):
    roster = {
        "teams": [{"external_id": "agency", "name": "A", "parent": None}],
        "people": [{"external_id": "county/7", "team": "agency"}],
    }
    assert admin.put("/v1/roster", roster).status_code == 200

    assert admin.get("/v1/people/county%2F7").get_json()["external_id"] == "county/7"


def test_people_are_read_by_programs_that_may_have_the_roster(service, agency):
    writer = program_headers(service, *agency.client())
    member = bearer(agency.phone("a-1").tokens["access_token"])
    chief = bearer(agency.reader_token("chief"))

    for path in ("/v1/people", "/v1/people/a-1"):
        assert service.http.get(path, headers=writer).status_code == 200
        for headers in (member, chief):
            refused = service.http.get(path, headers=headers)
            assert code_of(refused) == "scope-missing"


def test_organization_has_its_settings(service):
    agency = service.agency({"a": 1}, time_zone="America/Chicago", min_pool=9)

    reply = AdminClient(agency).get("/v1/organization")

    assert reply.get_json() == {
        "id": agency.id,
        "name": "An agency",
        "time_zone": "America/Chicago",
        "min_respondents": 5,
        "min_pool": 9,
        "can_be_asked": False,
        "teams_without_score": [
            {
                "team": team_of(agency, *names),
                "reason": "too_small",
                "eligible": 1,
                "needed": 9,
                "supervisors": 0,
                "answers_with": None,
            }
            for names in (("a",), ("agency", "The agency"))
        ],
    }


@pytest.mark.parametrize("scope", Scope)
def test_organization_is_read_by_everybody_in_it(service, agency, scope):
    headers = token_on_record({scope}, agency.id)

    reply = service.http.get("/v1/organization", headers=headers)

    assert reply.get_json()["id"] == agency.id


@pytest.mark.parametrize("spell", [str.upper, "{{{}}}".format, "urn:uuid:{}".format])
def test_id_of_a_client_has_one_spelling(agency, spell):
    admin = AdminClient(agency)
    made = admin.post("/v1/clients", {"name": "x", "scopes": ["reports"]}).get_json()
    _, _, own = made["id"].partition(".")

    reply = admin.get(f"/v1/clients/{agency.id}.{spell(own)}")

    assert (reply.status_code, code_of(reply)) == (404, "client-not-found")


def test_location_has_the_prefix_under_which_the_service_is_mounted(agency):
    admin = AdminClient(agency)
    body = {"name": "x", "scopes": ["reports"]}

    made = admin.http.post(
        "/v1/clients",
        json=body,
        headers=admin.headers,
        base_url="http://localhost/rapport",
    )

    assert made.location == f"/rapport/v1/clients/{made.get_json()['id']}"
