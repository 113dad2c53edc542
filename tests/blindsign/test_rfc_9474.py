"""Vectors of RFC 9474: blinding in the SDK, signing in the service."""

import json
import math
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateNumbers,
    RSAPublicNumbers,
    rsa_crt_dmp1,
    rsa_crt_dmq1,
    rsa_crt_iqmp,
)
from cryptography.hazmat.primitives.hashes import SHA384

from rapport_client._ballots.blind import blind, emsa_pss_encode, finalize, prepare
from rapport_service.blindsign.sign import blind_sign

PROJECT = Path(__file__).parents[2]
FIGURES = PROJECT / "client-sdk" / "tests" / "ballots" / "rfc9474_deterministic.json"
"""RFC 9474 appendix A.3: the variant of ballots."""

GOLDEN = Path(
    os.environ.get("RAPPORT_GOLDEN", PROJECT.parent.joinpath("shared", "golden"))
)
VECTORS = GOLDEN / "rfc9474_vectors.json"
VARIANTS = [
    f"RSABSSA-SHA384-{padding}-{kind}"
    for padding in ("PSS", "PSSZERO")
    for kind in ("Randomized", "Deterministic")
]


def private_numbers(p, q, e):
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    return RSAPrivateNumbers(
        p,
        q,
        d,
        rsa_crt_dmp1(d, p),
        rsa_crt_dmq1(d, q),
        rsa_crt_iqmp(p, q),
        RSAPublicNumbers(e, p * q),
    )


def check(vector):
    """Runs one variant through both halves and compares every figure on the way."""
    n, e, p, q = (int(vector[name], 16) for name in ("n", "e", "p", "q"))
    salt, prefix, message = (
        bytes.fromhex(vector[name]) for name in ("salt", "msg_prefix", "msg")
    )
    factor = pow(int(vector["inv"], 16), -1, n)

    prepared = prepare(message, prefix)
    blinded = blind(prepared, n, e, salt=salt, factor=factor)
    blind_signature = blind_sign(private_numbers(p, q, e), blinded)
    signature = finalize(
        prepared, n, e, salt=salt, factor=factor, blind_signature=blind_signature
    )

    encoded = emsa_pss_encode(prepared, n.bit_length() - 1, salt)
    # The RFC leaves the encoded message out of its first variant.
    assert encoded.hex() == vector.get("encoded_msg", encoded.hex())
    assert blinded.hex() == vector["blinded_msg"]
    assert blind_signature.hex() == vector["blind_sig"]
    assert signature.hex() == vector["sig"]
    RSAPublicNumbers(e, n).public_key().verify(
        signature, prepared, PSS(MGF1(SHA384()), len(salt)), SHA384()
    )


@pytest.mark.golden
@pytest.mark.skipif(not VECTORS.is_file(), reason="no golden data: RAPPORT_GOLDEN")
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_gives_the_figures_of_the_rfc(variant):
    vectors = {vector["name"]: vector for vector in json.loads(VECTORS.read_text())}

    assert set(vectors) == set(VARIANTS)
    check(vectors[variant])


def test_the_variant_of_ballots_gives_the_figures_of_the_rfc():
    check(json.loads(FIGURES.read_text()))


@pytest.mark.parametrize("figure", ["encoded_msg", "blinded_msg", "blind_sig", "sig"])
def test_the_comparison_notices_a_single_wrong_digit(figure):
    vector = json.loads(FIGURES.read_text())
    wrong = "1" if vector[figure].endswith("0") else "0"

    with pytest.raises(AssertionError):
        check(vector | {figure: vector[figure][:-1] + wrong})
