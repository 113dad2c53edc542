"""Readers of each wave of a team, after teams and people have moved."""

import csv
import json
from io import StringIO

import pytest
from sqlalchemy import func, select

from rapport_schemas.enums import Role
from rapport_service.core.db import Door, read_transaction
from rapport_service.encoding import base64url
from rapport_service.registry.models import WaveReader
from tests.reports.report_requests import (
    CSV,
    REPORTS,
    client_access_token,
    get_as,
    request_report,
    seal_answered_wave,
)
from tests.support.admin import AdminClient
from tests.support.ballots import BallotFactory
from tests.support.lifecycle import retire_waves
from tests.sustainment.planted_releases import (
    PlantedScore,
    plant_crisis,
    plant_marker,
    plant_release,
)
from tests.sustainment.sustainment_requests import codes, request_sustainment
from tests.sustainment.sustainment_requests import update_findings as update

SIZES = {"north": 9, "south": 12, "x": 3, "y": 12}
PARENTS = {"x": "north", "y": "north"}
SUPERVISES = {
    "director": ["agency"],
    "chief": ["north"],
    "boss": ["south"],
    "lead": ["x"],
    "heir": [],
}
FIGURES = ("tier", "respondents", "participation", "constructs", "source_team")


def new_agency(service):
    return service.agency(SIZES, PARENTS, supervises=SUPERVISES)


@pytest.fixture
def agency(service):
    return new_agency(service)


@pytest.fixture(scope="module")
def moved(service_session, ballot_keys):
    """An agency and its sealed wave: X was in North, whose figures it has, and is in
    South now. No test changes it."""
    service_session.clock.reset()
    agency = new_agency(service_session)
    wave = seal_answered_wave(
        BallotFactory(ballot_keys), agency, north=9, south=12, x=3, y=12
    )
    agency.change_roster(parents={"x": "south"}, homes={"x-1": "south"})
    return agency, wave


def score_of(agency, reader, team, **query):
    reply = request_report(
        agency, "score", team, token=agency.cached_reader_token(reader), **query
    )
    return reply.get_json()


def figures_of(document):
    return {name: document[name] for name in FIGURES}


NONE_SHOWN = dict.fromkeys(FIGURES)


@pytest.mark.usefixtures("service")
class TestMovedTeam:
    def test_present_supervisor_reads_that_it_was_rolled_up_and_no_more(self, moved):
        agency, wave = moved
        document = score_of(agency, "boss", "x")

        assert document == {
            "format": 2,
            "status": "rolled_up",
            "team": document["team"],
            "wave_id": wave,
            "release": 1,
            "opens_at": document["opens_at"],
            "closes_at": document["closes_at"],
            "source_team": None,
            "tier": None,
            "respondents": None,
            "participation": None,
            "tipping_point": None,
            "constructs": None,
            "agreement": None,
            "items": None,
            "crisis_percent": None,
            "explanation": document["explanation"],
        }
        assert codes(document) == ["group_hidden"]
        assert "North" not in json.dumps(document)

    @pytest.mark.parametrize("reader", ["director", "chief", "lead"])
    def test_readers_of_the_group_and_of_the_team_then(self, moved, reader):
        """The lead of X sees what X itself had: North is no longer around it."""
        agency, _ = moved
        shown = figures_of(score_of(agency, reader, "x"))

        if reader == "lead":  # today of South's X, and never a reader of North
            assert shown == NONE_SHOWN
        else:
            assert shown == figures_of(
                score_of(agency, reader, "north")
                | {"source_team": shown["source_team"]}
            )
            assert shown["source_team"]["external_id"] == "north"

    def test_present_supervisor_still_reads_no_other_team_of_the_group(self, moved):
        agency, _ = moved

        for team in ("north", "y"):
            assert score_of(agency, "boss", team)["code"] == "team-not-found"

    def test_group_above_both_is_shown_to_everybody(self, service, ballot_factory):
        agency = service.agency(
            {"north": 0, "south": 9, "x": 3},
            {"x": "north"},
            supervises={"boss": ["south"]},
        )
        seal_answered_wave(ballot_factory, agency, south=9, x=3)
        agency.change_roster(parents={"x": "south"})

        shown = score_of(agency, "boss", "x")

        assert shown["status"] == "rolled_up"
        assert shown["source_team"]["external_id"] == "agency"
        assert shown["constructs"] is not None

    def test_trend_names_the_group_to_its_readers_alone(self, moved):
        agency, _ = moved

        def sources(reader):
            token = agency.cached_reader_token(reader)
            reply = request_report(agency, "trend", "x", token=token)
            return [
                (point["status"], point["source_team"] and point["source_team"]["name"])
                for point in reply.get_json()["waves"]
            ]

        assert sources("boss") == [("rolled_up", None)]
        assert sources("chief") == [("rolled_up", "Team north")]

    def test_heat_map_row_has_no_figures_of_the_group(self, moved):
        agency, wave = moved

        def rows(reader, team):
            token = agency.cached_reader_token(reader)
            reply = request_report(agency, "heatmap", team, token=token, wave_id=wave)
            return {row["team"]["external_id"]: row for row in reply.get_json()["rows"]}

        assert list(rows("boss", "south")) == ["south"]  # x was in North then
        assert figures_of(rows("boss", "x")["x"]) == NONE_SHOWN
        assert rows("chief", "north")["x"]["constructs"] is not None

    def test_heat_map_explains_the_row_without_figures(self, moved):
        agency, _ = moved
        token = agency.cached_reader_token("boss")

        document = request_report(agency, "heatmap", "x", token=token).get_json()

        assert codes(document) == ["no_ranking", "group_hidden"]

    @pytest.mark.parametrize("report", REPORTS)
    def test_table_has_no_figure_either(self, moved, report):
        agency, _ = moved
        token = agency.cached_reader_token("boss")

        reply = request_report(agency, report, "x", token=token, headers=CSV)

        (row,) = csv.DictReader(StringIO(reply.text))
        assert row["status"] == "rolled_up"
        assert {row[name] for name in ("score", "source_team_id", "respondents")} == {
            ""
        }

    def test_releases_give_the_digest_of_what_the_reader_gets(self, moved):
        agency, wave = moved
        digests = {}
        for reader in ("boss", "chief", "director"):
            token = agency.cached_reader_token(reader)
            listed = get_as(agency, f"/v1/waves/{wave}/releases", token=token)
            (release,) = listed.get_json()["releases"]
            digests[reader] = {
                entry["team_id"]: entry["digest"] for entry in release["documents"]
            }
            score = request_report(agency, "score", "x", token=token)
            assert digests[reader][str(agency.team_id("x"))] == (
                base64url.digest(score.data)
            )

        assert digests["chief"].items() <= digests["director"].items()
        assert not digests["boss"].items() <= digests["director"].items()
        assert str(agency.team_id("north")) not in digests["boss"]

    @pytest.mark.parametrize("report", REPORTS)
    def test_readers_share_no_cached_reply(self, moved, report):
        agency, _ = moved
        tags = set()
        for reader in ("boss", "director"):
            token = agency.cached_reader_token(reader)
            reply = request_report(agency, report, "x", token=token)
            assert "Authorization" in reply.vary
            assert reply.headers["Cache-Control"] == "private, no-cache"
            tags.add(reply.headers["ETag"])

        assert len(tags) == 2

    def test_program_reads_by_its_limit_today(self, moved):
        agency, _ = moved

        def read(*teams):
            token = client_access_token(agency, *teams)
            return request_report(agency, "score", "x", token=token).get_json()

        assert figures_of(read("south")) == figures_of(read("x")) == NONE_SHOWN
        assert read()["source_team"]["external_id"] == "north"
        assert read("north")["code"] == "team-not-found"

    def test_member_who_moved_reads_the_group_they_answered_in(self, moved):
        agency, wave = moved
        token = agency.phone("x-1").tokens["access_token"]

        listed = get_as(agency, "/v1/teams", token=token).get_json()["teams"]
        past = get_as(agency, "/v1/teams", token=token, gone="true").get_json()["teams"]
        own = request_report(agency, "score", "x", token=token).get_json()
        now = request_report(agency, "score", "south", token=token).get_json()
        other = request_report(agency, "score", "north", token=token).get_json()

        assert [team["external_id"] for team in listed] == ["south"]
        assert [(team["external_id"], team["gone"]) for team in past] == [("x", False)]
        assert (own["status"], own["wave_id"]) == ("rolled_up", wave)
        assert figures_of(own) == NONE_SHOWN  # X is no longer in North
        assert now["status"] == "released"
        assert other["code"] == "team-not-found"


class TestFormerReader:
    @pytest.fixture
    def waves(self, agency, ballot_factory):
        """Three waves; before the last, X loses its lead, and a member moves away."""
        answered = {"north": 9, "south": 12, "x": 3, "y": 12}
        waves = [seal_answered_wave(ballot_factory, agency, **answered) for _ in "12"]
        agency.change_roster(
            homes={"y-1": "south"}, supervises={"chief": [], "heir": ["north"]}
        )
        waves.append(seal_answered_wave(ballot_factory, agency, **answered))
        return waves

    def readers(self, agency):
        return {
            "member": agency.phone("y-1").tokens["access_token"],
            "chief": agency.reader_token("chief"),
        }

    @pytest.mark.parametrize("reader", ["member", "chief"])
    def test_score_of_the_waves_that_were_theirs(self, agency, waves, reader):
        token = self.readers(agency)[reader]

        def read(**query):
            reply = request_report(agency, "score", "y", token=token, **query)
            return reply.get_json().get("code") or reply.get_json()["wave_id"]

        assert [read(wave_id=wave) for wave in waves] == [
            *waves[:2],
            "nothing-measured",
        ]
        assert read() == waves[1]

    @pytest.mark.parametrize("reader", ["member", "chief"])
    def test_trend_ends_with_their_last_wave(self, agency, waves, reader):
        token = self.readers(agency)[reader]

        trend = request_report(agency, "trend", "y", token=token).get_json()
        first = request_report(agency, "trend", "y", token=token, limit="1").get_json()

        assert [point["wave_id"] for point in trend["waves"]] == waves[1::-1]
        assert first["heading"] == trend["heading"]
        assert first["explanation"] == trend["explanation"]

    def test_releases_and_heat_map_follow_the_same_rule(self, agency, waves):
        token = self.readers(agency)["chief"]

        def teams(wave):
            listed = get_as(agency, f"/v1/waves/{wave}/releases", token=token)
            (release,) = listed.get_json()["releases"]
            return {entry["team_id"] for entry in release["documents"]}

        def heatmap(wave):
            reply = request_report(
                agency, "heatmap", "north", token=token, wave_id=wave
            ).get_json()
            return reply.get("code") or [
                row["team"]["external_id"] for row in reply["rows"]
            ]

        theirs = {str(agency.team_id(team)) for team in ("north", "x", "y")}
        assert [teams(wave) for wave in waves] == [theirs, theirs, set()]
        assert [heatmap(wave) for wave in waves] == [
            ["north", "x", "y"],
            ["north", "x", "y"],
            "nothing-measured",
        ]

    def test_lists_have_a_way_to_find_their_teams(self, agency, waves):
        token = self.readers(agency)["chief"]

        def names(**query):
            listed = get_as(agency, "/v1/teams", token=token, **query)
            return [team["external_id"] for team in listed.get_json()["teams"]]

        assert names() == []
        assert names(gone="true") == ["north", "x", "y"]
        assert names(gone="true", external_id="y") == ["y"]
        assert waves

    def test_next_supervisor_reads_all_of_the_teams_waves(self, agency, waves):
        token = agency.reader_token("heir")

        trend = request_report(agency, "trend", "y", token=token).get_json()

        assert [point["wave_id"] for point in trend["waves"]] == waves[::-1]

    def test_marker_of_the_whole_agency_needs_a_team_of_today(self, agency, waves):
        plant_marker(agency, "policy_change", agency.service.clock().date())
        assert waves

        def markers(token):
            return len(get_as(agency, "/v1/markers", token=token).get_json()["markers"])

        assert markers(agency.reader_token("heir")) == 1
        assert markers(self.readers(agency)["member"]) == 1
        assert markers(self.readers(agency)["chief"]) == 0

    def test_right_ends_when_the_wave_retires(self, agency, waves):
        retire_waves(agency)
        assert waves

        with read_transaction(Door.REPORTS) as session:
            left = session.scalar(
                select(func.count())
                .select_from(WaveReader)
                .where(WaveReader.organization_id == agency.id)
            )
        member = agency.phone("y-1").tokens["access_token"]
        heir = agency.reader_token("heir")

        assert left == 0
        assert (
            request_report(agency, "score", "y", token=member).get_json()["code"]
            == "team-not-found"
        )
        assert request_report(agency, "score", "y", token=heir).status_code == 200


def test_announcement_freezes_members_and_supervisors(agency):
    wave = agency.announce()
    agency.change_roster(homes={"x-1": "south"}, supervises={"lead": []})

    with read_transaction(Door.REPORTS) as session:
        rows = session.execute(
            select(WaveReader.team_id, WaveReader.role).where(
                WaveReader.organization_id == agency.id,
                WaveReader.wave_id == agency.wave(wave).wave_id,
            )
        ).all()

    ids = {team: agency.team_id(team) for team in ("agency", *SIZES)}
    members = [team for team, role in rows if role == Role.MEMBER]
    assert {name: members.count(ids[name]) for name in ids} == {**SIZES, "agency": 5}
    assert sorted(
        str(team) for team, role in rows if role == Role.SUPERVISOR
    ) == sorted(str(ids[team]) for team in ("agency", "north", "south", "x"))


def test_id_of_a_person_who_left_brings_no_rights_to_the_next(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, north=9, south=12, x=3, y=12)
    admin = AdminClient(agency)
    roster = admin.get("/v1/roster").get_json()
    people = roster["people"]
    without = [each for each in people if each["external_id"] not in {"y-1", "chief"}]
    again = [
        {"external_id": name, "team": "south", "supervises": ["south"], "away": False}
        for name in ("y-1", "chief")
    ]

    admin.put("/v1/roster", {**roster, "people": without})
    admin.put("/v1/roster", {**roster, "people": without + again})

    for token in (
        agency.phone("y-1").tokens["access_token"],
        agency.reader_token("chief"),
    ):
        reply = request_report(agency, "score", "y", token=token, wave_id=wave)
        assert reply.get_json()["code"] == "team-not-found"


class TestGoneTeam:
    @pytest.fixture
    def wave(self, agency, ballot_factory):
        wave = seal_answered_wave(ballot_factory, agency, north=9, south=12, x=3, y=12)
        homes = {f"y-{number}": None for number in range(2, 13)}
        agency.change_roster(
            parents={"y": None, "x": None},
            homes=homes
            | {"y-1": "south", "x-1": "north", "x-2": "north", "x-3": "north"},
            supervises={"lead": []},
        )
        return wave

    def test_administrators_find_it_and_read_all_of_it(self, agency, wave):
        token = agency.admin_token()

        listed = get_as(agency, "/v1/teams", token=token).get_json()["teams"]
        gone = get_as(agency, "/v1/teams", token=token, gone="true").get_json()
        team = get_as(
            agency, f"/v1/teams/{agency.team_id('y')}", token=token
        ).get_json()

        assert "y" not in {team["external_id"] for team in listed}
        assert [team["external_id"] for team in gone["teams"]] == ["x", "y"]
        assert team["gone"] is True
        for report in ("score", "trend", "heatmap"):
            reply = request_report(agency, report, "y", token=token)
            assert reply.status_code == 200, reply.text
        score = request_report(agency, "score", "x", token=token).get_json()
        assert score["wave_id"] == wave
        assert score["source_team"]["external_id"] == "north"

    @pytest.mark.parametrize(
        ("reader", "team", "status"),
        [
            ("boss", "y", 404),
            ("chief", "y", "released"),
            ("director", "y", "released"),
            ("lead", "x", "rolled_up"),
        ],
    )
    def test_supervisors_read_what_was_theirs(self, agency, wave, reader, team, status):
        document = score_of(agency, reader, team)

        assert document.get("status") == status
        assert document.get("wave_id", wave) == wave

    def test_members_read_what_was_theirs(self, agency, wave):
        moved = agency.phone("y-1").tokens["access_token"]
        merged = agency.phone("x-1").tokens["access_token"]

        own = request_report(agency, "score", "y", token=moved).get_json()
        rolled = request_report(agency, "score", "x", token=merged).get_json()

        assert (own["status"], own["wave_id"]) == ("released", wave)
        assert rolled["source_team"]["external_id"] == "north"  # their team today

    def test_programs_read_the_roster_of_today(self, agency, wave):
        assert wave
        for limit in ((), ("north",)):
            token = client_access_token(agency, *limit)
            reply = request_report(agency, "score", "y", token=token)
            assert reply.get_json()["code"] == "team-not-found"
            assert (
                get_as(agency, "/v1/teams", token=token, gone="true").get_json()[
                    "teams"
                ]
                == []
            )


class TestSustainmentOfMovedTeam:
    """X has no figures of its own: its findings are those of North, where it was."""

    @pytest.fixture
    def marker(self, agency):
        marker, _ = plant_crisis(agency, 6, 11)
        for number in range(17):
            score = 50 if number < 6 else 65
            plant_release(agency, 14 * number, {"north": PlantedScore(score)})
        update(agency.id)
        return marker

    def test_group_is_shown_while_it_is_around_the_team(self, agency, marker):
        document = request_sustainment(
            agency, "x", marker, agency.reader_token("lead")
        ).get_json()

        assert document["status"] == "rolled_up"
        assert document["source_team"]["external_id"] == "north"

    def test_reader_of_today_gets_no_figure_of_the_group(self, agency, marker):
        agency.change_roster(parents={"x": "south"})
        reply = request_sustainment(agency, "x", marker, agency.reader_token("boss"))
        hidden = reply.get_json()

        assert hidden["status"] == "rolled_up"
        assert codes(hidden) == ["group_hidden"]
        kept = {"format", "status", "version", "team", "explanation"}
        assert {name for name, value in hidden.items() if value is not None} == kept
        assert "Authorization" in reply.vary

        table = request_sustainment(
            agency, "x", marker, agency.reader_token("boss"), **CSV
        )
        (row,) = csv.DictReader(StringIO(table.text))
        shown = {name for name, cell in row.items() if cell}
        assert shown == {
            *("team_id", "team_external_id", "team_name"),
            *("status", "version"),
        }

    def test_reader_of_today_sees_no_marker_of_the_group_around_the_team_before(
        self, agency
    ):
        marker, _ = plant_crisis(agency, 6, 11, team="north", label="Inquiry in North")
        for number in range(17):
            score = 50 if number < 6 else 65
            plant_release(agency, 14 * number, {"north": PlantedScore(score)})
        update(agency.id)
        agency.change_roster(parents={"x": "south"})
        token = agency.reader_token("boss")

        for asked in (marker, None):
            for form in ({}, CSV):
                reply = request_sustainment(agency, "x", asked, token, **form)
                assert reply.status_code == 200
                assert "Inquiry" not in reply.text
                assert marker not in reply.text

    @pytest.mark.parametrize("reader", ["director", "chief"])
    def test_readers_of_the_group_get_all_of_it(self, agency, marker, reader):
        agency.change_roster(parents={"x": "south"})
        document = request_sustainment(
            agency, "x", marker, agency.reader_token(reader)
        ).get_json()

        assert document["constructs"] is not None
        assert document["source_team"]["external_id"] == "north"

    def test_former_reader_gets_findings_on_their_own_waves_alone(self, agency, marker):
        agency.change_roster(supervises={"chief": []})
        before = request_sustainment(
            agency, "north", marker, agency.reader_token("chief")
        ).get_json()
        plant_release(agency, 14 * 17, {"north": PlantedScore(10)})
        update(agency.id)

        former = request_sustainment(
            agency, "north", marker, agency.reader_token("chief")
        ).get_json()
        present = request_sustainment(
            agency, "north", marker, agency.reader_token("director")
        ).get_json()

        assert former == before
        assert present["version"] == former["version"] + 1

    def test_reader_since_today_gets_no_finding_on_waves_before(self, agency, marker):
        agency.change_roster(homes={"south-1": "north"})
        wave = plant_release(agency, 14 * 17, {"north": PlantedScore(60)})
        agency.change_roster(homes={"south-1": "south"})
        update(agency.id)
        token = agency.phone("south-1").tokens["access_token"]

        sustainment = request_sustainment(agency, "north", marker, token).get_json()
        listed = get_as(agency, f"/v1/waves/{wave}/releases", token=token).get_json()

        assert sustainment["code"] == "marker-not-found"
        assert [len(each["documents"]) for each in listed["releases"]] == [2]
