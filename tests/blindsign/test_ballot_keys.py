"""Ballot keys: thumbprint, key id, public document, encryption at rest."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from rapport_client._ballots import ballot_key
from rapport_service.blindsign.keys import (
    decrypt,
    encrypt,
    key_id,
    make_key,
    public_jwk,
    public_key,
    thumbprint,
)

SECRET = bytes(32)

# The example of RFC 7638 section 3.1.
EXAMPLE = json.dumps(
    {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPF"
        "FxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN"
        "5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5haj"
        "rn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0L"
        "s1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
)
EXAMPLES_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.fixture(scope="module")
def key(ballot_keys):
    return ballot_keys[0]


def test_the_thumbprint_is_the_one_that_rfc_7638_prints():
    assert thumbprint(public_key(EXAMPLE)) == EXAMPLES_THUMBPRINT


def test_a_key_id_is_the_organization_and_the_thumbprint():
    assert key_id("acme", public_key(EXAMPLE)) == f"acme.{EXAMPLES_THUMBPRINT}"


def test_a_new_key_is_what_devices_accept_and_no_other():
    key = make_key()
    kid = key_id("acme", key.public_key())

    checked = ballot_key.parse_ballot_key(
        public_jwk(kid, key.public_key()).encode(), kid
    )

    assert (checked.n.bit_length(), checked.e) == (2048, 65537)


def test_the_public_document_reads_back_as_the_key_without_private_members(key):
    document = public_jwk("acme.kid", key.public_key())

    assert public_key(document).public_numbers() == key.public_key().public_numbers()
    assert set(json.loads(document)) == {"kty", "n", "e", "alg", "use", "kid"}


def test_a_private_key_comes_back_from_its_encryption(key):
    encrypted = encrypt(key, "acme.kid", SECRET)

    assert (
        decrypt(encrypted, "acme.kid", SECRET).private_numbers()
        == key.private_numbers()
    )


def test_a_private_key_at_rest_shows_neither_itself_nor_that_it_is_the_same(key):
    first, second = (encrypt(key, "acme.kid", SECRET) for _ in range(2))
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    assert first != second
    assert not any(der[at : at + 16] in first for at in range(len(der) - 16))


@pytest.mark.parametrize(
    ("kid", "secret", "damage"),
    [
        pytest.param("acme.kid", bytes(31) + b"\1", 0, id="another secret"),
        pytest.param("acme.dik", SECRET, 0, id="another key's id"),
        pytest.param("other.kid", SECRET, 0, id="another organization"),
        pytest.param("acme.kid", SECRET, 1, id="one bit turned"),
    ],
)
def test_a_private_key_opens_only_under_its_own_name_and_secret(
    key, kid, secret, damage
):
    encrypted = encrypt(key, "acme.kid", SECRET)
    spoiled = encrypted[:-1] + bytes([encrypted[-1] ^ damage])

    with pytest.raises(InvalidTag):
        decrypt(spoiled, kid, secret)
