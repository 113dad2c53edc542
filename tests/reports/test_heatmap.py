import pytest

from tests.reports.report_requests import request_report, seal_answered_wave
from tests.support.lifecycle import advance_past_close
from tests.support.submissions import identical_contents, submit_contents

PARENTS = {"z": "north", "a": "north", "m": "north"}
SHOWN = ("tier", "respondents", "participation", "constructs", "release", "status")


@pytest.fixture
def agency(service):
    return service.agency(
        {"north": 0, "z": 12, "a": 12, "m": 12, "south": 12},
        PARENTS,
        supervises={"director": ["agency"], "chief": ["north"]},
    )


def rows(reply):
    return {row["team"]["external_id"]: row for row in reply.get_json()["rows"]}


def test_team_comes_first_and_its_children_by_their_ids(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, z=12, a=10, m=11, south=12)

    north, whole = (
        request_report(agency, "heatmap", team) for team in ("north", "agency")
    )

    assert list(rows(north)) == ["north", "a", "m", "z"]
    assert list(rows(whole)) == ["agency", "north", "south"]


def test_no_score_moves_a_team_up_or_down(agency, ballot_factory):
    orders = []
    for value in (1, 5):
        wave = agency.announce()
        contents = {
            "a": identical_contents(10, value),
            "m": identical_contents(10, 3),
            "z": identical_contents(10, 6 - value),
        }
        submit_contents(ballot_factory, agency, wave, contents)
        agency.seal()
        orders.append(list(rows(request_report(agency, "heatmap", "north"))))

    assert orders == [["north", "a", "m", "z"]] * 2


def test_row_has_the_figures_of_the_teams_score(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, z=12, a=3, m=11, south=12)

    heatmap = request_report(agency, "heatmap", "north")

    for team, row in rows(heatmap).items():
        score = request_report(agency, "score", team).get_json()
        assert {name: row[name] for name in SHOWN} == {
            name: score[name] for name in SHOWN
        }
        assert row["source_team"] == score.get("source_team")
    statuses = {team: row["status"] for team, row in rows(heatmap).items()}
    assert statuses["a"] == "rolled_up"
    assert rows(heatmap)["a"]["source_team"]["name"] == "Team north"


def test_withheld_row_has_no_figure_and_no_band(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, z=1, a=1, m=1, south=1)

    withheld = rows(request_report(agency, "heatmap", "north")).values()

    assert {row["status"] for row in withheld} == {"withheld"}
    for name in ("tier", "respondents", "participation", "constructs", "source_team"):
        assert {row[name] for row in withheld} == {None}


def test_a_wave_may_be_asked_for_and_is_dated(agency, ballot_factory):
    first = seal_answered_wave(ballot_factory, agency, a=10, m=10)
    second = seal_answered_wave(ballot_factory, agency, a=10, m=10)

    newest = request_report(agency, "heatmap", "north").get_json()
    older = request_report(agency, "heatmap", "north", wave_id=first).get_json()

    assert (newest["wave_id"], older["wave_id"]) == (second, first)
    assert newest["status"] == older["status"] == "sealed"
    assert older["opens_at"] < older["closes_at"] < newest["opens_at"]


def test_a_wave_that_is_not_sealed_is_pending(agency):
    wave = agency.announce()
    before = request_report(agency, "heatmap", "north").get_json()
    advance_past_close(agency)

    assert before == request_report(agency, "heatmap", "north").get_json()
    assert before == request_report(agency, "score", "north").get_json()
    assert (before["status"], before["wave_id"]) == ("pending", wave)


def test_team_without_a_wave_has_not_been_measured(agency, ballot_factory):
    before = request_report(agency, "heatmap", "north")
    seal_answered_wave(ballot_factory, agency, a=10)
    newcomers = {"north": 0, "z": 12, "a": 12, "m": 12, "south": 12, "new": 12}
    agency.put(newcomers, PARENTS, {"director": ["agency"]})

    after = [request_report(agency, "heatmap", "new")]
    after.append(
        request_report(
            agency, "heatmap", "new", wave_id=f"{agency.id}.{agency.team_id('a')}"
        )
    )

    replies = [before, *after]
    assert [r.get_json()["code"] for r in replies] == ["nothing-measured"] * 3


def test_a_new_child_is_in_the_waves_that_asked_it_and_a_moved_one_where_it_was(
    agency, ballot_factory
):
    first = seal_answered_wave(ballot_factory, agency, z=10, a=10, m=10)
    agency.put(
        {"north": 0, "z": 12, "a": 12, "m": 12, "south": 12, "new": 12},
        {"z": "south", "a": "north", "m": "north", "new": "north"},
        {"director": ["agency"]},
    )
    seal_answered_wave(ballot_factory, agency, z=10, a=10, m=10, new=10)

    newest = request_report(agency, "heatmap", "north")
    older = request_report(agency, "heatmap", "north", wave_id=first)

    assert list(rows(newest)) == ["north", "a", "m", "new"]
    assert list(rows(older)) == ["north", "a", "m", "z"]


def test_child_that_left_the_roster_has_a_row_for_administrators_and_who_led_it(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, z=10, a=10, m=10)
    agency.put(
        {"north": 0, "a": 12, "m": 12, "south": 12},
        {"a": "north", "m": "north"},
        {"director": ["agency"], "chief": [], "heir": ["north"]},
    )

    seen = {
        reader: list(rows(request_report(agency, "heatmap", "north", token=token)))
        for reader, token in (
            ("admin", agency.admin_token()),
            ("chief", agency.reader_token("chief")),
            ("heir", agency.reader_token("heir")),
        )
    }

    assert seen == {
        "admin": ["north", "a", "m", "z"],
        "chief": ["north", "a", "m", "z"],
        "heir": ["north", "a", "m"],
    }


def test_member_sees_the_row_of_their_team_alone(service, ballot_factory):
    agency = service.agency(
        {"north": 12, "a": 12, "b": 12}, {"a": "north", "b": "north"}
    )
    seal_answered_wave(ballot_factory, agency, north=10, a=10, b=10)
    member = agency.phone("north-1").tokens["access_token"]

    heatmap = request_report(agency, "heatmap", "north", token=member)

    assert list(rows(heatmap)) == ["north"]
    assert request_report(agency, "heatmap", "a", token=member).status_code == 404


def test_explanation_denies_a_ranking_and_names_rolled_up_teams(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, z=12, a=3, m=11, south=12)

    first, second = request_report(agency, "heatmap", "north").get_json()["explanation"]

    assert first["code"] == "no_ranking"
    assert second["code"] == "in_their_place"
    assert "Team a" in second["en"]
    assert "Team a" in second["es"]
