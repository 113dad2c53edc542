"""A32: companion numbers inverted to what rounding and bands hid."""

import math

import pytest

from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.narrative.score import explain
from rapport_service.registry.models import Score
from rapport_service.releases.scoring.figures import Figures
from rapport_service.stats.intervals import score_interval
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.privacy.test_small_numbers import keyed_alike
from tests.releases.hand_comparisons import (
    START,
    START_ROTATION,
    USUAL_PEOPLE,
    USUAL_PERCENT,
    wilson,
)
from tests.support.http_phone import content
from tests.support.rows import rows_of
from tests.support.submissions import form_content, identical_contents, submit_contents

COARSE = ("favourable", "trend", "against_organization")
WHOLE = ("agreement", "items", "crisis_percent")
SHOWN = (
    *("tier", "respondents", "participation", "tipping_point", "constructs"),
    *WHOLE,
)


def measured(service, ballot_factory, answered, sizes=None, waves=1):
    """The documents of an agency that gave these texts in each of its waves."""
    service.clock.reset()
    sizes = sizes or dict.fromkeys(answered, 10)
    agency = service.agency(sizes, supervises=DIRECTOR)
    for _ in range(waves):
        wave = agency.announce()
        assert set(submit_contents(ballot_factory, agency, wave, answered)) == {
            "accepted"
        }
        agency.seal()
    return ScoreReader(agency).everything()


def mixed(count, values):
    """People whose keyed answers cycle through these values."""
    texts = []
    for form in range(count):
        names = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
        turned = [
            6 - values[(form + position) % len(values)]
            if name.endswith("R")
            else values[(form + position) % len(values)]
            for position, name in enumerate(names)
        ]
        texts.append(form_content(form, turned))
    return texts


def shown(document):
    return {name: document[name] for name in SHOWN}


ALIKE = {
    "five of one mind": [keyed_alike(form, 4) for form in range(5)],
    "six of one mind": [keyed_alike(form, 4) for form in range(6)],
    "six who differ": mixed(6, [5, 4, 3, 5, 3]),
}


@pytest.mark.parametrize("waves", [1, 3])
def test_a32_teams_that_show_the_same_coarse_score_show_the_same_of_everything(
    service, ballot_factory, waves
):
    documents = [
        shown(measured(service, ballot_factory, {"a": texts}, waves=waves)["a"])
        for texts in ALIKE.values()
    ]

    assert documents[0]["tier"] == "coarse"
    assert {figure["score"] for figure in documents[0]["constructs"].values()} == {75}
    assert documents[0] == documents[1] == documents[2]


def test_a32_intervals_of_their_own_spread_would_differ(service, ballot_factory):
    intervals = set()
    for texts in ALIKE.values():
        service.clock.reset()
        agency = service.agency({"a": 10}, supervises=DIRECTOR)
        submit_contents(ballot_factory, agency, agency.announce(), {"a": texts})
        agency.seal()
        kept = [Figures.load(row.figures) for row in rows_of(Score, agency)]
        own = score_interval(kept[0].constructs["trust"].score, 5, START["trust"])
        intervals.add(
            (5 * int(25 * (own.low - 1) // 5), 5 * int(25 * (own.high - 1) // 5))
        )

    assert len(intervals) == len(ALIKE)


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("people", [5, 7, 9])
def test_a32_coarse_interval_follows_from_the_other_figures_of_its_document(
    service, ballot_factory, value, people
):
    texts = [keyed_alike(form, value) for form in range(people)]

    document = measured(service, ballot_factory, {"a": texts})["a"]

    people = USUAL_PEOPLE[document["respondents"]]
    observed = USUAL_PERCENT[document["participation"]] / 100
    for name, figure in document["constructs"].items():
        rotation = START_ROTATION[name] if observed else None
        theta = 1 + figure["score"] / 25
        ends = wilson(theta, people, START[name], observed, rotation)
        open_below, open_above = (
            figure["bound"] == "at_most",
            figure["bound"] == "at_least",
        )
        assert figure["interval"] == {
            "low": 0 if open_below else math.floor(round(ends[0], 9)),
            "high": 100 if open_above else math.ceil(round(ends[1], 9)),
        }


def test_a32_a_coarse_document_has_no_companion_but_interval_level_and_changes(
    service, ballot_factory
):
    texts = {
        "a": identical_contents(8),
        "b": identical_contents(20),
        "c": identical_contents(20),
    }

    document = measured(
        service, ballot_factory, texts, dict.fromkeys("abc", 20), waves=6
    )["a"]

    assert document["tier"] == "coarse"
    for figure in document["constructs"].values():
        assert {figure[companion] for companion in COARSE} == {None}
        for change in (figure["change"], figure["two_wave_change"]):
            assert change["direction"] == "no_clear_change"
        assert figure["level"] is not None
    assert {document[companion] for companion in WHOLE} == {None}


def test_a32_the_tipping_point_says_no_more_than_the_band_of_participation(
    service, ballot_factory
):
    people = {f"t{n}": identical_contents(n) for n in range(10, 21)}

    documents = measured(service, ballot_factory, people, dict.fromkeys(people, 20))

    seen = {
        (document["participation"], document["tipping_point"])
        for document in documents.values()
    }
    assert seen == {("50-69", 10), ("70-84", 16), ("85+", 33)}


def test_a32_the_pull_of_a_level_does_not_tell_how_many_answered(
    service, ballot_factory
):
    """Bands of participation hide the count, also in three waves together."""
    others = {"b": identical_contents(15, 3), "c": identical_contents(15, 3)}

    levels = [
        measured(
            *(service, ballot_factory),
            {"a": [keyed_alike(form, 5) for form in range(people)], **others},
            dict.fromkeys("abc", 20),
            waves=3,
        )["a"]["constructs"]["trust"]["level"]
        for people in (14, 16)
    ]

    assert levels[0] == levels[1]
    assert levels[0]["score"] < 100


def test_a32_no_interval_says_that_everybody_answered(service, ballot_factory):
    everybody = [content(form % 45, 4) for form in range(90)]

    document = measured(service, ballot_factory, {"a": everybody}, {"a": 90})["a"]

    assert document["participation"] == "85+"
    figures = [*document["items"].values(), *document["constructs"].values()]
    assert len(document["items"]) == 13
    for figure in figures:
        assert figure["interval"]["low"] < figure["score"] < figure["interval"]["high"]


def test_a32_questions_are_shown_all_or_none(service, ballot_factory):
    few = [content(form % 45, 4) for form in range(18)]

    document = measured(service, ballot_factory, {"a": few}, {"a": 20})["a"]

    assert document["tier"] == "fine"
    assert document["items"] is None


def test_a32_sentences_are_made_of_what_the_document_shows(service, ballot_factory):
    documents = measured(
        service,
        ballot_factory,
        {
            "a": identical_contents(12),
            "b": identical_contents(20),
            "c": identical_contents(4),
        },
    )

    for name, document in documents.items():
        above = document.get("source_team", {"name": None})["name"]
        assert document["explanation"] == explain(
            shown(document), above, of_teams=name == "agency", pilot=True
        )
