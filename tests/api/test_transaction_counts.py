"""One transaction a use case at every operation that administrators may call."""

from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Response
from sqlalchemy import event

from rapport_schemas.enums import Scope
from rapport_service.agency.service import make_admin
from rapport_service.api.auth import bearer_read_transaction, require_scope
from rapport_service.core.db import Door, db, read_transaction, transaction
from tests.api.routes import ROUTES, UUID, VALUES, token_on_record
from tests.support.admin import AdminClient

ADMINISTRATIVE = [r for r in ROUTES if r.scopes and Scope.ADMIN in r.scopes]

READS_REPORTS = {
    "teams.get_teams",
    "teams.get_scores",
    "teams.get_trend",
    "teams.get_heatmap",
    "sustainment.get_sustainment",
    "releases.get_wave_releases",
    "organization.get_reliability",
    "markers.get_markers",
}
OTHER_DOORS = {*READS_REPORTS, "waves.post_wave_cancellation"}
"""These work at a door that sees no device, so their bearer is read at another one."""


@dataclass
class Counter:
    """Transactions that began."""

    count: int = 0

    def add(self, _connection):
        self.count += 1


@contextmanager
def counted_transactions():
    counter = Counter()
    event.listen(db.engine, "begin", counter.add)
    try:
        yield counter
    finally:
        event.remove(db.engine, "begin", counter.add)


def max_transactions(route):
    return 2 if route.endpoint in OTHER_DOORS else 1


@dataclass
class Resources:
    """An agency with one of everything that a path can name."""

    agency: object
    subject: object
    ids: dict[str, str]

    def path(self, route):
        """The route's path with the ids of this agency in place of the usual ones."""
        blueprint, _, _ = route.endpoint.partition(".")
        ids = self.ids.get(blueprint, str(uuid4()))
        path = route.path.replace(f"acme.{UUID}", ids).replace(UUID, ids)
        return path.replace(VALUES["external_id"], "a-1")


@pytest.fixture
def resources(service):
    agency = service.agency({"a": 8})
    with transaction(Door.POLL_BOOK) as session:
        subject = make_admin(session, agency.id, "admin").person_id
    admin = AdminClient(agency)

    def made(endpoint):
        (route,) = (r for r in ROUTES if r.endpoint == endpoint)
        return str(admin.post(route.path, route.body["json"]).get_json()["id"])

    wave = made("waves.post_wave")
    ids = {
        "waves": wave,
        "releases": wave,
        "clients": made("clients.post_client"),
        "pulses": made("pulses.post_pulse"),
        "markers": made("markers.post_marker"),
        "teams": str(agency.team_id("a")),
        "sustainment": str(agency.team_id("a")),
    }
    admin.post(f"/v1/pulses/{ids['pulses']}/stop")  # else the next one would overlap
    return Resources(agency, subject, ids)


@pytest.mark.parametrize("route", ADMINISTRATIVE, ids=str)
def test_administrative_operation_takes_one_transaction(service, resources, route):
    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)

    with counted_transactions() as begun:
        reply = service.http.open(
            resources.path(route), method=route.method, headers=headers, **route.body
        )

    # What a report finds nothing for, it has looked up all the same.
    assert reply.status_code < 300 or route.endpoint in READS_REPORTS, reply.text
    assert 0 < begun.count <= max_transactions(route)


def test_roster_preview_takes_one_transaction(service, resources):
    (route,) = (r for r in ROUTES if r.endpoint == "roster.put_whole_roster")
    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)

    with counted_transactions() as begun:
        service.http.put(f"{route.path}?dry_run=true", headers=headers, **route.body)

    assert begun.count == 1


def test_planted_second_transaction_of_a_view_is_counted(service, resources):
    @require_scope(Scope.ADMIN)
    def planted(bearer):
        with bearer_read_transaction(bearer):
            pass
        with read_transaction(Door.POLL_BOOK):
            pass
        return Response()

    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)
    with (
        service.app.test_request_context(headers=headers),
        counted_transactions() as begun,
    ):
        planted()

    assert begun.count == 2


def test_view_that_never_checks_its_bearer_fails(service, resources):
    """A revoked bearer's token runs on, so every view has to look."""
    planted = require_scope(Scope.ADMIN)(lambda _bearer: Response())

    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)
    with (
        service.app.test_request_context(headers=headers),
        pytest.raises(RuntimeError, match="opened no transaction"),
    ):
        planted()
