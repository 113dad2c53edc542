"""Enrolment codes: as many random bits as promised, forgiving to type, never stored."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.models import AuditEntry
from rapport_service.core.db import db
from rapport_service.pollbook.codes import (
    ALPHABET,
    keyed_hash,
    new_code,
    normalize_code,
)
from rapport_service.pollbook.models import EnrolmentCode
from tests.pollbook.poll_book_requests import enrol, outcome
from tests.support.admin import fields_of
from tests.support.rows import rows_of
from tests.support.service import NOON

RULES = Path(__file__).parents[2] / "schemas/examples/v1/client_rules.json"
CODE = "bill10-0123-4567-89AB"
SEPARATORS = ["", " ", "-", " - ", "  ", "\u2013", "\u00a0", "."]


@st.composite
def typings(draw):
    """CODE as a person may type it: in any case, with look-alikes, spaced at will."""
    letters = [
        draw(st.sampled_from({"0": "0Oo", "1": "1IiLl"}.get(letter, letter)))
        for letter in "0123456789AB"
    ]
    spaced = "".join(draw(st.sampled_from(SEPARATORS)) + letter for letter in letters)
    organization = draw(st.sampled_from(["bill10", "Bill10", "BILL10"]))
    before, after = (draw(st.sampled_from(["", " ", "\t", "\n"])) for _ in range(2))
    cased = draw(st.sampled_from([str.lower, str.upper, str.title]))
    return before + organization + "-" + cased(spaced) + after


def test_a_code_has_sixty_random_bits_behind_its_organization():
    codes = [new_code("acme") for _ in range(2000)]

    assert len(set(ALPHABET)) == 32
    assert all(re.fullmatch(r"acme(-[0-9A-Z]{4}){3}", code) for code in codes)
    symbols = [code.removeprefix("acme").replace("-", "") for code in codes]
    assert {len(text) for text in symbols} == {12}
    for place in range(12):  # 12 places of 32 letters each: 60 bits
        assert {text[place] for text in symbols} == set(ALPHABET)


def test_a_new_code_is_in_its_normal_form():
    code = new_code("acme")

    assert normalize_code(code) == ("acme", code)


@given(typings())
def test_however_a_code_is_typed_it_is_the_same_code(typed):
    assert normalize_code(typed) == ("bill10", CODE)


@pytest.mark.parametrize(
    "case",
    [case for case in json.loads(RULES.read_text())["codes"] if case["code"]],
    ids=lambda case: case["typed"],
)
def test_code_that_clients_read_is_the_same_here(case):
    organization, _, _ = case["code"].partition("-")

    assert normalize_code(case["typed"]) == (organization, case["code"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "acme",
        "acme-",
        "acme-0123-4567-89AU",
        "acme-0123-4567-89A\u0661",
        "acme-0123-4567-89\u00df",
    ],
)
def test_text_that_cannot_be_a_code_is_none(text):
    assert normalize_code(text) is None


@given(st.text(st.characters(exclude_categories=())))
def test_typed_text_is_a_code_or_none(text):
    read = normalize_code(text)

    if read is not None:
        organization, code = read
        assert code.startswith(f"{organization}-")
        assert normalize_code(code) == read


def test_a_hash_without_the_services_secret_says_nothing():
    assert keyed_hash(b"one secret", CODE) != keyed_hash(b"another", CODE)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda code: f" {code.lower()} ", id="small, with spaces"),
        pytest.param(lambda code: code.replace("-", " "), id="spaces for dashes"),
        pytest.param(lambda code: code.replace("-", ""), id="without dashes"),
        pytest.param(lambda code: code + "\n", id="pasted with its line end"),
    ],
)
def test_the_door_takes_a_code_as_people_type_it(agency, typed):
    reply = enrol(agency.service, typed(agency.code("a-1")))

    assert outcome(reply) == (200, None)


@pytest.mark.parametrize("text", ["nonsense", "a-0000-0000-0000", "\ud800" * 12, "-"])
def test_an_unknown_code_is_unknown_however_odd(agency, text):
    assert outcome(enrol(agency.service, text)) == (404, "code-unknown")


@pytest.mark.parametrize("text", ["", "x" * 81, 5, None])
def test_a_code_that_is_no_short_text_breaks_a_rule(agency, text):
    reply = enrol(agency.service, text)

    assert outcome(reply) == (422, "invalid")
    assert fields_of(reply) == ["code"]


def test_a_code_is_good_in_its_own_organization_alone(agency, service):
    code = agency.code("a-1")
    other = service.agency({"a": 8})

    reply = enrol(service, code.replace(agency.id, other.id))

    assert outcome(reply) == (404, "code-unknown")
    assert outcome(enrol(service, code)) == (200, None)


def test_a_code_is_stored_as_a_keyed_hash_and_nowhere_else(agency):
    code = agency.code("a-1")

    enrol(agency.service, code)

    (row,) = rows_of(EnrolmentCode, agency)
    assert row.code_hash == keyed_hash(agency.service.dependencies.keyring.codes, code)
    symbols = code.partition("-")[2]
    assert not is_stored_anywhere(symbols)
    assert not is_stored_anywhere(symbols.replace("-", ""))
    assert is_stored_anywhere("a-1")  # or the search would find nothing at all


def is_stored_anywhere(text):
    """Whether any value of any row holds a text."""
    with Session(db.engine) as session:
        return any(
            text in str(value)
            for table in db.metadata.sorted_tables
            for row in session.execute(select(table))
            for value in row
        )


def test_minting_a_code_is_audited(agency):
    agency.code("a-1")

    (entry,) = rows_of(AuditEntry, agency)
    assert (entry.actor_id, entry.action, entry.subject_id, entry.at) == (
        "a test",
        "code_created",
        "a-1",
        NOON,
    )


def test_a_code_lives_thirty_days(agency):
    codes = [agency.code("a-1") for _ in range(2)]

    agency.service.clock.advance(days=30, seconds=-1)
    in_time = enrol(agency.service, codes[0])
    agency.service.clock.advance(seconds=1)
    too_late = enrol(agency.service, codes[1])

    assert outcome(in_time) == (200, None)
    assert outcome(too_late) == (410, "code-expired")
