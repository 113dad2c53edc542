"""Forged ballots: a blind signer signs anything, so every byte is compared."""

import secrets

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from hypothesis import given
from hypothesis import strategies as st

from rapport_client._ballots import ballot as device
from rapport_service.blindsign.ballot import (
    BallotInvalidError,
    parse,
    signing_input,
    verify,
)
from rapport_service.blindsign.keys import key_id
from rapport_service.encoding import base64url
from tests.blindsign.signing import J, R, header, payload, signed, verify_ballot


@pytest.fixture(scope="module")
def key(ballot_keys):
    return ballot_keys[0]


@pytest.fixture(scope="module")
def kid(key):
    return key_id("acme", key.public_key())


def test_a_good_ballot_is_parsed_and_verified(key, kid):
    ballot = parse(signed(key, header(kid), payload()))

    verify(ballot, key.public_key())
    assert (ballot.kid, ballot.r, ballot.organization_id) == (kid, R, "acme")


def test_a_good_ballot_is_an_ordinary_jwt(key, kid):
    text = signed(key, header(kid), payload())

    claims = jwt.decode(text, key.public_key(), algorithms=["PS384"])

    assert claims == {"jti": J}


@given(r=st.binary(min_size=32, max_size=32))
def test_device_and_service_build_the_same_bytes(kid, r):
    assert signing_input(kid, r) == device.signing_input(kid, r)


FORGERIES = {
    "a second jti": lambda kid: (header(kid), f'{{"jti":"{J}","jti":"{J}"}}'),
    "a second kid": lambda kid: (header(kid)[:-1] + f',"kid":"{kid}"}}', payload()),
    "a claim more": lambda kid: (header(kid), f'{{"jti":"{J}","sub":"a"}}'),
    "a header more": lambda kid: (header(kid)[:-1] + ',"x":1}', payload()),
    "space in the header": lambda kid: (header(kid).replace(",", ", "), payload()),
    "space in the payload": lambda kid: (header(kid), f'{{"jti": "{J}"}}'),
    "a line end": lambda kid: (header(kid), payload() + "\n"),
    "a line end in the header": lambda kid: (header(kid) + "\n", payload()),
    "another order": lambda kid: (
        f'{{"typ":"ballot+jwt","alg":"PS384","kid":"{kid}"}}',
        payload(),
    ),
    "a letter escaped": lambda kid: (
        header(kid).replace("ballot", "\\u0062allot"),
        payload(),
    ),
    "no typ": lambda kid: (header(kid).replace('"typ":"ballot+jwt",', ""), payload()),
    "another typ": lambda kid: (header(kid).replace("ballot+jwt", "at+jwt"), payload()),
    "no kid": lambda _: ('{"alg":"PS384","typ":"ballot+jwt"}', payload()),
    "nobody's kid": lambda kid: (header(kid.removeprefix("acme.")), payload()),
    "a kid in capitals": lambda kid: (header(kid.replace("acme", "ACME")), payload()),
    "a short kid": lambda kid: (header(kid[:-1]), payload()),
    "no jti": lambda kid: (header(kid), "{}"),
    "a jti of 31 bytes": lambda kid: (header(kid), payload(base64url.encode(R[:31]))),
    "a jti of 33 bytes": lambda kid: (header(kid), payload(base64url.encode(R + b"!"))),
    "a jti with padding": lambda kid: (header(kid), payload(J + "=")),
    "a jti with unused bits": lambda kid: (header(kid), payload(J[:-1] + "9")),
}
"""Headers and payloads that a device could have had signed instead."""


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused_that_a_jwt_library_believes(key, kid, forgery):
    text = signed(key, *FORGERIES[forgery](kid))

    jwt.decode(text, key.public_key(), algorithms=["PS384"])
    with pytest.raises(BallotInvalidError):
        parse(text)  # before any key is looked up


@pytest.mark.parametrize("algorithm", ["RS384", "PS256", "HS384", "none", "ps384"])
def test_another_algorithm_is_refused(key, kid, algorithm):
    text = signed(key, header(kid).replace("PS384", algorithm), payload())

    with pytest.raises(BallotInvalidError):
        parse(text)


@pytest.mark.parametrize(
    "padding",
    [
        pytest.param((PSS(MGF1(SHA384()), 47), SHA384()), id="a shorter salt"),
        pytest.param((PSS(MGF1(SHA384()), 0), SHA384()), id="no salt"),
        pytest.param((PSS(MGF1(SHA256()), 48), SHA384()), id="another mask"),
        pytest.param((PSS(MGF1(SHA256()), 32), SHA256()), id="PS256"),
        pytest.param((PKCS1v15(), SHA384()), id="RS384"),
    ],
)
def test_a_signature_of_another_kind_is_refused(key, kid, padding):
    text = signed(key, header(kid), payload(), padding)

    with pytest.raises(BallotInvalidError):
        verify_ballot(text, key)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda signature: signature[:-1], id="a byte short"),
        pytest.param(lambda signature: signature + b"\0", id="a byte long"),
        pytest.param(lambda signature: b"\0" + signature, id="a zero in front"),
        pytest.param(lambda _: bytes(256), id="zero"),
        pytest.param(lambda signature: b"\0" + signature[1:], id="another number"),
    ],
)
def test_a_spoiled_signature_is_refused(key, kid, spoil):
    head, body, signature = signed(key, header(kid), payload()).split(".")
    spoiled = base64url.encode(spoil(base64url.decode(signature)))

    with pytest.raises(BallotInvalidError):
        verify_ballot(f"{head}.{body}.{spoiled}", key)


def test_a_signature_has_no_second_form_above_the_modulus(key, kid):
    n = key.public_key().public_numbers().n
    number = 2**2048
    while number + n >= 2**2048:  # most signatures leave no room for the modulus
        jti = base64url.encode(secrets.token_bytes(32))
        head, body, end = signed(key, header(kid), payload(jti)).split(".")
        number = int.from_bytes(base64url.decode(end))

    with pytest.raises(BallotInvalidError):
        verify_ballot(
            f"{head}.{body}.{base64url.encode((number + n).to_bytes(256))}", key
        )


def test_a_ballot_signed_by_another_key_is_refused(ballot_keys, kid):
    text = signed(ballot_keys[1], header(kid), payload())

    with pytest.raises(BallotInvalidError):
        verify_ballot(text, ballot_keys[0])


def test_a_ballot_cannot_move_to_another_organization_that_has_the_same_key(key, kid):
    _, body, signature = signed(key, header(kid), payload()).split(".")
    moved = base64url.encode(header(kid.replace("acme", "other")).encode())

    with pytest.raises(BallotInvalidError):
        verify_ballot(f"{moved}.{body}.{signature}", key)
