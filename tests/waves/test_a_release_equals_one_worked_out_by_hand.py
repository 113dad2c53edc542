import json
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.charter.document import Charter
from rapport_service.charter.electorate import Node
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT
from rapport_service.measure.series import Window
from rapport_service.record.models import Score
from rapport_service.scoring.document import Occasion
from rapport_service.scoring.release import release
from rapport_service.scoring.tally import blocks
from tests.house_under_test import NOON
from tests.phone import item, submit
from tests.said import said
from tests.stored import rows_of
from tests.waves import by_hand

GROUPS = ["root", "north", "a", "b", "south", "c", "d"]
PARENTS = {
    "root": None,
    "north": "root",
    "south": "root",
    "a": "north",
    "b": "north",
    "c": "south",
    "d": "south",
}
VALUES = st.lists(
    st.integers(1, 5) | st.sampled_from([1, 5, "na", "skip"]), min_size=5, max_size=5
)
PEOPLE = st.tuples(st.integers(0, 44), VALUES)
HOUSES = st.fixed_dictionaries(
    {group: st.lists(PEOPLE, max_size=14) for group in GROUPS}
)
MOODS = st.fixed_dictionaries({group: st.integers(1, 5) for group in GROUPS})


COMPANIONS = ["interval", "change", "trend", "steadied", "against_organization"]


def many(raw, times):
    """A larger agency: the same people several times, each on the next form."""
    return {
        group: [
            ((form + again) % 45, values)
            for form, values in people
            for again in range(times)
        ]
        for group, people in raw.items()
    }


def agency_of(raw, k):
    people = {group: [by_hand.person(*one) for one in raw[group]] for group in GROUPS}
    agency = by_hand.Agency(PARENTS, people, {}, k)
    eligible = {group: len(agency.everybody(group)) + 3 for group in GROUPS}
    return by_hand.Agency(PARENTS, people, eligible, k)


def computed(raw, agency):
    """What the service makes of the same people: documents and stored figures."""
    ids = {group: uuid4() for group in GROUPS}
    names = {str(team): group for group, team in ids.items()}
    nodes = tuple(
        Node(ids[group], parent and ids[parent], group, group)
        for group, parent in PARENTS.items()
    )
    eligible = {ids[group]: n for group, n in agency.eligible.items()}
    charter = Charter(nodes, eligible, {}, agency.k, CURRENT.digest)
    given_answers = [
        (ids[group], Answers(form, tuple(values), None))
        for group, people in raw.items()
        for form, values in people
    ]
    occasion = Occasion("a wave", Window(NOON, NOON + timedelta(days=7)))
    result = release(occasion, charter, CURRENT, blocks(CURRENT, given_answers))
    documents = {
        names[str(team)]: plain(json.loads(each.document), names)
        for team, each in result.teams.items()
    }
    figures = {
        names[str(team)]: each.figures and json.loads(each.figures)
        for team, each in result.teams.items()
    }
    return documents, figures


def plain(document, names):
    """A document without ids and names."""
    kept = {
        name: document[name]
        for name in ("status", "tier", "respondents", "participation", "constructs")
        if name in document
    }
    for figure in kept.get("constructs", {}).values():
        for companion in COMPANIONS:
            del figure[companion]
    if document["status"] in {"released", "rolled_up"}:
        source = document.get("from")
        kept["from"] = source and names[source["id"]]
    return kept


def assert_alike(stored, agency):
    right = by_hand.figures(agency, by_hand.tiers(agency)[0])
    assert {group for group, kept in stored.items() if kept} == set(right)
    for group, constructs in right.items():
        for name, figure in constructs.items():
            expected = {key: float(value) for key, value in figure.items()}
            kept = {key: stored[group]["constructs"][name][key] for key in expected}
            assert kept == pytest.approx(expected, abs=1e-6)


@settings(max_examples=30)
@given(raw=HOUSES, k=st.sampled_from([5, 6, 10]), times=st.sampled_from([1, 1, 8]))
def test_whatever_people_answer_documents_and_figures_are_those_of_plain_arithmetic(
    raw, k, times
):
    raw = many(raw, times)
    agency = agency_of(raw, k)

    documents, figures = computed(raw, agency)

    assert documents == by_hand.documents(agency)
    assert_alike(figures, agency)


@settings(max_examples=15)
@given(raw=HOUSES, moods=MOODS)
def test_what_is_released_depends_on_how_many_answered_never_on_what(raw, moods):
    others = {
        group: [
            (form, [v if isinstance(v, str) else moods[group] for v in values])
            for form, values in people
        ]
        for group, people in raw.items()
    }

    (before, _), (after, _) = (computed(r, agency_of(r, 5)) for r in (raw, others))

    def decided(documents):
        return {
            group: {n: v for n, v in document.items() if n != "constructs"}
            for group, document in documents.items()
        }

    assert decided(before) == decided(after)


def test_one_changed_answer_would_be_noticed():
    raw = {group: [(n, [4, 4, 4, 4, 4]) for n in range(12)] for group in GROUPS}
    changed = raw | {"a": [(0, [4, 4, 4, 4, 1]), *raw["a"][1:]]}

    documents, figures = computed(raw, agency_of(raw, 5))

    other = agency_of(changed, 5)
    assert documents != by_hand.documents(other)
    with pytest.raises(AssertionError):
        assert_alike(figures, other)


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=HOUSES)
def test_the_same_holds_through_the_door_and_the_database(house, press, raw):
    teams = dict.fromkeys(GROUPS[1:], 20)
    parents = {team: parent for team, parent in PARENTS.items() if parent != "root"}
    agency = house.agency(
        teams,
        {t: p for t, p in parents.items() if p},
        supervises={"director": ["agency"]},
    )
    wave = agency.announce()
    raw = raw | {"root": []}
    for team in teams:
        ballots = press.ballots(agency, wave, team, len(raw[team]))
        items = [item(b, said(*one)) for b, one in zip(ballots, raw[team], strict=True)]
        if items:
            submit(house.http, *items)

    agency.seal()

    right = agency_of(raw, 5)
    right.eligible = {g: 20 * (1 + len(right.inside(g))) for g in GROUPS[1:]}
    right.eligible["root"] = 120
    names = {str(agency.team_id(team)): team for team in teams}
    names[str(agency.team_id("agency"))] = "root"
    scores = rows_of(Score, agency)
    assert {
        names[str(row.team_id)]: plain(json.loads(row.document), names)
        for row in scores
    } == by_hand.documents(right)
    house.clock.reset()
