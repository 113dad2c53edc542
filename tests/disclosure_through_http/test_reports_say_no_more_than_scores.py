"""Attacks on trends, heat maps, lists of releases and tables: none knows more."""

import csv
import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.casting import cast, crowd
from tests.disclosure_through_http.attacker import DIRECTOR, Reader, released
from tests.reports.asking import CSV, ask, get

PARENTS = {"a": "north", "b": "north", "c": "south", "d": "south"}
PEOPLE = {"north": 0, "south": 0, "a": 12, "b": 12, "c": 12, "d": 12}
TEAMS = ("agency", *PEOPLE)
COUNTS = st.fixed_dictionaries({team: st.integers(0, 12) for team in PARENTS})


def measured(house, press, *waves):
    """An agency that answered so many waves, in such numbers; their ids."""
    house.clock.reset()
    agency = house.agency(PEOPLE, PARENTS, supervises=DIRECTOR)
    ids = []
    for counts in waves:
        ids.append(agency.announce())
        said = {team: crowd(count) for team, count in counts.items()}
        cast(press, agency, ids[-1], said)
        agency.seal()
    return agency, ids


def scores(agency, wave):
    return {t: ask(agency, "scores", t, wave=wave).get_json() for t in TEAMS}


def rows(reply):
    return list(csv.DictReader(io.StringIO(reply.data.decode(), newline="")))


def facts(node):
    """Every member of a document that says a word or a number, by its name."""
    found = set()
    for name, value in node.items():
        if isinstance(value, dict):
            found |= {(f"{name}.{below}", told) for below, told in facts(value)}
        elif value is not None:
            found.add((name, json.dumps(value)))
    return found


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(COUNTS, min_size=2, max_size=2))
def test_a5_a_trend_says_nothing_that_the_scores_of_its_waves_do_not(
    house, press, counts
):
    agency, waves = measured(house, press, *counts)
    known = {wave: scores(agency, wave) for wave in waves}

    for team in TEAMS:
        points = ask(agency, "trend", team).get_json()["waves"]
        assert [point["wave"] for point in points] == waves
        for point in points:
            score = known[point["wave"]][team]
            dated = {"opens_at", "closes_at"}
            told = {fact for fact in facts(point) if fact[0] not in dated}
            assert told <= facts(score)
            if score["status"] != "released":
                assert not {name for name, _ in told} & {"tier", "respondents"}


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(COUNTS)
def test_a3_a_heat_map_says_nothing_that_the_scores_of_its_teams_do_not(
    house, press, counts
):
    agency, (wave,) = measured(house, press, counts)
    known = scores(agency, wave)

    for team in TEAMS:
        for row in ask(agency, "heatmap", team).get_json()["rows"]:
            name = row["team"].pop("external_id")
            assert facts(row) <= facts(known[name])


def test_a3_a_heat_map_shows_own_figures_of_released_teams_alone(house, press):
    agency, _ = measured(house, press, {"a": 9, "b": 9, "c": 3, "d": 9})
    shown = released(Reader(agency).everything())

    for team in ("agency", "north", "south"):
        for row in ask(agency, "heatmap", team).get_json()["rows"]:
            own = row["status"] == "released"
            assert own == (row["team"]["external_id"] in shown)


@pytest.mark.parametrize("report", ["scores", "trend", "heatmap"])
def test_a13_a_cell_that_is_withheld_carries_no_count_and_no_band(house, press, report):
    agency, _ = measured(house, press, {"a": 4, "b": 0, "c": 0, "d": 0})

    for team in TEAMS:
        document = ask(agency, report, team).get_json()
        said = json.dumps(document.get("waves") or document.get("rows") or document)
        assert '"withheld"' in said
        assert not re.search(r'"(score|5-9|10-19|20-49|50\+|<50|85\+)"', said)
        for row in rows(ask(agency, report, team, headers=CSV)):
            told = {name for name, cell in row.items() if cell}
            assert told <= {
                *("team", "team_id", "external_id", "wave", "opens_at", "closes_at"),
                *("release", "status"),
            }


@pytest.mark.parametrize("report", ["scores", "trend", "heatmap"])
def test_a32_a_table_has_the_figures_of_the_document_and_no_other(house, press, report):
    agency, _ = measured(
        house,
        press,
        {"a": 12, "b": 3, "c": 7, "d": 0},
        {"a": 6, "b": 12, "c": 9, "d": 2},
    )

    for team in TEAMS:
        document = ask(agency, report, team).get_json()
        known = set(re.findall(r"\d+", json.dumps(document)))
        for row in rows(ask(agency, report, team, headers=CSV)):
            assert set(re.findall(r"\d+", " ".join(row.values()))) <= known


@pytest.mark.parametrize("report", ["trend", "heatmap"])
def test_a12_nothing_moves_while_answers_arrive(house, press, report):
    agency, _ = measured(house, press, {"a": 10, "b": 10})
    wave = agency.announce()
    agency.tick(days=2)
    seen = []

    for people in (0, 3, 2):
        cast(press, agency, wave, {"a": crowd(people)})
        seen.append([ask(agency, report, team).data for team in TEAMS])
        seen[-1].append(get(agency, f"/v1/waves/{wave}/releases").data)

    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("report", ["trend", "heatmap"])
def test_a18_no_question_and_no_role_gets_more_out_of_a_report(house, press, report):
    agency, _ = measured(house, press, {"a": 4, "b": 3})
    usual = ask(agency, report, "north").data
    admin = agency.admin_token()

    tries = [
        ask(agency, report, "north", token=admin, **{name: value}).data
        for name in ("k", "minimum", "force", "tier", "items", "respondents")
        for value in ("1", "true")
    ]

    assert set(tries) == {usual}


def test_a27_a_list_of_releases_does_not_tell_why_a_team_is_hidden(house, press):
    agency, waves = measured(house, press, {"a": 9, "b": 3, "c": 9, "d": 9})

    told = get(agency, f"/v1/waves/{waves[0]}/releases").get_json()

    (release,) = told["releases"]
    assert {len(each["digest"]) for each in release["documents"]} == {43}
    assert len(release["documents"]) == len(TEAMS)
    assert set(told) == {"wave", "charter", "releases"}
    assert set(release) == {"number", "counted", "documents"}
