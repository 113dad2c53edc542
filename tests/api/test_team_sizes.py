"""Teams too small for a score in replies to plans, and changes of ``min_pool``."""

import pytest

from tests.pollbook.poll_book_requests import bearer
from tests.support.admin import AdminClient, audit_entries, code_of, fields_of

DATES = {
    "announces_at": "2027-04-01T09:00:00Z",
    "opens_at": "2027-04-08T09:00:00Z",
    "closes_at": "2027-04-15T09:00:00Z",
    "seals_at": "2027-04-22T09:00:00Z",
}


@pytest.fixture
def agency(service):
    """Region has South (4), North (3) and, large enough, East (9)."""
    return service.agency(
        {"region": 0, "south": 4, "north": 3, "east": 9},
        dict.fromkeys(("south", "north", "east"), "region"),
        min_pool=6,
    )


@pytest.fixture
def admin(agency):
    return AdminClient(agency)


def sizes(document):
    """Sizes without ids: eligible, needed, and whose score has the answers."""
    return {
        small["team"]["external_id"]: (
            small["eligible"],
            small["needed"],
            small["answers_with"] and small["answers_with"]["external_id"],
        )
        for small in document["teams_without_score"]
    }


SMALL = {"south": (4, 6, "region"), "north": (3, 6, "region")}


@pytest.mark.parametrize(
    ("path", "body"),
    [("pulses", {"first_opens": "2027-04-01T09:00"}), ("waves", DATES)],
)
def test_a_plan_names_the_teams_that_are_too_small(admin, path, body):
    planned = admin.post(f"/v1/{path}", body).get_json()

    assert planned["can_be_asked"] is True
    assert sizes(planned) == SMALL


def test_the_agency_names_them_for_every_reader(agency, admin):
    member = bearer(agency.phone("south-1").tokens["access_token"])

    settings = admin.get("/v1/organization").get_json()
    read = agency.service.http.get("/v1/organization", headers=member).get_json()

    assert sizes(settings) == SMALL
    assert read == settings
    teams = {
        t["external_id"]: t["id"] for t in admin.get("/v1/teams").get_json()["teams"]
    }
    for small in settings["teams_without_score"]:
        assert small["team"]["id"] == teams[small["team"]["external_id"]]
        assert small["answers_with"]["id"] == teams["region"]


def test_a_roster_names_them_before_and_after_it_is_put(admin):
    roster = admin.get("/v1/roster").get_json()
    roster["teams"].append({"external_id": "west", "name": "West", "parent": "region"})
    for person in roster["people"]:
        if person["external_id"] == "north-1":
            person["team"] = "west"
        if person["external_id"].startswith("east-"):
            person["away"] = person["external_id"] > "east-5"

    tried = admin.put("/v1/roster?dry_run=true", roster).get_json()
    applied = admin.put("/v1/roster", roster).get_json()
    settings = admin.get("/v1/organization").get_json()

    assert sizes(tried) == {
        "east": (5, 6, "region"),
        "north": (2, 6, "region"),
        "south": (4, 6, "region"),
        "west": (1, 6, "region"),
    }
    assert sizes(applied) == sizes(tried)
    assert applied["teams_without_score"] == settings["teams_without_score"]
    ids = {
        t["team"]["external_id"]: t["team"]["id"] for t in tried["teams_without_score"]
    }
    assert [team for team, id_ in ids.items() if id_ is None] == ["west"]


def test_a_supervisor_makes_their_team_smaller(service):
    agency = service.agency({"a": 5, "b": 9}, supervises={}, min_pool=6)
    admin = AdminClient(agency)
    roster = admin.get("/v1/roster").get_json()
    roster["people"].append(
        {"external_id": "lead", "team": "a", "supervises": ["a"], "away": False}
    )

    (small,) = admin.put("/v1/roster", roster).get_json()["teams_without_score"]

    assert (small["team"]["external_id"], small["eligible"], small["supervisors"]) == (
        *("a", 5),
        1,
    )


def test_an_agency_that_is_too_small_cannot_be_asked(service):
    admin = AdminClient(service.agency({"a": 5}, min_pool=6))

    planned = admin.post("/v1/waves", DATES).get_json()

    assert planned["can_be_asked"] is False
    assert sizes(planned) == {"a": (5, 6, None), "agency": (5, 6, None)}


def test_min_pool_is_changed_and_audited(agency, admin):
    changed = admin.patch("/v1/organization", {"min_pool": 10})

    assert changed.status_code == 200
    assert changed.get_json()["min_pool"] == 10
    assert "east" in sizes(changed.get_json())
    assert changed.get_json() == admin.get("/v1/organization").get_json()
    action = "settings_changed"
    assert audit_entries(agency) == [("admin", action, agency.id)]


@pytest.mark.parametrize("body", [{}, {"min_pool": 6}])
def test_change_of_nothing_is_not_audited(agency, admin, body):
    assert admin.patch("/v1/organization", body).get_json()["min_pool"] == 6
    assert audit_entries(agency) == []


@pytest.mark.parametrize("number", [4, 26, 0, -6, "7", None, 6.5, True])
def test_a_min_pool_that_cannot_be_is_refused(agency, admin, number):
    refused = admin.patch("/v1/organization", {"min_pool": number})

    assert (code_of(refused), fields_of(refused)) == ("invalid", ["min_pool"])
    assert admin.get("/v1/organization").get_json()["min_pool"] == 6
    assert audit_entries(agency) == []


def test_other_settings_cannot_be_changed_here(admin):
    refused = admin.patch("/v1/organization", {"min_respondents": 5})

    assert fields_of(refused) == ["min_respondents"]


def test_only_administrators_change_settings(service, agency):
    chief = bearer(agency.phone("south-1").tokens["access_token"])

    refused = service.http.patch(
        "/v1/organization", json={"min_pool": 7}, headers=chief
    )

    assert code_of(refused) == "scope-missing"
