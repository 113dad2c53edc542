from uuid import uuid4

import pytest

from tests.reports.report_requests import REPORTS, client_access_token
from tests.support.submissions import identical_contents, submit_contents

TREE = {"north": 0, "a": 10, "b": 10, "c": 10}
PARENTS = {"a": "north", "b": "north"}
ALL_TEAMS = {"agency", "north", "a", "b", "c"}


SUPERVISORS = {"director": ["agency"], "chief": ["north"], "lead": ["a"]}


@pytest.fixture
def agency(service):
    return service.agency(TREE, PARENTS, supervises=SUPERVISORS)


@pytest.fixture(scope="module")
def announced(service_session):
    """An agency with an announced wave; no test changes it."""
    service_session.clock.reset()
    agency = service_session.agency(TREE, PARENTS, supervises=SUPERVISORS)
    agency.announce()
    return agency


READERS = {
    "a member": (lambda a: a.phone("a-1").tokens["access_token"], {"a"}),
    "a member who supervises, on the phone": (
        lambda a: a.phone("chief").tokens["access_token"],
        {"agency"},
    ),
    "the supervisor of a team": (lambda a: a.reader_token("lead"), {"a"}),
    "the supervisor of a section": (
        lambda a: a.reader_token("chief"),
        {"north", "a", "b"},
    ),
    "the supervisor of all": (lambda a: a.reader_token("director"), ALL_TEAMS),
    "an administrator": (lambda a: a.admin_token(), ALL_TEAMS),
    "an integrator": (client_access_token, ALL_TEAMS),
    "an integrator for a section": (
        lambda a: client_access_token(a, "north"),
        {"north", "a", "b"},
    ),
    "an integrator for two teams": (
        lambda a: client_access_token(a, "b", "c"),
        {"b", "c"},
    ),
}


def get(agency, token, path):
    return agency.service.http.get(path, headers={"Authorization": f"Bearer {token}"})


def answer(agency, token, team_id, report="score"):
    """The reply about a team, but for the one member that no two replies share."""
    reply = get(agency, token, f"/v1/teams/{team_id}/{report}")
    document = reply.get_json()
    document.pop("request_id", None)
    return reply.status_code, document


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("reader", READERS)
def test_reader_sees_their_own_teams_and_cannot_tell_that_others_exist(
    announced, reader, report
):
    agency = announced
    token_of, teams = READERS[reader]
    token = token_of(agency)
    ids = {team: agency.team_id(team) for team in ALL_TEAMS}

    listed = get(agency, token, "/v1/teams").get_json()["teams"]
    answers = {
        team: answer(agency, token, team_id, report) for team, team_id in ids.items()
    }

    assert {team["external_id"] for team in listed} == teams
    assert {team for team, (status, _) in answers.items() if status == 200} == teams
    unknown = answer(agency, token, uuid4(), report)
    assert unknown[0] == 404
    assert unknown[1]["code"] == "team-not-found"
    hidden = [answers[team] for team in ALL_TEAMS - teams]
    assert hidden == [unknown] * len(hidden)


def test_teams_are_listed_with_names_and_parents_in_a_fixed_order(agency):
    listed = get(agency, agency.admin_token(), "/v1/teams").get_json()["teams"]

    assert [team["external_id"] for team in listed] == sorted(ALL_TEAMS)
    by_name = {team["external_id"]: team for team in listed}
    assert by_name["a"] == {
        "id": str(agency.team_id("a")),
        "external_id": "a",
        "name": "Team a",
        "parent_id": str(agency.team_id("north")),
        "gone": False,
    }
    assert by_name["agency"]["parent_id"] is None


def test_team_of_another_organization_is_not_found(service, agency):
    other = service.agency({"a": 10})

    status, problem = answer(agency, agency.admin_token(), other.team_id("a"))

    assert (status, problem["code"]) == (404, "team-not-found")


def test_a_member_who_left_the_roster_has_no_team(agency):
    token = agency.phone("a-1").tokens["access_token"]
    agency.put({**TREE, "a": 0, "b": 10, "c": 10}, PARENTS, {})

    assert get(agency, token, "/v1/teams").get_json() == {"teams": [], "next": None}


@pytest.mark.parametrize(
    "token", ["", "x", "eyJhbGciOiJub25lIn0.e30."], ids=["none", "junk", "unsigned"]
)
def test_request_without_a_token_is_refused(announced, token):
    team = f"/v1/teams/{announced.team_id('a')}"
    paths = ["/v1/teams", *(f"{team}/{report}" for report in REPORTS)]

    statuses = [get(announced, token, path).status_code for path in paths]

    assert statuses == [401] * 4


def test_ballot_is_no_token(agency, ballot_factory):
    (ballot,) = ballot_factory.ballots(agency, agency.announce(), "a", 1)

    reply = get(agency, ballot, "/v1/teams")

    assert reply.status_code == 401


@pytest.mark.parametrize("report", ["score", "trend"])
def test_readers_of_a_team_get_the_same_bytes(agency, ballot_factory, report):
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {
            "a": identical_contents(10),
            "b": identical_contents(9),
            "c": identical_contents(3),
        },
    )
    agency.seal()
    path = f"/v1/teams/{agency.team_id('a')}/{report}"
    tokens = [token_of(agency) for token_of, teams in READERS.values() if "a" in teams]

    replies = [get(agency, token, path) for token in tokens]

    assert len(tokens) == 7
    assert len({reply.data for reply in replies}) == 1
    assert len({reply.headers["ETag"] for reply in replies}) == 1


def test_a_heat_map_has_only_the_teams_that_its_reader_sees(agency, ballot_factory):
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {
            "a": identical_contents(10),
            "b": identical_contents(9),
            "c": identical_contents(3),
        },
    )
    agency.seal()

    for token_of, teams in READERS.values():
        token = token_of(agency)
        for team in teams:
            heatmap = answer(agency, token, agency.team_id(team), "heatmap")[1]
            assert {row["team"]["external_id"] for row in heatmap["rows"]} <= teams
