"""Things and ids that are accepted where a team, a wave or a person is meant."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from fake_service.documents import ROOT, TEAM
from fake_service.service import reply

from rapport_client import Team, TeamNotFound, TeamReference
from rapport_client._resources.references import utc_text

PENDING = {
    "status": "pending",
    "team": {"id": TEAM, "external_id": "north", "name": "North"},
    "wave_id": "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11",
    "seals_at": "2026-12-08T08:00:00Z",
    "delay": None,
}
MARKER = {
    "id": "5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11",
    "kind": "crisis_start",
    "team_id": None,
    "effective_on": "2027-03-24",
    "confirmed": True,
    "label": "The flood",
    "declared_at": "2027-03-24T08:00:00Z",
    "declared_by": None,
    "retracted_at": None,
}


@pytest.mark.parametrize(
    "team",
    [
        TEAM,
        TEAM.upper(),
        UUID(TEAM),
        "north",
        Team(TEAM, "north", "North", ROOT, gone=False),
        TeamReference(TEAM, "north", "North"),
    ],
    ids=["id", "upper", "uuid", "external id", "team", "name"],
)
def test_each_of_these_means_the_team(client, service, team):
    service.scores = {TEAM: PENDING, TEAM.upper(): PENDING}

    assert client.teams.score(team).team.name == "North"


def test_only_an_external_id_takes_another_call(client, service):
    service.scores[TEAM] = PENDING

    client.teams.score(TEAM)
    assert service.paths() == ["/v1/token", f"/v1/teams/{TEAM}/score"]

    client.teams.score("north")
    assert service.paths()[2:] == ["/v1/teams", f"/v1/teams/{TEAM}/score"]


def test_an_unknown_external_id_is_no_team(client):
    with pytest.raises(TeamNotFound, match="'south'"):
        client.teams.score("south")


@pytest.mark.parametrize("team", [17, None, b"north", ["north"]])
def test_anything_else_is_a_type_error(client, service, team):
    with pytest.raises(TypeError, match="must be a Team, its id or its external id"):
        client.teams.score(team)

    assert service.log == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda client: client.waves.get(17), "must be a PlannedWave or its id"),
        (lambda client: client.pulses.stop(17), "must be a RecurringPulse or its id"),
        (lambda client: client.markers.get(17), "must be a DeclaredMarker or its id"),
        (lambda client: client.clients.revoke(17), "must be a ServiceClient or its id"),
        (lambda client: client.people.get(17), "must be a Person or an external id"),
    ],
    ids=["wave", "pulse", "marker", "client", "person"],
)
def test_every_reference_is_checked_before_a_call(client, service, call, message):
    with pytest.raises(TypeError, match=message):
        call(client)

    assert service.log == []


def test_times_are_written_in_utc_and_rounded_up():
    denver = timezone(timedelta(hours=-7))

    assert utc_text(datetime(2027, 1, 11, 9, tzinfo=denver)) == "2027-01-11T16:00:00Z"
    assert (
        utc_text(datetime(2027, 1, 11, 9, 59, 59, 1, tzinfo=UTC))
        == "2027-01-11T10:00:00Z"
    )


def test_a_time_without_a_zone_is_refused(client, service):
    at = datetime(2027, 1, 11, 9)  # noqa: DTZ001 - that is what is refused

    with pytest.raises(ValueError, match="needs a time zone"):
        client.waves.plan(announces_at=at, opens_at=at, closes_at=at, seals_at=at)

    assert service.log == []


def test_a_marker_without_a_team_is_of_the_whole_agency(client, service):
    service.intercept = lambda request, answer: (
        replace(reply(MARKER), status=201)
        if request.url.endswith("/markers")
        else answer()
    )

    client.markers.declare("crisis_start", date(2027, 3, 24), "The flood")

    assert json.loads(service.log[-1].body)["team_id"] is None
