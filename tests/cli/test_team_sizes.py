"""Notes about teams too small for a score; ``organization show`` and ``set``."""

from dataclasses import replace

import pytest

from rapport_service.charter.team_sizes import assess_team_sizes
from rapport_service.charter.voting_groups import Membership
from rapport_service.cli.organizations import organization, roster
from rapport_service.cli.size_sentences import describe_sizes
from rapport_service.cli.waves import pulse
from tests.charter.agencies import team, tree
from tests.cli.command_runner import run_command, run_command_json
from tests.support.admin import audit_entries

NAMES = ("Region", "South", "North", "East", "West")


def sentences(people, parents=(0, 0, 0, 0), supervising=None, **limits):
    """Sentences about an agency of these teams, which have so many people each."""
    nodes = [
        replace(node, name=name)
        for node, name in zip(tree(*parents), NAMES, strict=False)
    ]
    memberships = {Membership(team(at)): count for at, count in enumerate(people)}
    for at, count in (supervising or {}).items():
        memberships[Membership(team(at), frozenset({team(at)}))] = count
    limits = {"min_respondents": 5, "min_pool": 6} | limits
    return list(describe_sizes(assess_team_sizes(nodes, memberships, **limits), "X"))


def test_small_teams_that_answer_together_are_explained():
    assert sentences([0, 4, 3, 9, 9]) == [
        "South has 4 people who can answer. It needs 6 for a score of its own. They "
        "answer together with North; their answers are in the score of Region.",
        "North has 3 people who can answer. It needs 6 for a score of its own. They "
        "answer together with South; their answers are in the score of Region.",
    ]


def test_several_teams_are_named_together():
    first, *_ = sentences([0, 4, 3, 2, 9])

    assert "together with East and North; their answers" in first


def test_supervisors_are_named_where_they_make_a_team_smaller():
    first, *_ = sentences([6, 5, 9, 9, 9], supervising={1: 1})

    assert first == (
        "South has 5 people who can answer. It needs 6 for a score of its own. "
        "1 of its people supervises it and does not count here: supervisors answer "
        "one level up. They answer together with Region; their answers are in the "
        "score of Region."
    )


def test_a_team_that_fills_up_a_group_is_explained():
    assert sentences([3, 6, 7, 8, 9]) == [
        "South has 6 people who can answer, but no score of its own: they answer in a "
        "larger group, which is too small without them. They answer together with "
        "Region; their answers are in the score of Region."
    ]


def test_a_team_that_answers_alone_and_has_no_score_names_where_its_answers_are():
    assert sentences([0, 8, 12, 12, 12], min_respondents=10) == [
        "South has 8 people who can answer. It needs 10 for a score of its own. Their "
        "answers are in the score of Region."
    ]


def test_an_empty_team_has_one_sentence():
    assert sentences([6, 0, 9, 9, 9]) == [
        "South has nobody who can answer. It needs 6 for a score of its own."
    ]


@pytest.mark.parametrize(
    ("people", "who"), [([0], "Nobody"), ([1], "1 person"), ([0, 5], "5 people")]
)
def test_an_agency_that_is_too_small_has_one_sentence(people, who):
    (only,) = sentences(people)

    assert only == (
        f"{who} can answer in this agency. It needs 6, so no wave will be announced. "
        "Add people to the roster"
    )


def test_many_small_teams_are_counted():
    parents = [0] * 14
    nodes = tree(*parents)
    memberships = {Membership(team(at)): 2 for at in range(15)}

    listed = list(describe_sizes(assess_team_sizes(nodes, memberships, 5, 6), "--json"))

    assert len(listed) == 11
    assert "and 11 more teams; their" in listed[0]
    assert (
        listed[-1]
        == "4 more teams have no score of their own. --json lists all of them"
    )


# Commands.


@pytest.fixture
def agency(service):
    return service.agency({"a": 4, "b": 3, "c": 9}, min_pool=6)


SENTENCE = "Team a has 4 people who can answer. It needs 6 for a score of its own."


def test_commands_that_plan_note_the_teams_that_are_too_small(agency, tmp_path):
    (tmp_path / "r.csv").write_text(run_command(roster, "get", agency.id, "--csv"))

    for options in ([], ["--dry-run"]):
        printed = run_command(roster, "put", agency.id, tmp_path / "r.csv", *options)
        assert f"note: {SENTENCE}" in printed
    begins = ("--first-opens", "2027-04-01T09:00")
    assert f"note: {SENTENCE}" in run_command(pulse, "create", agency.id, *begins)


def test_an_agency_is_shown_with_its_teams_without_score(agency):
    shown = run_command_json(organization, "show", agency.id)
    table = run_command(organization, "show", agency.id, "--table")

    assert (shown["min_pool"], shown["can_be_asked"]) == (6, True)
    first, second = shown["teams_without_score"]
    assert (first["team"]["external_id"], first["reason"]) == ("a", "too_small")
    assert second["team"]["external_id"] == "b"
    assert SENTENCE in " ".join(table.split())
    assert "there is no agency" in run_command(organization, "show", "none", status=1)


def test_min_pool_is_set_and_audited_once(agency):
    for _ in range(2):
        changed = run_command_json(organization, "set", agency.id, "--min-pool", 5)
        assert changed["min_pool"] == 5

    action = "settings_changed"
    assert audit_entries(agency) == [("command_line", action, agency.id)]


@pytest.mark.parametrize("options", [[], ["--min-pool", 4], ["--min-pool", 26]])
def test_a_min_pool_that_cannot_be_is_not_set(agency, options):
    run_command(organization, "set", agency.id, *options, status=2)

    assert run_command_json(organization, "show", agency.id)["min_pool"] == 6
