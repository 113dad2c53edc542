"""A creation with an id of the client's: once, however often it is sent."""

from datetime import date
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from rapport_schemas.enums import MarkerKind
from rapport_service.agency.creation import create_once
from rapport_service.agency.models import ClientTeam, ServiceClient
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.models import ClientSecret, EnrolmentCode
from rapport_service.registry.markers import declare_marker
from rapport_service.registry.models import Marker, Pulse, Wave
from tests.api.creations import BODIES, create, send
from tests.support.admin import AdminClient, audit_entries, code_of, fields_of
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import open_transaction, run_concurrently
from tests.support.rows import rows_of

TABLES = {
    "waves": Wave,
    "pulses": Pulse,
    "markers": Marker,
    "clients": ServiceClient,
    "people/a-1/codes": EnrolmentCode,
}

KEPT = ("waves", "pulses", "markers")
"""Paths of what has no secret, so that the first reply can be given again."""

DEFAULTS = [
    ("waves", {"retires_at": "2028-04-07T12:00:00Z"}),
    ("pulses", {"every_weeks": 2, "open_days": 7}),
    ("pulses", {"every_weeks": 2.0, "announce_days": 7, "grace_days": 7}),
    ("clients", {"team_ids": []}),
    ("clients", {"scopes": ["roster", "reports"]}),
]
"""Bodies that say what others leave to the default, or in another order."""

OTHERS = [
    *(
        ("waves", {name: f"2027-03-{day:02}T12:00:01Z"})
        for day, name in enumerate(BODIES["waves"], 2)
    ),
    ("waves", {"retires_at": "2028-04-07T12:00:01Z"}),
    ("pulses", {"first_opens": "2027-03-15T09:01"}),
    ("pulses", {"every_weeks": 1}),
    ("pulses", {"open_days": 6}),
    ("pulses", {"announce_days": 6}),
    ("pulses", {"grace_days": 6}),
    ("markers", {"kind": "staffing_shock"}),
    ("markers", {"effective_on": "2027-02-21"}),
    ("markers", {"confirmed": False}),
    ("markers", {"label": "new policy"}),
    ("clients", {"name": "a dashboard"}),
    ("clients", {"scopes": ["reports"]}),
    ("people/a-1/codes", {"purpose": "reading"}),
]
"""Changes of a body that make it another creation."""


@pytest.fixture
def agency(service):
    return service.agency({"a": 3, "b": 2})


def made_rows(path, agency):
    """Rows of what was created, without the code that the administrator has used."""
    rows = rows_of(TABLES[path], agency)
    return [row for row in rows if getattr(row, "device_id", None) is None]


def columns(row):
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def visible(reply):
    """A reply without what names the request."""
    headers = {**reply.headers}
    del headers["X-Request-Id"]
    return reply.status_code, headers, reply.get_json()


@pytest.mark.parametrize("path", BODIES)
def test_client_chooses_the_id(agency, admin, path):
    new_id = uuid4()

    created = create(admin, path, new_id)

    assert created["id"].removeprefix(f"{agency.id}.") == str(new_id)
    assert len(made_rows(path, agency)) == 1


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "new_id", ["7", "ACME", None, "acme.232548fb-30e3-43f7-8e2c-7d6743f48d4f", 7]
)
def test_id_that_is_no_uuid_is_refused(admin, path, new_id):
    reply = admin.post(f"/v1/{path}", BODIES[path] | {"id": new_id})

    assert fields_of(reply) == ["id"]


@pytest.mark.parametrize("path", KEPT)
def test_same_creation_again_has_the_first_reply(service, agency, admin, path):
    new_id = uuid4()
    first = send(admin, path, new_id)
    entries = audit_entries(agency)
    service.clock.advance(minutes=10)

    again = send(admin, path, new_id)

    assert visible(again) == visible(first)
    assert again.headers["Location"] == f"/v1/{path}/{first.get_json()['id']}"
    assert len(made_rows(path, agency)) == 1
    assert audit_entries(agency) == entries


@pytest.mark.parametrize(("path", "explicit"), DEFAULTS)
@pytest.mark.parametrize("is_explicit_first", [True, False])
def test_explicit_default_is_the_same_content(
    agency, admin, path, explicit, is_explicit_first
):
    new_id = uuid4()
    bodies = [explicit, {}] if is_explicit_first else [{}, explicit]

    first, again = (create(admin, path, new_id, **body) for body in bodies)

    assert again["id"] == first["id"]
    assert len(made_rows(path, agency)) == 1


@pytest.mark.parametrize(("path", "change"), OTHERS)
def test_other_content_under_the_same_id_is_refused(agency, admin, path, change):
    new_id = uuid4()
    create(admin, path, new_id)
    (before,) = made_rows(path, agency)

    refused = send(admin, path, new_id, **change)

    assert (refused.status_code, code_of(refused)) == (409, "id-used")
    (after,) = made_rows(path, agency)
    assert columns(after) == columns(before)


def test_marker_of_another_team_is_other_content(agency, admin):
    new_id = uuid4()
    create(admin, "markers", new_id, team_id=str(agency.team_id("a")))

    for team in (None, str(agency.team_id("b"))):
        assert code_of(send(admin, "markers", new_id, team_id=team)) == "id-used"


def test_client_of_other_teams_is_other_content(agency, admin):
    new_id, a, b = uuid4(), str(agency.team_id("a")), str(agency.team_id("b"))
    limited = {"scopes": ["reports"], "team_ids": [a, b]}
    create(admin, "clients", new_id, **limited)

    create(admin, "clients", new_id, **limited | {"team_ids": [b, a, b]})

    for teams in ([], [a]):
        refused = send(admin, "clients", new_id, **limited | {"team_ids": teams})
        assert code_of(refused) == "id-used"
    assert len(rows_of(ClientTeam, agency)) == 2


def test_code_of_another_person_is_other_content(admin):
    new_id = uuid4()
    create(admin, "people/a-1/codes", new_id)

    refused = admin.post(
        "/v1/people/a-2/codes", {"purpose": "answering", "id": str(new_id)}
    )

    assert code_of(refused) == "id-used"


def test_wave_of_a_pulse_is_other_content(agency, admin):
    admin.post("/v1/pulses", BODIES["pulses"])
    agency.tick()
    (planned,) = AdminClient(agency).get("/v1/waves").get_json()["waves"]
    names = (*BODIES["waves"], "retires_at")

    refused = send(
        AdminClient(agency),
        "waves",
        planned["id"].rpartition(".")[2],
        **{name: planned[name] for name in names},
    )

    assert code_of(refused) == "id-used"


@pytest.mark.parametrize("path", BODIES)
def test_id_that_another_agency_used_is_as_free_as_any(service, agency, admin, path):
    theirs, new_id = service.agency({"a": 3}), uuid4()
    create(AdminClient(theirs), path, new_id)

    created = create(admin, path, new_id)

    assert created["id"].removeprefix(f"{agency.id}.") == str(new_id)
    assert [len(made_rows(path, each)) for each in (agency, theirs)] == [1, 1]


@pytest.mark.parametrize(
    ("path", "action", "body"),
    [
        ("waves", "cancel", {"reason": "A storm."}),
        ("pulses", "stop", None),
        ("markers", "retract", None),
    ],
)
def test_creation_that_comes_late_answers_with_the_resource_as_it_is_now(
    admin, path, action, body
):
    new_id = uuid4()
    created = create(admin, path, new_id)
    ended = admin.post(f"/v1/{path}/{created['id']}/{action}", body).get_json()

    again = create(admin, path, new_id)

    assert {name: again[name] for name in ended} == ended
    assert again != created


def test_wave_that_began_meanwhile_is_not_validated_again(agency, admin):
    new_id = uuid4()
    create(admin, "waves", new_id)
    agency.service.clock.advance(days=3)

    again = create(AdminClient(agency), "waves", new_id)

    assert again["announces_at"] == BODIES["waves"]["announces_at"]
    assert fields_of(send(AdminClient(agency), "waves", uuid4())) == ["announces_at"]


def test_marker_of_a_team_that_has_gone_is_not_validated_again(agency, admin):
    new_id, team = uuid4(), str(agency.team_id("b"))
    created = create(admin, "markers", new_id, team_id=team)
    agency.put({"a": 3}, {}, {})

    assert create(admin, "markers", new_id, team_id=team) == created
    assert fields_of(send(admin, "markers", uuid4(), team_id=team)) == ["team_id"]


@pytest.mark.parametrize("path", BODIES)
def test_same_creation_at_the_same_moment_makes_one(service, agency, admin, path):
    for _ in range(3):
        new_id = uuid4()
        before = len(made_rows(path, agency))

        replies = run_concurrently(
            service, *[partial(send, admin, path, new_id) for _ in range(4)]
        )

        assert {reply.status_code for reply in replies} == {201}
        assert len({reply.get_json()["id"] for reply in replies}) == 1
        if path in KEPT:
            assert [visible(reply) for reply in replies] == [visible(replies[0])] * 4
        assert len(made_rows(path, agency)) == before + 1
        if path == "pulses":  # else the next one would overlap
            admin.post(f"/v1/pulses/{new_id}/stop")
        if path == "waves":
            made = replies[0].get_json()["id"]
            admin.post(f"/v1/waves/{made}/cancel", {"reason": "A storm."})


def test_other_content_at_the_same_moment_makes_one(service, admin):
    for _ in range(3):
        new_id = uuid4()

        replies = run_concurrently(
            service,
            *(
                partial(send, admin, "markers", new_id, label=label)
                for label in ("one", "two")
            ),
        )

        (made,) = [reply for reply in replies if reply.status_code == 201]
        (refused,) = [reply for reply in replies if reply.status_code != 201]
        assert code_of(refused) == "id-used"
        assert admin.get(made.headers["Location"]).get_json() == made.get_json()


def test_creation_waits_for_the_same_one_under_way_and_finds_it(service, agency, admin):
    new_id = uuid4()
    doing = partial(
        declare_marker,
        organization_id=agency.id,
        kind=MarkerKind.POLICY_CHANGE,
        team_id=None,
        effective_on=date.fromisoformat(BODIES["markers"]["effective_on"]),
        label=BODIES["markers"]["label"],
        now=service.clock(),
        actor=TEST_ACTOR,
        marker_id=new_id,
        confirmed=True,
    )

    with open_transaction(service, Door.POLL_BOOK, doing) as declaring:
        waited, reply, made = declaring.run_meanwhile(
            partial(send, admin, "markers", new_id)
        )

    assert waited
    assert reply.status_code == 201
    assert UUID(reply.get_json()["id"]) == made.marker_id
    assert audit_entries(agency) == []  # it was the test that declared it


def test_row_that_breaks_another_rule_of_the_database_is_not_taken_for_a_repeat(
    agency,
):
    stray = ClientSecret(
        organization_id=agency.id, client_id=uuid4(), secret_hash=bytes(32)
    )

    with transaction(Door.POLL_BOOK) as session, pytest.raises(IntegrityError):
        create_once(session, stray, ())
