import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.instrument.answers import (
    Answers,
    AnswersInvalid,
    parse_plaintext,
)
from rapport_service.instrument.bank import CURRENT_INSTRUMENT

CANONICAL = (
    b'{"form":0,"answers":{"A0":4,"T1":5,"T6":"na","C1":"skip","C6":1},'
    b'"context":"stretched"}'
)
VALUES = st.integers(1, 5) | st.sampled_from(["na", "skip"])
ANSWERS = st.builds(
    Answers,
    st.integers(0, 44),
    st.tuples(*[VALUES] * 5),
    st.sampled_from([None, *CURRENT_INSTRUMENT.contexts]),
)


def content(**changes):
    return json.loads(CANONICAL) | changes


def answers(**changes):
    return content(answers=content()["answers"] | changes)


def dump(document):
    return json.dumps(document, separators=(",", ":")).encode().ljust(256)


def read(plaintext):
    return parse_plaintext(CURRENT_INSTRUMENT, plaintext)


def errors_of(plaintext):
    """Pointer and code of each rule that a plaintext breaks."""
    with pytest.raises(AnswersInvalid) as caught:
        read(plaintext)
    return [(error.pointer, error.code) for error in caught.value.errors]


# The one form


def test_the_plaintext_is_compact_and_padded_with_spaces():
    read_back = Answers(0, (4, 5, "na", "skip", 1), "stretched")

    assert read(CANONICAL.ljust(256)) == read_back
    assert read_back.plaintext(CURRENT_INSTRUMENT) == CANONICAL.ljust(256)


@given(ANSWERS)
def test_all_answers_come_back_from_their_plaintext(given_answers):
    plaintext = given_answers.plaintext(CURRENT_INSTRUMENT)

    assert len(plaintext) == 256
    assert read(plaintext) == given_answers


def test_the_longest_answers_fit():
    longest = Answers(44, ("skip",) * 5, "stretched").plaintext(CURRENT_INSTRUMENT)

    assert len(longest.rstrip(b" ")) < 256


@pytest.mark.parametrize("form", range(45))
def test_every_form_can_be_answered(form):
    given_answers = Answers(form, (3,) * 5, None)

    assert read(given_answers.plaintext(CURRENT_INSTRUMENT)) == given_answers


def mutations(plaintext):
    """Other spellings of the same values, and other lengths, by name."""
    text = plaintext.rstrip(b" ")
    members = json.loads(text)
    first = next(iter(members["answers"]))
    swapped = dict(reversed(members["answers"].items()))
    spaced = text.replace(b'"context":', b'"context": ')
    return {
        "white space inside": spaced.ljust(256),
        "white space before": b" " + plaintext[:-1],
        "members in another order": dump(dict(reversed(members.items()))),
        "items in another order": dump(members | {"answers": swapped}),
        "longer number": text.replace(
            b'"form":%d' % members["form"], b'"form":%d.0' % members["form"]
        ).ljust(256),
        "exponent": text.replace(
            b'"form":%d' % members["form"], b'"form":%de0' % members["form"]
        ).ljust(256),
        "escaped name": text.replace(b'"form"', b'"\\u0066orm"').ljust(256),
        "a member twice": text.replace(b'"form"', b'"form":0,"form"').ljust(256),
        "an item twice": text.replace(
            b'{"%s":' % first.encode(), b'{"%s":1,"%s":' % ((first.encode(),) * 2)
        ).ljust(256),
        "line feed at the end": text.ljust(255) + b"\n",
        "tab in the padding": text + b"\t" + b" " * (255 - len(text)),
        "zeros for spaces": text.ljust(256, b"\0"),
        "no padding": text,
        "a byte too few": plaintext[:-1],
        "a byte too many": plaintext + b" ",
        "byte order mark": b"\xef\xbb\xbf" + plaintext[:-3],
        "something after it": text + b"0" + b" " * (255 - len(text)),
    }


@given(ANSWERS)
def test_no_other_spelling_of_the_same_answers_is_read(given_answers):
    plaintext = given_answers.plaintext(CURRENT_INSTRUMENT)

    for name, other in mutations(plaintext).items():
        assert other != plaintext, name
        with pytest.raises(AnswersInvalid):
            read(other)


def test_minus_zero_is_another_spelling():
    assert errors_of(CANONICAL.replace(b'"form":0', b'"form":-0').ljust(256)) == [
        ("", "wrong-format")
    ]


@given(ANSWERS, st.integers(0, 255), st.integers(1, 255))
def test_one_changed_byte_makes_other_answers_or_none(given_answers, position, flip):
    changed = bytearray(given_answers.plaintext(CURRENT_INSTRUMENT))
    changed[position] ^= flip

    try:
        read_back = read(bytes(changed))
    except AnswersInvalid:
        return
    assert read_back != given_answers
    assert read_back.plaintext(CURRENT_INSTRUMENT) == changed


# What is wrong, and where


@pytest.mark.parametrize(
    "form", [-1, 45, 10**30, True, False, 0.0, 3.5, "0", None, [], {}, [0]]
)
def test_a_form_is_0_to_44(form):
    assert errors_of(dump(content(form=form))) == [("/form", "out-of-range")]


@pytest.mark.parametrize(
    "value",
    [0, 6, -1, 10**40, 4.0, True, False, None, "4", "NA", "", "skip ", [], {}, [4]],
)
def test_an_answer_is_1_to_5_or_na_or_skip(value):
    assert errors_of(dump(answers(T1=value))) == [("/answers/T1", "not-in-list")]


@pytest.mark.parametrize(
    ("items", "errors"),
    [
        ([], [("/answers", "wrong-type")]),
        (None, [("/answers", "wrong-type")]),
        (
            {"A0": 4, "T1": 5, "T6": 2, "C1": 3, "C5": 3},
            [("/answers/C6", "missing"), ("/answers/C5", "unknown-field")],
        ),
        (
            {"A0": 4, "T1": 5, "T6": 2, "C1": 3, "C6": 3, "a/b": 3},
            [("/answers/a~1b", "unknown-field")],
        ),
    ],
)
def test_exactly_the_items_of_the_form_are_answered(items, errors):
    assert errors_of(dump(content(answers=items))) == errors


@pytest.mark.parametrize("context", ["calm", "", 1, True, [], {}, ["crisis"]])
def test_the_context_is_one_of_three_or_null(context):
    assert errors_of(dump(content(context=context))) == [("/context", "not-in-list")]


@pytest.mark.parametrize("missing", ["form", "answers", "context"])
def test_no_member_may_be_missing(missing):
    document = content()
    del document[missing]

    assert (f"/{missing}", "missing") in errors_of(dump(document))


@pytest.mark.parametrize("extra", ["device", "nonce", "", "Form"])
def test_no_member_may_be_added(extra):
    assert errors_of(dump(content(**{extra: 1}))) == [(f"/{extra}", "unknown-field")]


@pytest.mark.parametrize("text", [b"[]", b"null", b"4", b'"form"', b"true"])
def test_plaintext_is_an_object(text):
    assert errors_of(text.ljust(256)) == [("", "wrong-type")]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{}{}",
        b"{'form':0}",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',  # a surrogate, which UTF-8 has no bytes for
        b"[" * 256,
        b'{"a":' * 51,
        b"9" * 100_000,
        b"[" * 100_000,
    ],
)
def test_plaintext_is_json(text):
    assert errors_of(text.ljust(256)) == [("", "wrong-format")]


def test_every_rule_is_named_at_once():
    document = content(form=99, context="calm", device=1)

    assert errors_of(dump(document)) == [
        ("/device", "unknown-field"),
        ("/context", "not-in-list"),
        ("/form", "out-of-range"),
    ]


@given(st.text(min_size=3, max_size=40).filter(lambda text: text not in "stretched"))
def test_the_detail_never_quotes_what_the_person_wrote(text):
    with pytest.raises(AnswersInvalid) as caught:
        read(dump(content(context=f"{text}, privately")))

    assert "privately" not in str(caught.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)

NEARLY_RIGHT = st.fixed_dictionaries(
    {
        "form": st.integers(-1, 46) | JSON,
        "answers": st.dictionaries(
            st.sampled_from([item.id for item in CURRENT_INSTRUMENT.items_on_form(0)]),
            st.integers(0, 6) | st.sampled_from(["na", "skip"]) | JSON,
        )
        | JSON,
        "context": st.sampled_from([None, "normal"]) | JSON,
    }
)


@given(st.binary() | (NEARLY_RIGHT | JSON).map(dump))
def test_any_bytes_are_read_or_refused_and_what_is_read_is_canonical(plaintext):
    try:
        read_back = read(plaintext)
    except AnswersInvalid:
        return
    assert read_back.plaintext(CURRENT_INSTRUMENT) == plaintext
