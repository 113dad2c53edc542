"""``rapport score``, ``trend``, ``heatmap`` and ``sustainment``."""

import csv
import io
from datetime import date

import pytest

from rapport_service.cli.reports import heatmap, score, sustainment, trend
from rapport_service.core import db as database
from rapport_service.core.db import Door
from rapport_service.tables.text import display_width
from tests.cli.command_runner import run_command, run_command_json
from tests.reports.report_requests import CSV, get_as, seal_answered_wave
from tests.support.lifecycle import advance_past_close
from tests.support.submissions import identical_contents, submit_contents
from tests.sustainment.planted_releases import (
    plant_crisis,
    plant_fortnightly_waves,
    plant_marker,
)

PEOPLE = {"north": 0, "a": 12, "b": 12, "south": 12}
PARENTS = {"a": "north", "b": "north"}
REPORTS = {"score": score, "trend": trend, "heatmap": heatmap}
NO_RESULTS = "Error: there are no results here yet. Look again after the next wave.\n"


@pytest.fixture(scope="module")
def sealed(service_session, ballot_factory):
    """An agency with two sealed waves, in which team b had few answers."""
    service_session.clock.reset()
    agency = service_session.agency(PEOPLE, PARENTS)
    for value in (3, 4):
        seal_answered_wave(ballot_factory, agency, value, a=10, b=3, south=12)
    return agency


@pytest.fixture
def agency(service):
    return service.agency(PEOPLE, PARENTS)


@pytest.fixture
def after_a_crisis(service):
    """An agency with a crisis that began and ended, and a finding about it."""
    agency = service.agency({"a": 10, "b": 10})
    markers = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (63, 6))
    agency.tick()
    return agency, markers


def read_api(agency, team, report, headers=None, **query):
    path = f"/v1/teams/{agency.team_id(team)}/{report}"
    token = agency.admin_token()
    reply = get_as(agency, path, token=token, headers=headers, **query)
    assert reply.status_code == 200, reply.text
    return reply


def rows_of_api(agency, team, report):
    text = read_api(agency, team, report, CSV).text
    return [*csv.reader(io.StringIO(text, newline=""))]


def rows_of_command(*command):
    return [*csv.reader(io.StringIO(run_command(*command, "--csv")))]


# The same as in the API.


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("team", ["agency", "north", "a", "b"])
def test_json_is_the_document_and_csv_the_table_that_an_administrator_reads(
    sealed, report, team
):
    document = read_api(sealed, team, report).get_json()

    assert run_command_json(REPORTS[report], sealed.id, team) == document
    assert rows_of_command(REPORTS[report], sealed.id, team) == rows_of_api(
        sealed, team, report
    )


def test_team_is_named_by_its_id_too(sealed):
    by_id = run_command_json(score, sealed.id, sealed.team_id("a"))

    assert by_id == run_command_json(score, sealed.id, "a")


def test_teams_are_all_read_each_before_those_below_it(sealed):
    scores = run_command_json(score, sealed.id)["scores"]
    rows = rows_of_command(score, sealed.id)

    teams = [each["team"]["external_id"] for each in scores]
    assert teams == ["agency", "north", "a", "b", "south"]
    assert scores == [read_api(sealed, team, "score").get_json() for team in teams]
    assert rows[1:] == [
        row for team in teams for row in rows_of_api(sealed, team, "score")[1:]
    ]


def test_heat_maps_of_all_teams_with_teams_below_them(sealed):
    heatmaps = run_command_json(heatmap, sealed.id)["heatmaps"]

    assert heatmaps == [
        read_api(sealed, team, "heatmap").get_json() for team in ("agency", "north")
    ]


@pytest.mark.parametrize("report", ["score", "heatmap"])
def test_wave_can_be_named(sealed, report):
    second, first = (
        point["wave_id"] for point in run_command_json(trend, sealed.id, "a")["waves"]
    )
    command = REPORTS[report], sealed.id, "north"

    named = run_command_json(*command, "--wave", first)

    assert named == read_api(sealed, "north", report, wave_id=first).get_json()
    assert run_command_json(*command)["wave_id"] == second
    every = run_command_json(REPORTS[report], sealed.id, "--wave", first)
    assert {each["wave_id"] for each in every[f"{report}s"]} == {first}


@pytest.mark.parametrize("team", ["agency", "a"])
def test_sustainment_is_that_of_the_api(after_a_crisis, team):
    agency, (start, end) = after_a_crisis
    command = sustainment, agency.id, team

    document = read_api(agency, team, "sustainment").get_json()
    for option in ((), ("--marker", start), ("--marker", end)):
        assert run_command_json(*command, *option) == document
    assert rows_of_command(*command) == rows_of_api(agency, team, "sustainment")


def test_pending_finding_is_that_of_the_api(agency):
    marker = plant_marker(agency, "policy_change", date(2027, 2, 1))

    document = run_command_json(sustainment, agency.id, "a")

    assert document == read_api(agency, "a", "sustainment").get_json()
    assert (document["status"], document["marker_id"]) == ("pending", marker)


def test_pending_score_is_that_of_the_api(agency):
    agency.announce()

    for report in ("score", "heatmap"):
        document = run_command_json(REPORTS[report], agency.id, "a")

        assert document["status"] == "pending"
        assert document == read_api(agency, "a", report).get_json()


@pytest.mark.parametrize("command", [score, heatmap])
def test_every_read_goes_through_the_door_of_reports(sealed, monkeypatch, command):
    doors = []
    assume = database._assume_door_role

    def note_door(door, *session, **how):
        doors.append((door, how))
        return assume(door, *session, **how)

    monkeypatch.setattr(database, "_assume_door_role", note_door)

    run_command(command, sealed.id)

    assert doors == [(Door.REPORTS, {"writes": False})]


# As people read it.


def test_table_indents_teams_and_names_whose_figures_they_are(sealed):
    lines = run_command(score, sealed.id, "--table").splitlines()

    wave = run_command_json(score, sealed.id, "a")["wave_id"]
    assert lines[0] == f"Wave {wave}, open from 2027-03-18 to 2027-03-25"
    assert lines[2].split("  ")[0] == "team"
    names = [line[: line.index("  ", 6)] for line in lines[3:8]]
    assert names == [
        *("The agency", "  Team north", "    Team a", "    Team b", "  Team south")
    ]
    assert "Team north" in lines[6][12:]
    assert "not a ranking" in lines[9]
    assert lines[10].endswith("larger group that includes them: Team a and Team b.")


def test_figures_are_those_of_the_document(sealed):
    document = run_command_json(score, sealed.id, "south")

    _, _, _, row, *_ = run_command(score, sealed.id, "south", "--table").splitlines()

    assert row.split("  ")[0] == "Team south"
    assert "the team" in row
    for figure in document["constructs"].values():
        assert f"{figure['score']} ({figure['favourable']}%)" in row
    assert document["respondents"] in row
    assert f"{document['participation']}%" in row


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("report", REPORTS)
def test_sentences_are_those_of_the_document(sealed, report, language):
    command = REPORTS[report], sealed.id, "b"
    document = run_command_json(*command)

    printed = run_command(*command, "--table", "--language", language)

    sentences = [each[language] for each in document["explanation"]]
    assert printed.splitlines()[-len(sentences) :] == sentences


def test_finding_is_read_with_its_sentences(after_a_crisis):
    agency, _ = after_a_crisis
    document = run_command_json(sustainment, agency.id, "agency")

    lines = run_command(sustainment, agency.id, "agency", "--table").splitlines()

    assert lines[0] == ("The agency: The flood (2027-03-24), The flood (2027-06-02)")
    overall = next(line for line in lines if line.startswith("overall"))
    gain = document["constructs"]["overall"]["accel"]
    assert "sustained" in overall
    assert gain["interval"] is None, "placebo dates decide: a gain, and no range"
    assert f"+{gain['points']}" in overall
    assert ".." not in overall
    assert document["explanation"][0]["en"] in lines


def test_withheld_score_says_so(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, a=3)

    single = run_command(score, agency.id, "agency", "--table")
    every = run_command(score, agency.id, "--table", "--language", "es")

    assert "The service cannot show a score of this team in this wave." in single
    assert "withheld" in single
    assert "no se muestra" in every
    assert (
        "El servicio no puede mostrar puntuaciones de estos equipos: The agency,"
        " Team north, Team a, Team b y Team south." in every
    )


def test_pending_score_says_when_it_comes(agency):
    agency.announce()
    advance_past_close(agency)

    single = run_command(score, agency.id, "a", "--table")
    every = run_command(score, agency.id, "--table")

    assert "pending" in single
    assert single.endswith(
        "The wave of this team is not sealed yet. Its score comes with the seal, after"
        " 16 March 2027 at 12:00 UTC.\n"
    )
    assert "so these teams have no scores: The agency, Team north, Team a" in every


def test_score_that_waits_for_the_clock_says_so(agency, ballot_factory):
    wave = agency.announce()
    agency.tick(days=2)
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})
    agency.service.clock.advance(days=60)

    printed = run_command(score, agency.id, "a", "--table")

    assert ("clock of the server may be wrong" in printed) == (
        read_api(agency, "a", "score").get_json()["delay"] == "clock_unconfirmed"
    )


def test_trend_has_a_row_for_each_wave(sealed):
    rows = [
        line.split("\t") for line in run_command(trend, sealed.id, "b").splitlines()
    ]

    assert [row[0] for row in rows] == ["2027-03-18", "2027-03-02"]
    assert [row[1] for row in rows] == ["Team north"] * 2
    assert {cell for row in rows for cell in row[2:]} == {""}


def test_pipe_gets_the_rows_alone(sealed):
    lines = run_command(score, sealed.id).splitlines()

    assert [line.split("\t")[0] for line in lines] == [
        *("The agency", "Team north", "Team a", "Team b", "Team south")
    ]
    assert {line.count("\t") for line in lines} == {6}


def test_language_of_a_report_is_looked_up_as_the_api_does(sealed):
    spanish, of_mexico, english = (
        run_command(score, sealed.id, "--table", "--language", tag)
        for tag in ("es", "ES-mx", "en-GB")
    )
    refused = run_command(score, sealed.id, "--language", "de", status=2)

    assert of_mexico == spanish
    assert english != spanish
    assert "'de' is not a language of reports. Choose en or es." in refused


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("report", REPORTS)
def test_report_fits_a_narrow_terminal(sealed, monkeypatch, report, language, width):
    monkeypatch.setenv("COLUMNS", str(width))

    printed = run_command(
        REPORTS[report], sealed.id, "agency", "--table", "--language", language
    )

    assert max(map(display_width, printed.splitlines())) <= width


# Refusals.


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_refusals_name_the_reason(sealed, report):
    unknown = run_command(report, sealed.id, "z\x1b", status=1)
    unlisted = run_command(report, "nobody", "a", status=1)

    assert unknown == "Error: there is no team z\\x1b\n"
    assert unlisted == "Error: there is no agency nobody\n"


def test_team_and_wave_of_another_agency_are_unknown(service, sealed):
    other = service.agency({"x": 8})
    wave = run_command_json(score, sealed.id, "a")["wave_id"]

    assert "there is no team" in run_command(
        score, other.id, sealed.team_id("a"), status=1
    )
    for teams in ((), ("x",)):
        for command in (score, heatmap):
            assert run_command(command, other.id, *teams, "--wave", wave, status=1) == (
                NO_RESULTS
            )


def test_before_the_first_wave_there_is_nothing_to_read(agency):
    for command in (score, heatmap):
        assert run_command(command, agency.id, "a", status=1) == NO_RESULTS
        assert run_command(command, agency.id, status=1) == NO_RESULTS
    assert run_command_json(trend, agency.id, "a")["waves"] == []
    assert "No wave of this team has been sealed yet." in run_command(
        trend, agency.id, "a", "--table"
    )


def test_teams_that_no_wave_asked_are_noted(agency, ballot_factory):
    seal_answered_wave(ballot_factory, agency, a=10, b=10, south=12)
    agency.put({**PEOPLE, "new": 12}, PARENTS, {})

    printed = run_command(score, agency.id)

    assert printed.splitlines()[-1] == "note: no such wave asked these teams: Team new"


def test_marker_that_is_not_there_is_named(agency):
    unknown = "00000000-0000-4000-8000-000000000000"

    assert "there is no marker for this team yet" in run_command(
        sustainment, agency.id, "a", status=1
    )
    assert f"there is no marker {unknown}" in run_command(
        sustainment, agency.id, "a", "--marker", unknown, status=1
    )
    run_command(sustainment, agency.id, "a", "--marker", "x", status=2)
