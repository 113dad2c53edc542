"""Attacks that read what is shown, what is left out, and why."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.core.db import Door, read_transaction
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.releases import hand_calculation
from tests.support.submissions import (
    form_content,
    identical_contents,
    keyed_alike,
    submit_contents,
)

SHOWN = {
    *("format", "status", "team", "wave_id", "release", "opens_at", "closes_at"),
    "explanation",
}
"""Members of a document that shows no figures; its explanation is one sentence."""


def measured(service, ballot_factory, answered, **rules):
    """An agency of teams of ten that gave these texts; sealed."""
    agency = service.agency(dict.fromkeys(answered, 10), supervises=DIRECTOR, **rules)
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, answered)
    agency.seal()
    return agency


def silent_about(letter, count):
    """People who skip every item whose name begins with a letter."""
    texts = []
    for form in range(count):
        names = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
        values = ["skip" if name.startswith(letter) else 4 for name in names]
        texts.append(form_content(form, values))
    return texts


@pytest.mark.parametrize("letter", ["T", "C"])
def test_a8_five_respondents_of_whom_four_skip_are_no_score_of_one(
    service, ballot_factory, letter
):
    agency = measured(
        service,
        ballot_factory,
        {"a": [*silent_about(letter, 4), *identical_contents(1)]},
    )

    document = ScoreReader(agency).document("a")

    assert document["status"] == "withheld"


def test_a8_no_item_has_a_score_of_its_own(service, ballot_factory):
    agency = measured(service, ballot_factory, {"a": identical_contents(10)})

    document = json.dumps(ScoreReader(agency).document("a"))

    assert not any(f'"{item}"' in document for item in hand_calculation.MEASURES["any"])


@pytest.mark.parametrize(("low", "high"), [(1, 10), (5, 90)])
def test_a10_unanimous_extreme_shows_only_its_neighbourhood(
    service, ballot_factory, low, high
):
    extreme = [keyed_alike(form, low) for form in range(6)]
    agency = measured(service, ballot_factory, {"a": extreme})

    figures = ScoreReader(agency).document("a")["constructs"].values()

    bound = "at_most" if low == 1 else "at_least"
    assert {(f["score"], f["bound"], f["favourable"]) for f in figures} == {
        (high, bound, None)
    }


def test_a10_four_ones_and_a_two_look_like_five_ones(service, ballot_factory):
    ones = [keyed_alike(form, 1) for form in range(6)]
    a_two = [*ones[:5], keyed_alike(5, 2)]

    alike, mixed = (
        measured_at_noon(service, ballot_factory, texts) for texts in (ones, a_two)
    )

    assert alike == mixed


def measured_at_noon(service, ballot_factory, texts):
    """The figures of a team that gave these texts."""
    service.clock.reset()
    return ScoreReader(measured(service, ballot_factory, {"a": texts})).document("a")[
        "constructs"
    ]


def test_a11_score_less_ones_own_answer_is_of_four_others(service, ballot_factory):
    five, four = (measured_with(service, ballot_factory, count) for count in (5, 4))

    assert five["status"] == "released"
    assert five["tier"] == "coarse"
    assert four["status"] == "withheld"


def measured_with(service, ballot_factory, count):
    """The document of a team of which so many answered."""
    service.clock.reset()
    return ScoreReader(
        measured(service, ballot_factory, {"a": identical_contents(count)})
    ).document("a")


def test_a12_a_colleague_who_comes_back_online_moves_no_count(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    agency.tick(days=2)
    seen = []

    for people in (3, 1, 1):
        submit_contents(ballot_factory, agency, wave, {"a": identical_contents(people)})
        seen.append((ScoreReader(agency).raw("a"), agency.phone("a-1").sync()))

    assert seen[0] == seen[1] == seen[2]
    assert set(json.loads(seen[0][0])) == {
        *("status", "team", "wave_id", "seals_at", "delay")
    }


def test_a12_participation_is_a_band_that_one_answer_seldom_moves(
    service, ballot_factory
):
    shown = {measured_with(service, ballot_factory, n)["participation"] for n in (5, 6)}

    assert shown == {"50-69"}


def test_a13_counts_are_hidden_with_the_score(service, ballot_factory):
    agency = measured(service, ballot_factory, {"a": identical_contents(4)})

    documents = ScoreReader(agency).everything()

    assert {frozenset(document) for document in documents.values()} == {
        frozenset(SHOWN)
    }


def test_a16_no_route_and_no_reader_reaches_a_row(service, ballot_factory):
    measured(service, ballot_factory, {"a": identical_contents(10)})
    parts = {
        p for rule in service.app.url_map.iter_rules() for p in rule.rule.split("/")
    }

    assert not parts & {"answers", "exports", "rows", "responses", "results"}
    for table in (Answer, Submission, SpentBallot):
        for door in (Door.REPORTS, Door.POLL_BOOK):
            with pytest.raises(DatabaseError), read_transaction(door) as session:
                session.execute(text(f"SELECT * FROM {table.__tablename__}"))


def test_a27_every_reason_to_withhold_looks_the_same(service, ballot_factory):
    reasons = {
        "nobody answered": [],
        "too few answered": identical_contents(4),
        "too few said anything of trust": [
            *silent_about("T", 6),
            *identical_contents(3),
        ],
        "too few items were answered": [identical_contents(1)[0] for _ in range(9)],
    }

    documents = []
    for texts in reasons.values():
        service.clock.reset()
        document = ScoreReader(
            measured(service, ballot_factory, {"a": texts})
        ).document("a")
        assert set(document) == SHOWN
        documents.append((document["status"], document["release"]))
        assert [sentence["code"] for sentence in document["explanation"]] == [
            "withheld"
        ]

    assert documents == [("withheld", 1)] * len(reasons)


def test_a27_a_group_hidden_for_another_looks_like_a_small_group(
    service, ballot_factory
):
    agency = measured(
        service,
        ballot_factory,
        {
            "a": identical_contents(9),
            "b": identical_contents(9),
            "c": identical_contents(3),
        },
    )

    documents = ScoreReader(agency).everything()

    small, hidden_for_it = documents["c"], documents["a"]
    assert small["status"] == hidden_for_it["status"] == "rolled_up"
    team = {"team": None}
    assert small | team == hidden_for_it | team
