"""Attacks that compare, subtract, poll and inflate."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.disclosure.tree import Node, Tree
from tests.disclosure.linear_attacker import exposed_nodes
from tests.privacy.attacker import DIRECTOR, ScoreReader, teams_with_figures
from tests.support.http_phone import content, item, submit
from tests.support.submissions import identical_contents, submit_contents

PARENTS = {
    "agency": None,
    "north": "agency",
    "south": "agency",
    "n1": "north",
    "n2": "north",
    "n3": "north",
    "s1": "south",
    "s2": "south",
}
PEOPLE = {team: 15 for team in PARENTS if team != "agency"}


def test_a1_four_answers_are_no_score(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(4)})

    agency.seal()

    documents = ScoreReader(agency).everything()
    assert {document["status"] for document in documents.values()} == {"withheld"}


def test_a2_the_sixth_answer_changes_nothing_that_was_shown_for_five(
    service, ballot_factory
):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    seen = []
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(5, 2)})
    seen.append(ScoreReader(agency).document("a"))
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(1, 5)})
    seen.append(ScoreReader(agency).document("a"))
    assert seen[0] == seen[1]
    assert seen[0]["status"] == "pending"
    agency.seal()
    sealed = ScoreReader(agency).raw("a")

    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(1, 5)})
    agency.tick(days=30)

    assert ScoreReader(agency).raw("a") == sealed


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.fixed_dictionaries({team: st.integers(0, 12) for team in PEOPLE}),
    k=st.sampled_from([5, 7]),
)
def test_a3_no_sum_or_difference_of_what_is_shown_isolates_fewer_than_k(
    service, ballot_factory, counts, k
):
    service.clock.reset()
    parents = {team: parent for team, parent in PARENTS.items() if parent}
    agency = service.agency(PEOPLE, parents, supervises=DIRECTOR, min_respondents=k)
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {team: identical_contents(n) for team, n in counts.items()},
    )
    agency.seal()

    shown = teams_with_figures(ScoreReader(agency).everything())

    tree = Tree(Node(team, parent, team) for team, parent in PARENTS.items())
    assert exposed_nodes(tree, counts, shown, k) is None


def test_a3_a_plain_minimum_would_have_isolated_three(service, ballot_factory):
    agency = service.agency({"a": 10, "b": 10, "c": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    counts = {"a": 9, "b": 9, "c": 3}
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {team: identical_contents(n) for team, n in counts.items()},
    )
    agency.seal()

    shown = teams_with_figures(ScoreReader(agency).everything())

    tree = Tree(
        [Node("agency", None, "agency"), *(Node(t, "agency", t) for t in counts)]
    )
    assert exposed_nodes(tree, counts, {"agency", "a", "b"}, 5) == {"c"}
    assert shown == {"agency", "b"}


def test_a5_polling_day_by_day_shows_one_step_and_no_more(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    seen = []
    for day in range(0, 30, 3):
        submit_contents(
            ballot_factory, agency, wave, {"a": identical_contents(1, day % 5 + 1)}
        )
        agency.tick(days=3)
        seen.append(ScoreReader(agency).raw("a"))

    assert len(set(seen)) == 2  # pending, then released
    assert seen == sorted(seen, key=seen.index)


@pytest.mark.parametrize("answered", [0, 1])
def test_a19_many_members_and_one_answer_are_no_score(
    service, ballot_factory, answered
):
    agency = service.agency({"a": 20, "b": 20}, supervises=DIRECTOR)
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {"a": identical_contents(answered), "b": identical_contents(20)},
    )

    agency.seal()

    documents = ScoreReader(agency).everything()
    assert documents["a"]["status"] == "rolled_up"
    # with one in a, b goes too: the whole agency less b would be that one
    assert teams_with_figures(documents) == {"agency", "b"} - (
        {"b"} if answered else set()
    )


def test_a28_sending_again_and_again_makes_no_fifth_respondent(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    ballots = ballot_factory.ballots(agency, wave, "a", 4)
    for form in range(8):
        submit(service.http, *(item(ballot, content(form)) for ballot in ballots * 2))

    agency.seal()

    assert ScoreReader(agency).document("a")["status"] == "withheld"


def test_a28_one_phone_gets_one_ballot_however_often_it_asks(service):
    agency = service.agency({"a": 10})
    wave = agency.announce()
    phone = agency.phone("a-1")
    phone.draw(wave)

    again = phone.ask(wave, phone.kid(wave), bytes(255) + b"\1")

    assert again["status"] == "already_drawn"
