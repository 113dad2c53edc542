import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from itertools import chain, combinations

import pytest

from rapport_service.instrument.bank import (
    CURRENT_INSTRUMENT,
    UnknownInstrument,
    instrument_by_digest,
)

PINNED = "XZs0Jueai2hJmArAqHYGbVQWyj4k5eJ-urBmiHS4330"

FORMS = [[item.id for item in form] for form in CURRENT_INSTRUMENT.forms]


def test_the_bytes_are_the_ones_that_people_have_answered():
    assert CURRENT_INSTRUMENT.digest == PINNED


def test_digest_identifies_an_instrument():
    assert instrument_by_digest(PINNED) is CURRENT_INSTRUMENT


@pytest.mark.parametrize("digest", ["", PINNED + "=", PINNED.lower(), "A" * 43])
def test_any_other_digest_is_unknown(digest):
    with pytest.raises(UnknownInstrument):
        instrument_by_digest(digest)


def test_an_instrument_cannot_be_altered_in_memory():
    with pytest.raises(FrozenInstanceError):
        CURRENT_INSTRUMENT.scale = 7


def test_the_bank_is_the_anchor_and_six_items_per_construct_one_of_them_reversed():
    assert (CURRENT_INSTRUMENT.anchor.id, CURRENT_INSTRUMENT.anchor.construct) == (
        "A0",
        "anchor",
    )
    bank = "T1 T2 T3 T4 T5R T6 C1 C2R C3 C4 C5 C6"
    assert " ".join(item.id for item in CURRENT_INSTRUMENT.items) == bank
    assert Counter(item.construct for item in CURRENT_INSTRUMENT.items) == {
        "trust": 6,
        "communication": 6,
    }
    assert [item.id for item in CURRENT_INSTRUMENT.items if item.reversed] == [
        "T5R",
        "C2R",
    ]
    assert not CURRENT_INSTRUMENT.anchor.reversed


def test_a_reversed_item_says_so_in_its_name():
    for item in CURRENT_INSTRUMENT.items:
        assert item.reversed == item.id.endswith("R")


def test_the_scale_has_an_option_for_every_answer():
    document = json.loads(CURRENT_INSTRUMENT.document)
    values = [option["value"] for option in document["options"]]
    assert values == list(range(1, CURRENT_INSTRUMENT.scale + 1))
    assert document["scale"] == {"min": 1, "max": 5}


def test_the_context_question_is_not_an_item():
    assert CURRENT_INSTRUMENT.contexts == ("normal", "stretched", "crisis")
    assert "X1" not in {item.id for item in CURRENT_INSTRUMENT.items}


def test_45_different_forms_have_two_items_per_construct():
    assert len(set(map(frozenset, FORMS))) == len(FORMS) == 45
    for form in CURRENT_INSTRUMENT.forms:
        assert [item.construct for item in form] == (
            ["trust", "trust", "communication", "communication"]
        )


def test_every_aligned_block_of_three_forms_shows_the_whole_bank():
    bank = sorted(item.id for item in CURRENT_INSTRUMENT.items)
    for start in range(0, 45, 3):
        assert sorted(chain(*FORMS[start : start + 3])) == bank


def test_any_five_forms_in_a_row_show_the_whole_bank():
    bank = {item.id for item in CURRENT_INSTRUMENT.items}
    for start in range(41):
        assert set().union(*FORMS[start : start + 5]) == bank


def test_pairs_within_a_construct_meet_three_times_and_across_five_times():
    met = Counter(frozenset(pair) for form in FORMS for pair in combinations(form, r=2))
    for first, second in combinations(CURRENT_INSTRUMENT.items, r=2):
        expected = 3 if first.construct == second.construct else 5
        assert met[frozenset({first.id, second.id})] == expected


def test_a_form_is_shown_behind_the_anchor():
    assert [item.id for item in CURRENT_INSTRUMENT.items_on_form(0)] == [
        "A0",
        "T1",
        "T6",
        "C1",
        "C6",
    ]


def texts(part: object) -> Iterator[dict[str, str]]:
    """Every place in the document that is worded in at least one language."""
    if isinstance(part, dict):
        if part.keys() & {"en", "es"}:
            yield part
        for member in part.values():
            yield from texts(member)
    elif isinstance(part, list):
        for element in part:
            yield from texts(element)


def test_every_text_is_complete_and_distinct_in_both_languages():
    document = json.loads(CURRENT_INSTRUMENT.document)
    worded = list(texts(document))
    # lead-in, five options, na, skip, 13 items, the context question and its options
    assert len(worded) == 1 + 5 + 1 + 1 + 13 + 1 + 3
    for language in ("en", "es"):
        wordings = [part[language].strip() for part in worded]
        assert all(wordings)
        assert len(set(wordings)) == len(wordings)
        items = [item[language] for item in document["items"]]
        assert all(text.endswith(".") for text in items)


def test_no_item_names_the_supervisor_who_reads_the_score():
    wording = CURRENT_INSTRUMENT.document.decode().lower()
    assert "supervisor" not in wording


def test_the_document_ends_with_a_line_break_and_holds_one_item_per_line():
    lines = CURRENT_INSTRUMENT.document.decode().splitlines(keepends=True)
    assert lines[-1] == "}\n"
    for item in CURRENT_INSTRUMENT.items:
        assert sum(f'"id": "{item.id}"' in line for line in lines) == 1
