import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from rapport_service.encoding import base64url
from rapport_service.envelope.sealing_key import (
    SealingKeyInvalidError,
    make_sealing_key,
    parse_private_pem,
    parse_public_jwk,
    private_pem,
    public_jwk,
    thumbprint,
)
from rapport_service.envelope.test_key import TEST_KEY

JWK = public_jwk(TEST_KEY.public_key())


def changed(**members):
    return json.dumps(json.loads(JWK) | members, separators=(",", ":"))


def test_the_public_half_is_a_jwk_with_members_in_this_order():
    assert list(json.loads(JWK)) == ["kty", "crv", "x", "y"]
    assert JWK.startswith('{"kty":"EC","crv":"P-256","x":"')


def test_every_key_comes_back_from_its_texts():
    """Also the one in some 256 whose coordinate begins with a zero byte."""
    for _ in range(400):
        key = make_sealing_key()
        jwk = public_jwk(key.public_key())

        assert len(jwk) == len(JWK)
        assert parse_public_jwk(jwk) == key.public_key()
    again = parse_private_pem(private_pem(key))
    assert again.private_numbers() == key.private_numbers()


def test_the_thumbprint_is_the_digest_of_the_members_in_alphabetical_order():
    members = json.loads(JWK)
    canonical = (
        f'{{"crv":"P-256","kty":"EC","x":"{members["x"]}","y":"{members["y"]}"}}'
    )

    expected = base64url.encode(hashlib.sha256(canonical.encode()).digest())
    assert thumbprint(TEST_KEY.public_key()) == expected


def test_the_test_key_is_the_digest_of_its_name():
    scalar = int.from_bytes(hashlib.sha256(b"rapport test key").digest())

    assert TEST_KEY.private_numbers().private_value == scalar


@pytest.mark.parametrize(
    "jwk",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 10_000,
        JWK + " ",
        JWK[:-1] + ',"d":"AAAA"}',
        json.dumps(json.loads(JWK)),
        json.dumps(dict(reversed(json.loads(JWK).items())), separators=(",", ":")),
        changed(kty="RSA"),
        changed(crv="P-384"),
        changed(x=None),
        changed(x="AAAA"),
        changed(x=json.loads(JWK)["y"]),
        changed(x="_" * 42 + "8"),
        changed(x="A" * 43, y="A" * 43),
        changed(kid="acme"),
    ],
)
def test_no_other_text_is_a_sealing_key(jwk):
    with pytest.raises(SealingKeyInvalidError):
        parse_public_jwk(jwk)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["P-384", "RSA"],
)
def test_a_key_of_another_kind_is_refused(key):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    with pytest.raises(SealingKeyInvalidError):
        parse_private_pem(pem)


@pytest.mark.parametrize("pem", [b"", b"\0" * 100, private_pem(TEST_KEY)[:-40]])
def test_a_damaged_file_holds_no_key(pem):
    with pytest.raises(SealingKeyInvalidError):
        parse_private_pem(pem)
