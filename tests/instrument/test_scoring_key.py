import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT, AskedItem
from rapport_service.instrument.key import key_answers, reverse_key

VALUES = st.integers(1, 5) | st.sampled_from(["na", "skip"])
ANSWERS = st.builds(
    Answers,
    form=st.integers(0, 44),
    values=st.tuples(VALUES, VALUES, VALUES, VALUES, VALUES),
    context=st.sampled_from([None, *CURRENT_INSTRUMENT.contexts]),
)

PLAIN = AskedItem("T1", "trust", reversed=False)
REVERSED = AskedItem("T5R", "trust", reversed=True)


@given(ANSWERS)
def test_answers_come_back_from_storage_as_they_went_in(answers):
    assert Answers.load(answers.form, answers.dump_values()) == answers


@given(ANSWERS, ANSWERS)
def test_different_answers_are_stored_differently(first, second):
    same_text = first.dump_values() == second.dump_values()
    assert same_text == (
        first.values == second.values and first.context == second.context
    )


def test_the_stored_text_is_compact_json():
    stored = Answers(7, (4, "na", 5, "skip", 1), None).dump_values()
    assert stored == '[4,"na",5,"skip",1,null]'


@pytest.mark.parametrize(("raw", "expected"), [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)])
def test_a_reversed_item_is_reverse_keyed(raw, expected):
    assert reverse_key(REVERSED, raw, 5) == expected


@given(st.integers(2, 9), st.data())
def test_reverse_keying_twice_changes_nothing_and_plain_items_stay(scale, data):
    raw = data.draw(st.integers(1, scale))
    assert reverse_key(REVERSED, reverse_key(REVERSED, raw, scale), scale) == raw
    assert 1 <= reverse_key(REVERSED, raw, scale) <= scale
    assert reverse_key(PLAIN, raw, scale) == raw


def test_a_row_has_the_anchor_the_bank_in_order_and_gaps_for_what_was_not_shown():
    # form 1 shows T2, T5R, C2R and C5
    row = key_answers(CURRENT_INSTRUMENT, Answers(1, (4, "na", 1, 5, "skip"), "normal"))
    trust = (None, "na", None, None, 5, None)
    communication = (None, 1, None, None, "skip", None)
    assert row == (4, *trust, *communication)


@given(ANSWERS)
def test_a_row_holds_exactly_what_was_answered(answers):
    row = key_answers(CURRENT_INSTRUMENT, answers)
    assert len(row) == 13
    assert sum(cell is not None for cell in row) == 5
    for reason in ("na", "skip"):
        assert row.count(reason) == answers.values.count(reason)
