"""The reliability report that is frozen with a release."""

import json
import random

import pytest

from rapport_schemas.reliability import ReliabilityReplySchema
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.registry.models import Reliability
from rapport_service.releases.scoring.aggregation import (
    aggregate_answers,
    aggregate_subtrees,
)
from rapport_service.releases.scoring.release_plan import plan_release
from rapport_service.releases.scoring.reliability import (
    TARGET_PEOPLE_PER_PAIR,
    min_people_per_pair,
    pool_waves,
)
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.releases.seven_groups import (
    GROUPS,
    IDS,
    PARENTS,
    agency_of,
    release_documents,
)
from tests.support.rows import rows_of
from tests.support.submissions import form_content, identical_contents, submit_contents


def workforce(people, seed, mood=3.0):
    """People whose answers one mood explains, each on a form of their own."""
    rng = random.Random(seed)
    texts = []
    for _ in range(people):
        form, own = rng.randrange(45), rng.gauss(mood, 1.0)
        texts.append(
            form_content(form, [answer(rng, item, own) for item in shown(form)])
        )
    return texts


def shown(form):
    return CURRENT_INSTRUMENT.items_on_form(form)


def answer(rng, item, mood):
    value = min(max(round(mood + rng.gauss(0, 0.5)), 1), 5)
    return 6 - value if item.reversed else value


def answered(agency, ballot_factory, texts_by_team):
    wave = agency.announce()
    assert set(submit_contents(ballot_factory, agency, wave, texts_by_team)) <= {
        "accepted"
    }
    agency.seal()
    return wave


def reports(agency):
    documents = [json.loads(row.document) for row in rows_of(Reliability, agency)]
    assert all(ReliabilityReplySchema().validate(report) == {} for report in documents)
    return sorted(documents, key=lambda report: report["opens_at"])


def codes(report):
    return [sentence["code"] for sentence in report["explanation"]]


def test_until_each_pair_has_fifty_people_there_is_no_figure_of_the_questions(
    service, ballot_factory
):
    agency = service.agency({"a": 20, "b": 20}, supervises=DIRECTOR)

    wave = answered(
        agency,
        ballot_factory,
        {"a": identical_contents(20), "b": identical_contents(20)},
    )

    (report,) = reports(agency)
    assert report["wave_ids"] == [wave]
    assert set(report["scales"].values()) == {None}
    assert not report["checked"]
    assert codes(report)[:2] == ["pooled", "too_few_answers"]
    assert codes(report)[-1] == "pilot"
    assert "pilot" in codes(ScoreReader(agency).document("a"))


def test_agency_that_is_not_released_has_no_reliability_report(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)

    answered(agency, ballot_factory, {"a": identical_contents(4)})

    assert reports(agency) == []


@pytest.fixture
def large(service):
    return service.agency(dict.fromkeys("abc", 400), supervises=DIRECTOR)


def test_a_large_agency_is_checked_at_once_and_its_scores_are_no_longer_a_pilot(
    large, ballot_factory
):
    moods = {"a": 2.5, "b": 3.0, "c": 3.5}

    answered(
        large, ballot_factory, {t: workforce(320, t, mood) for t, mood in moods.items()}
    )

    (report,) = reports(large)
    assert report["checked"]
    assert report["scales"]["trust"]["verdict"] == "holds"
    assert report["teams"]["trust"]["teams"] == 3
    assert report["teams"]["trust"]["small_sample"]
    for icc in ("icc1", "icc2"):
        ends = report["teams"]["trust"][f"{icc}_interval"]
        assert ends["low"] < report["teams"]["trust"][icc] < ends["high"] <= 1
    assert report["agreement"]["anchor"]["teams"] == 3
    assert "pilot" not in codes(ScoreReader(large).document("a"))


def test_a_smaller_agency_is_checked_over_several_waves(service, ballot_factory):
    agency = service.agency({"a": 400}, supervises=DIRECTOR)

    waves = [
        answered(agency, ballot_factory, {"a": workforce(400, n)}) for n in range(6)
    ]

    first, *_, last = reports(agency)
    assert set(first["scales"].values()) == {None}
    assert last["scales"]["trust"] is not None
    assert last["wave_ids"] == waves[1:]  # five at most


def test_no_more_waves_are_read_than_each_pair_of_questions_needs():
    raw = {**dict.fromkeys(GROUPS, ()), "a": [(n % 45, [4] * 5) for n in range(1600)]}
    tree = Tree(Node(str(IDS[g]), p and str(IDS[p]), g) for g, p in PARENTS.items())
    own = aggregate_answers(
        CURRENT_INSTRUMENT,
        ((IDS[g], Answers(*person, None)) for g in raw for person in raw[g]),
    )
    total = aggregate_subtrees(CURRENT_INSTRUMENT, tree, own)
    allowed = plan_release(tree, own, total, 5)
    _, wave = release_documents(raw, agency_of(raw))
    read = []

    def earlier():
        for number in range(9):
            read.append(number)
            yield wave, own

    cycle = pool_waves(tree, allowed, total, wave, earlier())

    assert (
        min_people_per_pair(total[tree.root])
        < TARGET_PEOPLE_PER_PAIR
        <= min_people_per_pair(cycle.root)
    )
    assert read == [0]
    assert len(cycle.waves) == 2


def test_a_wave_whose_answers_belong_to_the_past_is_pooled_no_more(
    service, ballot_factory
):
    agency = service.agency({"a": 20}, supervises=DIRECTOR)
    answered(agency, ballot_factory, {"a": identical_contents(20)})
    service.clock.advance(days=500)

    wave = answered(agency, ballot_factory, {"a": identical_contents(20)})

    assert reports(agency)[-1]["wave_ids"] == [wave]
