"""Encoding of ballots: base64url has many spellings, a ballot has one."""

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.blindsign.ballot import (
    BallotInvalidError,
    UndecodableError,
    parse,
    signing_input,
)
from rapport_service.blindsign.keys import key_id
from rapport_service.encoding import base64url
from tests.blindsign.signing import J, header, payload, signed, verify_ballot

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ANY_LETTER = st.characters(exclude_categories=())
"""Halves of characters, which JSON lets through, among them."""


@pytest.fixture(scope="module")
def key(ballot_keys):
    return ballot_keys[0]


@pytest.fixture(scope="module")
def text(key):
    kid = key_id("acme", key.public_key())
    return signed(key, header(kid), payload())


def with_unused_bits(part):
    """The next letter in a last place that carries unused bits sets one of them."""
    return part[:-1] + ALPHABET[ALPHABET.index(part[-1]) + 1]


SPELLINGS = {
    "padding at the end": lambda head, body, end: f"{head}.{body}.{end}==",
    "padding inside": lambda head, body, end: f"{head}.{body}=.{end}",
    "unused bits in the payload": lambda head, body, end: (
        f"{head}.{with_unused_bits(body)}.{end}"
    ),
    "unused bits in the signature": lambda head, body, end: (
        f"{head}.{body}.{with_unused_bits(end)}"
    ),
    "the other alphabet": lambda head, body, end: f"{head}.{body}.+/{end[2:]}",
    "a space": lambda head, body, end: f"{head}.{body}. {end}",
    "a line end": lambda head, body, end: f"{head}.{body}.{end}\n",
    "two parts": lambda head, body, _: f"{head}.{body}",
    "four parts": lambda head, body, end: f"{head}.{body}.{end}.",
    "a letter beyond ASCII": lambda head, body, end: f"{head}.{body}.é{end}",
    "half a character": lambda head, body, end: f"{head}.{body}.\ud800{end}",
    "nothing": lambda *_: "",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_ballot_in_another_spelling_cannot_be_decoded(text, spelling):
    with pytest.raises(UndecodableError):
        parse(SPELLINGS[spelling](*text.split(".")))


def test_a_jwt_library_takes_a_spelling_that_the_service_refuses(text, key):
    other = f"{text}=="

    assert jwt.decode(other, key.public_key(), algorithms=["PS384"]) == {"jti": J}
    with pytest.raises(UndecodableError):
        verify_ballot(other, key)


@st.composite
def near_ballots(draw):
    """A ballot with a few letters cut out and a few put in."""
    kid = draw(st.just(f"acme.{J}") | st.text(max_size=60))
    r = draw(st.binary(min_size=31, max_size=33))
    end = base64url.encode(draw(st.binary(max_size=300)))
    text = f"{signing_input(kid, r).decode()}.{end}"
    at, cut = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
    put = draw(st.text(ANY_LETTER | st.sampled_from(".=-_+/AZaz09"), max_size=3))
    return text[:at] + put + text[at + cut :]


@given(text=near_ballots() | st.text(ANY_LETTER))
def test_parsed_text_is_the_only_spelling_of_its_ballot(text):
    try:
        ballot = parse(text)
    except (UndecodableError, BallotInvalidError):
        return

    written = signing_input(ballot.kid, ballot.r).decode()
    assert f"{written}.{base64url.encode(ballot.signature)}" == text
