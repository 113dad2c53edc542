import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.instrument.answers import (
    Answers,
    AnswersInvalid,
    FormUnknown,
    parse_content,
)
from rapport_service.instrument.bank import CURRENT_INSTRUMENT

NONCE = urlsafe_b64encode(bytes(range(16))).rstrip(b"=").decode()


def content(**changes):
    return {
        "form": 0,
        "answers": {"A0": 4, "T1": 5, "T6": "na", "C1": "skip", "C6": 1},
        "context": "stretched",
        "nonce": NONCE,
    } | changes


def answers(**changes):
    return content(answers=content()["answers"] | changes)


def read(document):
    return parse_content(CURRENT_INSTRUMENT, json.dumps(document).encode())


def broken_rule(text):
    with pytest.raises(AnswersInvalid) as caught:
        parse_content(CURRENT_INSTRUMENT, text)
    return caught.value.rule


def test_answers_are_in_the_order_of_the_form():
    sent = content()
    sent["answers"] = dict(reversed(sent["answers"].items()))
    assert read(sent) == Answers(0, (4, 5, "na", "skip", 1), "stretched")


def test_the_context_may_be_left_unanswered():
    assert read(content(context=None)).context is None


@pytest.mark.parametrize("context", ["normal", "stretched", "crisis"])
def test_the_context_is_one_of_three(context):
    assert read(content(context=context)).context == context


@pytest.mark.parametrize("form", range(45))
def test_every_form_can_be_answered(form):
    given_answers = {item.id: 3 for item in CURRENT_INSTRUMENT.items_on_form(form)}
    read_back = read(content(form=form, answers=given_answers))
    assert read_back == Answers(form, (3, 3, 3, 3, 3), "stretched")


@pytest.mark.parametrize(
    "form",
    [-1, 45, 10**30, True, False, 0.0, 3.5, "0", None, [], {}, [0]],
)
def test_a_form_that_is_not_0_to_44_is_unknown(form):
    with pytest.raises(FormUnknown):
        read(content(form=form))


@pytest.mark.parametrize(
    "value",
    [0, 6, -1, 10**40, 4.0, True, False, None, "4", "NA", "", "skip ", [], {}, [4]],
)
def test_an_answer_is_1_to_5_or_na_or_skip(value):
    assert broken_rule(json.dumps(answers(T1=value)).encode()) == "values"


@pytest.mark.parametrize(
    "items",
    [
        {},
        [],
        None,
        "A0",
        {"A0": 4},
        {"A0": 4, "T1": 5, "T6": 2, "C1": 3},
        {"A0": 4, "T1": 5, "T6": 2, "C1": 3, "C5": 3},
        {"A0": 4, "T1": 5, "T6": 2, "C1": 3, "C6": 3, "C5": 3},
        {"a0": 4, "T1": 5, "T6": 2, "C1": 3, "C6": 3},
    ],
)
def test_exactly_the_items_of_the_form_are_answered(items):
    assert broken_rule(json.dumps(content(answers=items)).encode()) == "items"


@pytest.mark.parametrize("context", ["calm", "", 1, True, [], {}, ["crisis"]])
def test_any_other_context_is_invalid(context):
    assert broken_rule(json.dumps(content(context=context)).encode()) == "context"


@pytest.mark.parametrize(
    "nonce",
    [
        None,
        16,
        "",
        NONCE + "==",
        NONCE[:-1],
        NONCE + "A",
        NONCE[:-1] + "x",  # the four unused bits are not zero
        NONCE[:-1] + "\n",
        NONCE + "\n",
        "+/" + NONCE[2:],
        "\ud800" * 22,
        "é" * 22,
    ],
)
def test_a_nonce_is_16_bytes_in_canonical_base64url(nonce):
    assert broken_rule(json.dumps(content(nonce=nonce)).encode()) == "nonce"


@given(st.binary(min_size=16, max_size=16))
def test_every_16_bytes_are_a_nonce(nonce):
    text = urlsafe_b64encode(nonce).rstrip(b"=").decode()
    assert read(content(nonce=text)).form == 0


@pytest.mark.parametrize("missing", ["form", "answers", "context", "nonce"])
def test_no_member_may_be_missing(missing):
    document = content()
    del document[missing]
    assert broken_rule(json.dumps(document).encode()) == "members"


@pytest.mark.parametrize("extra", ["device", "language", "", "\ud800", "Form"])
def test_no_member_may_be_added(extra):
    assert broken_rule(json.dumps(content(**{extra: 1})).encode()) == "members"


@pytest.mark.parametrize("text", [b"[]", b"null", b"4", b'"form"', b"true"])
def test_content_is_an_object(text):
    assert broken_rule(text) == "members"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{'form':0}",
        b'{"form":NaN}',
        b'{"form":Infinity}',
        b'{"form":-Infinity}',
        b'{"form":0,"form":0}',
        b'{"a":{"b":1,"b":1}}',
        b"\xff\xfe",
        b'"\xed\xa0\x80"',  # a surrogate, which UTF-8 has no bytes for
        b'\xef\xbb\xbf{"form":0}',
        '{"form":0}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b"9" * 10_000,
        b'{"form":' + b"9" * 10_000 + b"}",
    ],
)
def test_content_that_is_no_plain_json_value_is_invalid(text):
    assert broken_rule(text) == "json"


def test_a_number_too_large_for_a_float_is_only_a_wrong_value():
    text = json.dumps(answers()).replace('"A0": 4', '"A0": 1e999').encode()
    assert broken_rule(text) == "values"


def test_the_rule_never_quotes_what_the_person_wrote():
    with pytest.raises(AnswersInvalid) as caught:
        read(content(context="a private remark"))
    assert "private" not in str(caught.value)


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
        "nonce": st.just(NONCE) | JSON,
    }
)


@given(st.binary() | (NEARLY_RIGHT | JSON).map(lambda part: json.dumps(part).encode()))
def test_any_content_is_parsed_or_refused(text):
    try:
        result = parse_content(CURRENT_INSTRUMENT, text)
    except (FormUnknown, AnswersInvalid):
        return
    assert len(result.values) == 5


@given(st.data())
def test_content_with_one_changed_byte_is_parsed_or_refused(data):
    text = bytearray(json.dumps(content()).encode())
    position = data.draw(st.integers(0, len(text) - 1))
    text[position] = data.draw(st.integers(0, 255))
    try:
        parse_content(CURRENT_INSTRUMENT, bytes(text))
    except (FormUnknown, AnswersInvalid):
        return
