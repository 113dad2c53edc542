"""A32: companion numbers inverted to what rounding and bands hid."""

import json

import pytest

from rapport_service.explanation.score import explained
from rapport_service.measure.intervals import score_interval
from rapport_service.record.models import Score
from rapport_service.scoring.figures import Figures
from tests.casting import cast, crowd
from tests.disclosure_through_http.attacker import DIRECTOR, Reader
from tests.disclosure_through_http.test_small_numbers_are_not_spelled_out import (
    keyed_alike,
)
from tests.phone import content
from tests.said import said
from tests.stored import rows_of
from tests.waves.by_hand_companions import PERCENT, RESPONDENTS, START, wilson

COARSE = ("favourable", "trend", "steadied", "against_organization")
WHOLE = ("agreement", "items", "dose")
SHOWN = (
    *("tier", "respondents", "participation", "tipping_point", "constructs"),
    *WHOLE,
)


def measured(house, press, answered, sizes=None, waves=1):
    """An agency that gave these texts in each of its waves; what is said of it."""
    house.clock.reset()
    sizes = sizes or dict.fromkeys(answered, 10)
    agency = house.agency(sizes, supervises=DIRECTOR)
    for _ in range(waves):
        wave = agency.announce()
        assert set(cast(press, agency, wave, answered)) == {"accepted"}
        agency.seal()
    return Reader(agency).everything()


def mixed(count, values):
    """People whose keyed answers go through these values in turn."""
    texts = []
    for form in range(count):
        names = json.loads(content(form))["answers"]
        turned = [
            6 - values[(form + place) % len(values)]
            if name.endswith("R")
            else values[(form + place) % len(values)]
            for place, name in enumerate(names)
        ]
        texts.append(said(form, turned))
    return texts


def shown(document):
    return {name: document[name] for name in SHOWN}


ALIKE = {
    "five of one mind": [keyed_alike(form, 4) for form in range(5)],
    "six of one mind": [keyed_alike(form, 4) for form in range(6)],
    "six who differ": mixed(6, [5, 4, 3, 5, 3]),
}


@pytest.mark.parametrize("waves", [1, 2])
def test_a32_teams_that_show_the_same_coarse_score_show_the_same_of_everything(
    house, press, waves
):
    told = [
        shown(measured(house, press, {"a": texts}, waves=waves)["a"])
        for texts in ALIKE.values()
    ]

    assert told[0]["tier"] == "coarse"
    assert {figure["score"] for figure in told[0]["constructs"].values()} == {75}
    assert told[0] == told[1] == told[2]


def test_a32_their_own_spread_would_have_told_them_apart(house, press):
    told = set()
    for texts in ALIKE.values():
        house.clock.reset()
        agency = house.agency({"a": 10}, supervises=DIRECTOR)
        cast(press, agency, agency.announce(), {"a": texts})
        agency.seal()
        kept = [Figures.load(row.figures) for row in rows_of(Score, agency)]
        own = score_interval(kept[0].constructs["trust"].score, 5, START["trust"])
        told.add((5 * int(25 * (own.low - 1) // 5), 5 * int(25 * (own.high - 1) // 5)))

    assert len(told) == len(ALIKE)


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("people", [5, 7, 9])
def test_a32_a_coarse_interval_can_be_worked_out_from_what_stands_beside_it(
    house, press, value, people
):
    texts = [keyed_alike(form, value) for form in range(people)]

    document = measured(house, press, {"a": texts})["a"]

    low, percent = band(document["respondents"]), band(document["participation"])
    assert low in RESPONDENTS
    assert percent in PERCENT
    for name, figure in document["constructs"].items():
        ends = wilson(1 + figure["score"] / 25, low, START[name], percent / 100, None)
        open_below, open_above = (
            figure["bound"] == "at_most",
            figure["bound"] == "at_least",
        )
        assert figure["interval"] == {
            "low": 0 if open_below else 5 * int(ends[0] // 5),
            "high": 100 if open_above else -5 * int(-ends[1] // 5),
        }


def band(words):
    """The low end of a band."""
    return 0 if words == "<50" else int(words.rstrip("+").partition("-")[0])


def test_a32_a_coarse_document_has_no_companion_but_interval_and_change(house, press):
    texts = {"a": crowd(8), "b": crowd(20), "c": crowd(20)}

    document = measured(house, press, texts, dict.fromkeys("abc", 20), waves=6)["a"]

    assert document["tier"] == "coarse"
    for figure in document["constructs"].values():
        assert {figure[companion] for companion in COARSE} == {None}
        assert figure["change"] == "no_clear_change"
        assert all(end % 5 == 0 for end in figure["interval"].values())
    assert {document[companion] for companion in WHOLE} == {None}


def test_a32_the_tipping_point_says_no_more_than_the_band_of_participation(
    house, press
):
    people = {f"t{n}": crowd(n) for n in range(10, 21)}

    documents = measured(house, press, people, dict.fromkeys(people, 20))

    seen = {
        (document["participation"], document["tipping_point"])
        for document in documents.values()
    }
    assert seen == {("50-69", 10), ("70-84", 16), ("85+", 33)}


def test_a32_the_pull_of_a_steadied_score_does_not_tell_how_many_answered(house, press):
    others = {"b": crowd(15, 3), "c": crowd(15, 3)}

    steadied = {
        people: measured(
            *(house, press),
            {"a": [keyed_alike(form, 5) for form in range(people)], **others},
            dict.fromkeys("abc", 20),
        )["a"]["constructs"]["trust"]["steadied"]
        for people in (10, 13, 16, 19)
    }

    assert len(set(steadied.values())) == 1
    assert 50 < steadied[10] < 100
    assert steadied[10] % 5 == 0


def test_a32_no_interval_says_that_everybody_answered(house, press):
    everybody = [content(form % 45, 4) for form in range(90)]

    document = measured(house, press, {"a": everybody}, {"a": 90})["a"]

    assert document["participation"] == "85+"
    figures = [*document["items"].values(), *document["constructs"].values()]
    assert len(document["items"]) == 13
    for figure in figures:
        assert figure["interval"]["low"] < figure["score"] < figure["interval"]["high"]


def test_a32_questions_are_shown_all_or_none(house, press):
    few = [content(form % 45, 4) for form in range(18)]

    document = measured(house, press, {"a": few}, {"a": 20})["a"]

    assert document["tier"] == "fine"
    assert document["items"] is None


def test_a32_sentences_are_made_of_what_the_document_shows(house, press):
    documents = measured(house, press, {"a": crowd(12), "b": crowd(20), "c": crowd(4)})

    for document in documents.values():
        above = document.get("from", {"name": None})["name"]
        assert document["explanation"] == explained(shown(document), above, pilot=True)
