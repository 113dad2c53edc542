"""Releases with hardly anything to measure, or with answers that are all alike."""

import random
from datetime import timedelta

import pytest

from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.releases.seven_groups import GROUPS, agency_of, release_documents
from tests.support.service import NOON

CONSTRUCTS = ("trust", "communication", "overall")
NO_PEOPLE = dict.fromkeys(GROUPS, ())


def alike(people, value=4):
    """People who mean the same by every answer, each shown another form."""
    return [
        (
            form % 45,
            [
                6 - value if i.reversed else value
                for i in CURRENT_INSTRUMENT.items_on_form(form % 45)
            ],
        )
        for form in range(people)
    ]


def mixed(people, seed=1):
    rng = random.Random(seed)
    return [
        (rng.randrange(45), [rng.randint(1, 5) for _ in range(5)])
        for _ in range(people)
    ]


def documents(groups, silent=3, **more):
    raw = {**NO_PEOPLE, **groups}
    return release_documents(raw, agency_of(raw, silent=silent), **more)[0]


def figures(document):
    return [document["constructs"][name] for name in CONSTRUCTS]


@pytest.mark.parametrize("people", [0, 1])
def test_one_respondent_or_none_is_withheld_with_one_sentence(people):
    shown = documents({"a": alike(people)})

    assert {document["status"] for document in shown.values()} == {"withheld"}
    assert {len(document["explanation"]) for document in shown.values()} == {1}


@pytest.mark.parametrize("people", [5, 9, 10, 40])
def test_interval_of_a_team_that_answered_completely_has_a_width(people):
    shown = documents({"a": mixed(people)}, silent=0)["a"]

    assert shown["participation"] == ("85+" if people >= 15 else "70+")
    for figure in figures(shown):
        assert figure["interval"]["low"] < figure["score"] < figure["interval"]["high"]


@pytest.mark.parametrize("value", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("people", [6, 12])
def test_unanimous_answers_leave_some_doubt(people, value):
    shown = documents({"a": alike(people, value)})["a"]

    for figure in figures(shown):
        low, high = figure["interval"].values()
        assert high - low >= 5
        assert low <= 25 * (value - 1) <= high


def test_a_team_of_one_mind_agrees_and_one_of_chance_does_not():
    shown = documents({"a": alike(12), "b": mixed(12)})

    assert shown["a"]["agreement"] == "agree"
    assert shown["b"]["agreement"] == "no_clear_agreement"


def test_an_unseen_question_drops_out():
    seen = [form for form in range(45) if "T1" not in ids(form)]
    people = [(seen[n % len(seen)], [4, 4, 4, 4, 4]) for n in range(60)]

    shown = documents({"a": people})["a"]

    assert shown["tier"] == "fine"
    assert shown["items"] is None


def ids(form):
    return [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]


def test_people_to_whom_nothing_applies_are_not_counted():
    silent = [(form, ["na"] * 5) for form in range(20)]

    shown = documents({"a": silent, "b": mixed(12)})

    assert shown["a"]["status"] == "rolled_up"
    assert shown["root"]["respondents"] == "10-19"


def test_a_question_that_applies_to_no_person_leaves_the_others():
    people = [
        (form, ["na" if item == "C6" else 4 for item in ids(form)])
        for form in range(45)
    ]

    shown = documents({"a": people})["a"]

    assert shown["status"] == "released"
    assert shown["items"] is None


def test_team_far_from_the_others_is_clearly_above_them():
    shown = documents({"a": alike(40, 5), "b": mixed(40, 2), "c": mixed(40, 3)})

    assert {f["against_organization"] for f in figures(shown["a"])} == {"above"}


def test_fewer_than_three_teams_are_not_compared():
    shown = documents({"a": alike(12), "b": mixed(12)})

    assert {f["against_organization"] for f in figures(shown["a"])} == {None}


def test_a_group_around_compared_teams_is_not_compared_itself():
    shown = documents(dict.fromkeys("abc", mixed(12)))

    assert {f["against_organization"] for f in figures(shown["north"])} == {None}
    assert None not in {f["against_organization"] for f in figures(shown["a"])}


def test_wave_in_which_nothing_is_shown_is_released_all_the_same():
    past = []
    for people in (12, 12, 0, 2, 12):
        raw = {**NO_PEOPLE, "a": mixed(people)}
        opens = NOON + timedelta(days=14 * len(past))
        shown, wave = release_documents(raw, agency_of(raw), past, opens)
        past.append(wave)

    assert {f["change"]["direction"] for f in figures(shown["a"])} == {
        "no_clear_change"
    }


def test_a_single_wave_has_neither_change_nor_trend():
    shown = documents({"a": mixed(12)})["a"]

    assert {f["change"] for f in figures(shown)} == {None}
    assert {f["trend"] and "x" for f in figures(shown)} == {None}


def test_the_tap_is_shown_roughly_and_only_of_many():
    many = ["crisis"] * 7 + ["normal"] * 5
    few = [*many[:9], None, None, None]

    many, few = (
        documents({"a": mixed(12)}, contexts={"a": taps})["a"] for taps in (many, few)
    )

    assert (many["tier"], many["crisis_percent"]) == ("fine", 60)
    assert (few["tier"], few["crisis_percent"]) == ("fine", None)
