"""The bytes of a ballot, and the stock library that takes it."""

import jwt
import pytest
from fake_service.documents import jwk, kid_of, to_bytes
from fake_service.signing import blind_sign

from rapport_client import SignatureInvalid
from rapport_client._ballots import ballot, ballot_key, minting
from rapport_client._protocol import base64url

KID = "acme." + "k" * 43


@pytest.fixture
def key(keys):
    return ballot_key.parse_ballot_key(to_bytes(jwk(keys[0])), kid_of(keys[0]))


def sign(private_key, draw):
    return base64url.encode(blind_sign(private_key, draw.blinded))


def test_the_signing_input_is_these_very_bytes():
    header, payload = ballot.signing_input(KID, bytes(32)).decode().split(".")

    assert base64url.decode(header) == (
        b'{"alg":"PS384","typ":"ballot+jwt","kid":"' + KID.encode() + b'"}'
    )
    assert base64url.decode(payload) == b'{"jti":"' + b"A" * 43 + b'"}'


def test_a_finished_ballot_verifies_with_the_stock_library(keys, key):
    draw = minting.mint("acme.wave", "team", key, "charter", "epoch")

    finished = minting.finish(draw, key, sign(keys[0], draw))

    claims = jwt.decode(finished, keys[0].public_key(), algorithms=["PS384"])
    assert claims == {"jti": base64url.encode(draw.r)}
    assert jwt.get_unverified_header(finished) == {
        "alg": "PS384",
        "typ": "ballot+jwt",
        "kid": key.kid,
    }
    assert 460 <= len(finished) <= 540


def test_no_two_draws_share_anything_random(key):
    draws = [minting.mint("acme.wave", "team", key, "c", "e") for _ in range(3)]

    for name in ("r", "salt", "factor", "blinded"):
        assert len({getattr(draw, name) for draw in draws}) == 3


@pytest.mark.parametrize(
    "signature",
    [None, "", "?", "AA==", base64url.encode(bytes(256)), base64url.encode(bytes(255))],
)
def test_a_signature_that_is_none_makes_no_ballot(key, signature):
    draw = minting.mint("acme.wave", "team", key, "charter", "epoch")

    with pytest.raises(SignatureInvalid):
        minting.finish(draw, key, signature)


def test_the_signature_of_another_draw_makes_no_ballot(keys, key):
    draws = [minting.mint("acme.wave", "team", key, "c", "e") for _ in range(2)]

    with pytest.raises(SignatureInvalid):
        minting.finish(draws[0], key, sign(keys[0], draws[1]))


def test_a_ballot_that_was_tampered_with_does_not_verify(keys, key):
    draw = minting.mint("acme.wave", "team", key, "charter", "epoch")
    finished = minting.finish(draw, key, sign(keys[0], draw))
    header, _, signature = finished.split(".")
    payload = base64url.encode(b'{"jti":"' + b"A" * 43 + b'"}')

    ballot.verify(finished, key)
    with pytest.raises(SignatureInvalid):
        ballot.verify(f"{header}.{payload}.{signature}", key)


def test_the_hash_of_a_ballot_is_the_hash_of_its_random_bytes():
    assert (
        ballot.compute_ballot_hash(bytes(32))
        == "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU"
    )


def test_a_draw_does_not_print_its_secrets(key):
    draw = minting.mint("acme.wave", "team", key, "charter", "epoch")

    assert repr(draw.r) not in repr(draw)
    assert repr(draw.factor) not in repr(draw)
