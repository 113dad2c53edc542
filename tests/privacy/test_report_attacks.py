"""Attacks on trends, heat maps, lists of releases and tables: none knows more."""

import csv
import io
import json
import re
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.stats.local_level import USUAL_VARIANCES
from tests.privacy.attacker import DIRECTOR, ScoreReader, teams_with_figures
from tests.reports.report_requests import CSV, get_as, request_report
from tests.support.submissions import identical_contents, submit_contents

PARENTS = {"a": "north", "b": "north", "c": "south", "d": "south"}
PEOPLE = {"north": 0, "south": 0, "a": 12, "b": 12, "c": 12, "d": 12}
TEAMS = ("agency", *PEOPLE)
COUNTS = st.fixed_dictionaries({team: st.integers(0, 12) for team in PARENTS})


def measured(service, ballot_factory, *waves):
    """An agency that answered so many waves, in such numbers; their ids."""
    service.clock.reset()
    agency = service.agency(PEOPLE, PARENTS, supervises=DIRECTOR)
    ids = []
    for counts in waves:
        ids.append(agency.announce())
        contents = {team: identical_contents(count) for team, count in counts.items()}
        submit_contents(ballot_factory, agency, ids[-1], contents)
        agency.seal()
    return agency, ids


def scores(agency, wave):
    return {
        t: request_report(agency, "score", t, wave_id=wave).get_json() for t in TEAMS
    }


def rows(reply):
    return list(csv.DictReader(io.StringIO(reply.data.decode(), newline="")))


def facts(node):
    """Every member of a document that says a word or a number, by its name."""
    named = set()
    for name, value in node.items():
        if isinstance(value, dict):
            named |= {(f"{name}.{below}", fact) for below, fact in facts(value)}
        elif value is not None:
            named.add((name, json.dumps(value)))
    return named


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COUNTS, min_size=2, max_size=2))
def test_a5_a_trend_says_nothing_that_the_scores_of_its_waves_do_not(
    service, ballot_factory, counts
):
    agency, waves = measured(service, ballot_factory, *counts)
    known = {wave: scores(agency, wave) for wave in waves}

    for team in TEAMS:
        points = request_report(agency, "trend", team).get_json()["waves"]
        assert [point["wave_id"] for point in points] == waves[::-1]
        for point in points:
            score = known[point["wave_id"]][team]
            dated = {"opens_at", "closes_at"}
            shown = {fact for fact in facts(point) if fact[0] not in dated}
            assert shown <= facts(score)
            if score["status"] != "released":
                assert not {name for name, _ in shown} & {"tier", "respondents"}


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COUNTS)
def test_a3_a_heat_map_says_nothing_that_the_scores_of_its_teams_do_not(
    service, ballot_factory, counts
):
    agency, (wave,) = measured(service, ballot_factory, counts)
    known = scores(agency, wave)

    for team in TEAMS:
        for row in request_report(agency, "heatmap", team).get_json()["rows"]:
            name = row["team"]["external_id"]
            assert facts(row) <= facts(known[name])


def test_a3_a_heat_map_shows_own_figures_of_released_teams_alone(
    service, ballot_factory
):
    agency, _ = measured(service, ballot_factory, {"a": 9, "b": 9, "c": 3, "d": 9})
    shown = teams_with_figures(ScoreReader(agency).everything())

    for team in ("agency", "north", "south"):
        for row in request_report(agency, "heatmap", team).get_json()["rows"]:
            own = row["status"] == "released"
            assert own == (row["team"]["external_id"] in shown)


@pytest.mark.parametrize("report", ["score", "trend", "heatmap"])
def test_a13_a_cell_that_is_withheld_carries_no_count_and_no_band(
    service, ballot_factory, report
):
    agency, _ = measured(service, ballot_factory, {"a": 4, "b": 0, "c": 0, "d": 0})

    for team in TEAMS:
        document = request_report(agency, report, team).get_json()
        written = json.dumps(document.get("waves") or document.get("rows") or document)
        assert '"withheld"' in written
        assert not re.search(r'"(score|5-9|10-19|20-49|50\+|<50|85\+)"', written)
        for row in rows(request_report(agency, report, team, headers=CSV)):
            filled = {name for name, cell in row.items() if cell}
            assert filled <= {
                *("team_id", "team_external_id", "team_name", "wave_id"),
                *("opens_at", "closes_at", "release", "status"),
            }


@pytest.mark.parametrize("report", ["score", "trend", "heatmap"])
def test_a32_a_table_has_the_figures_of_the_document_and_no_other(
    service, ballot_factory, report
):
    agency, _ = measured(
        service,
        ballot_factory,
        {"a": 12, "b": 3, "c": 7, "d": 0},
        {"a": 6, "b": 12, "c": 9, "d": 2},
    )

    for team in TEAMS:
        document = request_report(agency, report, team).get_json()
        known = set(re.findall(r"\d+", json.dumps(document)))
        for row in rows(request_report(agency, report, team, headers=CSV)):
            assert set(re.findall(r"\d+", " ".join(row.values()))) <= known


@pytest.mark.parametrize("report", ["trend", "heatmap"])
def test_a12_nothing_moves_while_answers_arrive(service, ballot_factory, report):
    agency, _ = measured(service, ballot_factory, {"a": 10, "b": 10})
    wave = agency.announce()
    agency.tick(days=2)
    seen = []

    for people in (0, 3, 2):
        submit_contents(ballot_factory, agency, wave, {"a": identical_contents(people)})
        seen.append([request_report(agency, report, team).data for team in TEAMS])
        seen[-1].append(get_as(agency, f"/v1/waves/{wave}/releases").data)

    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("report", ["trend", "heatmap"])
def test_a18_no_question_and_no_role_gets_more_out_of_a_report(
    service, ballot_factory, report
):
    agency, _ = measured(service, ballot_factory, {"a": 4, "b": 3})
    usual = request_report(agency, report, "north").data
    admin = agency.admin_token()

    tries = [
        request_report(agency, report, "north", token=admin, **{name: value})
        for name in ("k", "minimum", "force", "tier", "items", "respondents")
        for value in ("1", "true")
    ]

    assert request_report(agency, report, "north", token=admin).data == usual
    assert {reply.status_code for reply in tries} == {422}
    assert {reply.get_json()["errors"][0]["code"] for reply in tries} == {
        "unknown-field"
    }


def test_a27_a_list_of_releases_does_not_tell_why_a_team_is_hidden(
    service, ballot_factory
):
    agency, waves = measured(service, ballot_factory, {"a": 9, "b": 3, "c": 9, "d": 9})

    releases = get_as(agency, f"/v1/waves/{waves[0]}/releases").get_json()

    (release,) = releases["releases"]
    assert {len(each["digest"]) for each in release["documents"]} == {43}
    assert len(release["documents"]) == len(TEAMS)
    assert set(releases) == {
        *("wave_id", "charter_digest", "sealing_key_thumbprint"),
        *("releases", "next"),
    }
    assert set(release) == {
        *("number", "counted_ballots_digest", "invalid_band"),
        *("level_variances", "documents"),
    }
    # They rest on no answer, as fewer than five teams are shown.
    usual = {name: asdict(USUAL_VARIANCES) for name in CONSTRUCTS}
    assert release["level_variances"] == usual
