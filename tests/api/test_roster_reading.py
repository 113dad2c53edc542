"""``GET /v1/roster`` reads back what was put; ``If-Match`` loses no other's change."""

import hashlib
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings

from rapport_service.agency.roster_rules import (
    Roster,
    dump_roster,
    roster_document,
    roster_from_document,
)
from rapport_service.agency.service import create_organization
from rapport_service.core.db import Door, transaction
from rapport_service.encoding import base64url
from tests.agency.rosters import normalized_roster, roster, rosters, stored_roster
from tests.support.admin import AdminClient, code_of
from tests.support.concurrency import run_concurrently
from tests.support.service import Agency

TREE = {"agency": None, "north": "agency", "south": "agency"}
ROSTER = roster(TREE, {"zoë": ("north", "south", "north"), "ann": ("south",)})
OVER_THE_SAME_DATABASE = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def agency(service):
    return service.agency({})


@pytest.fixture
def admin(agency):
    return AdminClient(agency)


def put(admin, wanted, **headers):
    return admin.put("/v1/roster", roster_document(wanted), **headers)


@OVER_THE_SAME_DATABASE
@given(wanted=rosters())
def test_roster_read_back_is_the_one_put_and_changes_nothing_if_put(agency, wanted):
    admin = AdminClient(agency)
    put(admin, wanted)

    read = admin.get("/v1/roster").get_json()

    assert normalized_roster(roster_from_document(read)) == normalized_roster(wanted)
    again = admin.put("/v1/roster", read).get_json()
    assert set(again["people"].values()) | set(again["teams"].values()) == {0}


def test_an_agency_without_a_roster_has_an_empty_one(service):
    with transaction(Door.POLL_BOOK) as session:
        create_organization(session, "empty1", "Nobody yet", "UTC", 5, 8)

    reply = AdminClient(Agency(service, "empty1")).get("/v1/roster")

    assert reply.get_json() == {"teams": [], "people": []}


@OVER_THE_SAME_DATABASE
@given(wanted=rosters())
def test_equal_rosters_have_one_form(wanted):
    other_order = Roster(
        tuple(reversed(wanted.teams)),
        tuple(
            person._replace(supervises=(*reversed(person.supervises),) * 2)
            for person in reversed(wanted.people)
        ),
    )

    assert dump_roster(other_order) == dump_roster(wanted)


def test_the_form_is_sorted_utf_8_without_white_space(admin):
    put(admin, ROSTER)

    reply = admin.get("/v1/roster")

    assert reply.data.decode() == (
        '{"teams":['
        '{"external_id":"agency","name":"Team agency","parent":null},'
        '{"external_id":"north","name":"Team north","parent":"agency"},'
        '{"external_id":"south","name":"Team south","parent":"agency"}],'
        '"people":['
        '{"external_id":"ann","team":"south","supervises":[],"away":false},'
        '{"external_id":"zoë","team":"north","supervises":["north","south"],'
        '"away":false}]}'
    )
    digest = base64url.encode(hashlib.sha256(reply.data).digest())
    assert reply.headers["ETag"] == f'"{digest}"'


def test_a_roster_that_is_there_already_is_not_sent_again(admin):
    put(admin, ROSTER)
    etag = admin.get("/v1/roster").headers["ETag"]

    unchanged = admin.get("/v1/roster", **{"If-None-Match": etag})
    put(admin, roster(TREE))
    changed = admin.get("/v1/roster", **{"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert changed.status_code == 200


# If-Match.


@pytest.mark.parametrize(
    "form", ["{etag}", '"other", {etag}', "*", '"{digest}-gz"'], ids=str
)
def test_put_of_the_roster_that_was_read_is_made(agency, admin, form):
    put(admin, ROSTER)
    etag = admin.get("/v1/roster").headers["ETag"]
    header = form.format(etag=etag, digest=etag.strip('"'))

    reply = put(admin, roster(TREE), **{"If-Match": header})

    assert reply.status_code == 200
    assert stored_roster(agency)[1] == set()


@pytest.mark.parametrize("form", ['"other"', "W/{etag}", ""], ids=str)
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_put_over_another_roster_is_refused(agency, admin, form, query):
    put(admin, ROSTER)
    etag = admin.get("/v1/roster").headers["ETag"]

    reply = admin.put(
        f"/v1/roster{query}",
        roster_document(roster(TREE)),
        **{"If-Match": form.format(etag=etag)},
    )

    assert (reply.status_code, code_of(reply)) == (412, "precondition-failed")
    assert stored_roster(agency) == normalized_roster(ROSTER)


def test_same_roster_is_replaced_by_one_of_two_who_read_it(service, agency, admin):
    for number in range(4):
        put(admin, ROSTER)
        header = {"If-Match": admin.get("/v1/roster").headers["ETag"]}
        rivals = [
            roster(TREE, {f"{name}-{number}": ("north",)}) for name in ("left", "right")
        ]

        replies = run_concurrently(
            service, *(partial(put, admin, rival, **header) for rival in rivals)
        )

        assert sorted(reply.status_code for reply in replies) == [200, 412]
        winner = rivals[[reply.status_code for reply in replies].index(200)]
        assert stored_roster(agency) == normalized_roster(winner)
