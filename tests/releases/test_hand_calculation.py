import json
import random
from dataclasses import asdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.registry.models import Score
from tests.releases import hand_calculation, hand_comparisons
from tests.releases.seven_groups import (
    GROUPS,
    NAMES,
    PARENTS,
    agency_of,
    documents_by_hand,
    plain,
    release_documents,
)
from tests.support.http_phone import item, submit
from tests.support.rows import rows_of
from tests.support.service import NOON
from tests.support.submissions import form_content

VALUES = st.lists(
    st.integers(1, 5) | st.sampled_from([1, 5, "na", "skip"]), min_size=5, max_size=5
)
PEOPLE = st.tuples(st.integers(0, 44), VALUES)
AGENCIES = st.fixed_dictionaries(
    {group: st.lists(PEOPLE, max_size=14) for group in GROUPS}
)
MOODS = st.fixed_dictionaries({group: st.integers(1, 5) for group in GROUPS})


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


def workforce(people, seed, mood=0):
    """Raw answers of so many people of each group, who lean up or down by a mood."""
    rng = random.Random(seed)

    def values():
        return [min(max(rng.randint(1, 5) + mood, 1), 5) for _ in range(5)]

    return {g: [(rng.randrange(45), values()) for _ in range(people)] for g in GROUPS}


def computed(raw, agency, past=()):
    """The service's release of the same people: documents and stored figures."""
    documents, wave = release_documents(
        raw, agency, past, NOON + timedelta(days=28 * len(past))
    )
    figures = {NAMES[team]: asdict(kept) for team, kept in wave.figures.items()}
    plainly = {group: plain(document, NAMES) for group, document in documents.items()}
    return plainly, figures, wave


def assert_alike(stored, agency):
    right = hand_calculation.figures(agency, hand_calculation.tiers(agency)[0])
    assert set(stored) == set(right)
    for group, constructs in right.items():
        for name, figure in constructs.items():
            expected = {key: float(value) for key, value in figure.items()}
            kept = {key: stored[group]["constructs"][name][key] for key in expected}
            assert kept == pytest.approx(expected, abs=1e-6)


@settings(max_examples=30)
@given(raw=AGENCIES, k=st.sampled_from([5, 6, 10]), times=st.sampled_from([1, 1, 8]))
def test_documents_and_figures_are_those_of_plain_arithmetic(raw, k, times):
    raw = many(raw, times)
    agency = agency_of(raw, k)

    documents, figures, _ = computed(raw, agency)

    assert documents == documents_by_hand(agency)
    assert_alike(figures, agency)


@settings(max_examples=15)
@given(raw=AGENCIES, moods=MOODS)
def test_choice_of_groups_depends_on_counts_never_on_answers(raw, moods):
    others = {
        group: [
            (form, [v if isinstance(v, str) else moods[group] for v in values])
            for form, values in people
        ]
        for group, people in raw.items()
    }

    before, after = (computed(r, agency_of(r, 5))[0] for r in (raw, others))

    def decided(documents):
        return {
            group: {n: v for n, v in document.items() if n != "constructs"}
            for group, document in documents.items()
        }

    assert decided(before) == decided(after)


def test_one_changed_answer_would_be_noticed():
    raw = {group: [(n, [4, 4, 4, 4, 4]) for n in range(12)] for group in GROUPS}
    changed = raw | {"a": [(0, [4, 4, 4, 4, 1]), *raw["a"][1:]]}

    documents, figures, _ = computed(raw, agency_of(raw, 5))

    other = agency_of(changed, 5)
    assert documents != documents_by_hand(other)
    with pytest.raises(AssertionError):
        assert_alike(figures, other)


def test_a_large_agency_knows_what_rotation_adds():
    raw = workforce(180, 1)
    agency = agency_of(raw, 5, silent=20)
    coarse, _ = hand_calculation.tiers(agency)
    figures = hand_calculation.figures(agency, coarse)
    borrowed = hand_comparisons.borrowed_figures(agency, coarse, figures)
    assert all(rotation for _, rotation in borrowed.values())

    documents, _, _ = computed(raw, agency)

    assert documents == documents_by_hand(agency)


@pytest.mark.parametrize(("people", "later"), [(4, 8), (8, 14), (25, 25)])
def test_earlier_wave_changes_nothing_of_the_score_and_its_interval(people, later):
    first, second = workforce(people, 2), workforce(later, 3, 1)
    before, now = agency_of(first, 5), agency_of(second, 5)
    _, _, past = computed(first, before)

    documents, _, _ = computed(second, now, [past])

    assert documents == documents_by_hand(now)


@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=AGENCIES)
def test_the_same_holds_through_the_door_and_the_database(service, ballot_factory, raw):
    teams = dict.fromkeys(GROUPS[1:], 20)
    parents = {team: parent for team, parent in PARENTS.items() if parent != "root"}
    agency = service.agency(
        teams,
        {t: p for t, p in parents.items() if p},
        supervises={"director": ["agency"]},
    )
    wave = agency.announce()
    raw = raw | {"root": []}
    for team in teams:
        ballots = ballot_factory.ballots(agency, wave, team, len(raw[team]))
        items = [
            item(b, form_content(*answer))
            for b, answer in zip(ballots, raw[team], strict=True)
        ]
        if items:
            submit(service.http, *items)

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
    } == documents_by_hand(right)
    service.clock.reset()
