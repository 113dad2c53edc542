"""One transaction for the use case, besides the bearer's check, for administrators.

The bearer is checked before the request is read, so in a transaction of its own.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Response
from sqlalchemy import event

from rapport_schemas.enums import Scope
from rapport_schemas.problems import Problem
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.api.auth import require_scope
from rapport_service.core.db import Door, db, read_transaction, transaction
from tests.api import problem_checks
from tests.api.routes import ROUTES, UUID, VALUES, token_on_record
from tests.support.admin import AdminClient

ADMINISTRATIVE = [r for r in ROUTES if r.scopes and Scope.ADMIN in r.scopes]

EMPTY_REPORTS = {
    "teams.get_team_score": Problem.NOTHING_MEASURED,
    "teams.get_team_heatmap": Problem.NOTHING_MEASURED,
    "organization.get_reliability": Problem.NOTHING_MEASURED,
    "releases.list_wave_releases": Problem.NOT_FOUND,
}
"""Replies of reports while no wave is sealed: they have looked it up all the same."""

BEARER_CHECKS = 1
TWO_DOORS = {"waves.cancel_wave", "markers.list_markers", "markers.get_marker"}
"""Neither the seal's door nor that of reports sees the audit or who acts."""


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


def assert_transactions(begun, endpoint):
    """One transaction besides the bearer's check, or two where there are two doors."""
    assert begun.count - BEARER_CHECKS == (2 if endpoint in TWO_DOORS else 1)


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
        subject = grant_right(session, agency.id, "admin", Right.ADMIN).person_id
    admin = AdminClient(agency)

    def made(endpoint):
        (route,) = (r for r in ROUTES if r.endpoint == endpoint)
        return str(admin.post(route.path, route.body["json"]).get_json()["id"])

    wave = made("waves.plan_wave")
    ids = {
        "waves": wave,
        "releases": wave,
        "clients": made("clients.create_client"),
        "pulses": made("pulses.create_pulse"),
        "markers": made("markers.declare_marker"),
        "teams": str(agency.team_id("a")),
        "sustainment": str(agency.team_id("a")),
    }
    # Else the next ones would be open at the same time.
    admin.post(f"/v1/pulses/{ids['pulses']}/stop")
    admin.post(f"/v1/waves/{wave}/cancel", {"reason": "a mistake"})
    return Resources(agency, subject, ids)


@pytest.mark.parametrize("route", ADMINISTRATIVE, ids=str)
def test_administrative_use_case_takes_one_transaction(service, resources, route):
    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)

    with counted_transactions() as begun:
        reply = service.http.open(
            resources.path(route), method=route.method, headers=headers, **route.body
        )

    if route.endpoint in EMPTY_REPORTS:
        assert problem_checks.read_problem(reply) is EMPTY_REPORTS[route.endpoint]
    else:
        assert reply.status_code < 300, reply.text
    assert_transactions(begun, route.endpoint)


def test_roster_preview_takes_one_transaction(service, resources):
    (route,) = (r for r in ROUTES if r.endpoint == "roster.put_roster")
    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)

    with counted_transactions() as begun:
        service.http.put(f"{route.path}?dry_run=true", headers=headers, **route.body)

    assert_transactions(begun, route.endpoint)


@pytest.mark.parametrize("count", [0, 2])
def test_planted_view_without_its_one_transaction_is_detected(
    service, resources, count
):
    @require_scope(Scope.ADMIN)
    def planted(_bearer):
        for _ in range(count):
            with read_transaction(Door.POLL_BOOK):
                pass
        return Response()

    headers = token_on_record({Scope.ADMIN}, resources.agency.id, resources.subject)
    with (
        service.app.test_request_context(headers=headers),
        counted_transactions() as begun,
    ):
        planted()

    with pytest.raises(AssertionError):
        assert_transactions(begun, "planted")
