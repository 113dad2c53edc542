"""The checks of charters, instruments and keys, without a device."""

import json
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fake_service import documents
from fake_service.documents import ROOT, TEAM, jwk, kid_of, to_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import CharterRefused, InstrumentRefused, KeyRefused
from rapport_client._ballots import ballot_key
from rapport_client._ballots.test_key import TEST_PRIVATE_SCALAR
from rapport_client._protocol import base64url
from rapport_client._pulses import charter, instrument

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
KID = "acme." + "k" * 43
DIGEST = "d" * 42 + "A"
SEALING_KEY = ec.generate_private_key(ec.SECP256R1())


def check_charter(document, wave_id=WAVE):
    body = to_bytes(document)
    return charter.parse_charter(body, base64url.digest(body), wave_id)


def build_charter():
    return documents.charter(WAVE, KID, DIGEST, SEALING_KEY)


def test_a_good_charter_gives_the_key_of_a_group():
    assert check_charter(build_charter()).key_for(TEAM) == KID


def test_a_group_without_a_key_is_refused():
    with pytest.raises(CharterRefused, match="no key"):
        check_charter(build_charter()).key_for(ROOT)


def test_the_charter_of_another_wave_is_refused():
    with pytest.raises(CharterRefused, match="another wave"):
        check_charter(build_charter(), "acme.other")


def test_a_charter_of_a_later_format_is_refused():
    with pytest.raises(CharterRefused, match="format"):
        check_charter({**build_charter(), "format": 3})


def test_no_agency_may_set_the_smallest_pool_under_the_floor():
    with pytest.raises(CharterRefused, match="fewer than 5"):
        check_charter({**build_charter(), "min_pool": 4})


OTHER_CURVE = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
COORDINATE_1 = "A" * 42 + "E"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kty": "OKP"}, "not one of the curve P-256"),
        ({"crv": "P-384"}, "not one of the curve P-256"),
        ({"x": "A" * 41}, "x is not base64url"),
        ({"x": "A" * 44}, "x is not 32 bytes"),
        ({"y": "A" * 42 + "_"}, "y is not base64url"),
        ({"y": base64url.encode(bytes(31))}, "y is not 32 bytes"),
        ({"y": base64url.encode(OTHER_CURVE.y.to_bytes(48))}, "y is not 32 bytes"),
        ({"x": COORDINATE_1, "y": COORDINATE_1}, "no point of its curve"),
        ({"x": base64url.encode(b"\xff" * 32)}, "no point of its curve"),
        ({"x": None}, r"sealing_key\.x is not a text"),
    ],
)
def test_sealing_key_that_is_no_point_of_p256_is_refused(changed, message):
    document = build_charter()
    document["sealing_key"].update(changed)

    with pytest.raises(CharterRefused, match=message):
        check_charter(document)


def test_charter_without_a_sealing_key_is_refused():
    document = build_charter()
    del document["sealing_key"]

    with pytest.raises(CharterRefused, match="sealing_key is not an object"):
        check_charter(document)


def test_charter_with_the_published_test_key_is_refused():
    document = build_charter()
    test_key = ec.derive_private_key(TEST_PRIVATE_SCALAR, ec.SECP256R1())
    document["sealing_key"] = documents.sealing_jwk(test_key)

    with pytest.raises(CharterRefused, match="published test key"):
        check_charter(document)


def test_sealing_key_has_the_thumbprint_of_rfc_7638():
    document = build_charter()
    jwk = document["sealing_key"]

    text = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    assert check_charter(document).sealing_key.thumbprint == base64url.digest(
        text.encode()
    )


def test_a_charter_that_lists_a_team_twice_is_refused():
    document = build_charter()
    document["tree"] *= 2

    with pytest.raises(CharterRefused, match="twice"):
        check_charter(document)


def test_a_charter_that_gives_a_key_two_pools_is_refused():
    document = build_charter()
    document["tree"][0].update(ballot_key_id=KID, pool=10)

    with pytest.raises(CharterRefused, match="twice"):
        check_charter(document)


def test_members_that_are_new_are_passed_over():
    document = {**build_charter(), "new": {"member": [1]}}
    document["tree"][0]["new"] = True

    assert check_charter(document).key_for(TEAM) == KID


@pytest.mark.parametrize("at", ["2026-11-24", "2026-02-30T00:00:00Z", "", "now"])
def test_an_instant_that_is_none_is_refused(at):
    document = build_charter()
    document["wave"]["opens_at"] = at

    with pytest.raises(CharterRefused, match="not an instant"):
        check_charter(document)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"forms": []}, "no forms"),
        ({"forms": [["T1", "T1", "C1", "C2R"]]}, "form 0"),
        ({"forms": [["A0", "T1", "C1", "C2R"]]}, "form 0"),
        ({"forms": [["T1", "T2", "C1", "Z9"]]}, "form 0"),
        ({"forms": [["T1", 2, "C1", "C2R"]]}, r"forms\.0\.1 is not a text"),
        ({"items": []}, "single anchor"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(changed, message):
    body = to_bytes(documents.instrument(**changed))

    with pytest.raises(InstrumentRefused, match=message):
        instrument.parse_instrument(body, base64url.digest(body))


def list_paths(document, path=()):
    """The path of every member and element of a document."""
    inner = document.items() if isinstance(document, dict) else ()
    if isinstance(document, list):
        inner = enumerate(document)
    for name, value in inner:
        yield (*path, name)
        yield from list_paths(value, (*path, name))


def replace_at(document, path, value):
    """A document with another value at one place, or with nothing there."""
    document = json.loads(json.dumps(document))
    *above, last = path
    inner = document
    for name in above:
        inner = inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document


INVALID_VALUES = [
    ...,
    None,
    True,
    1.5,
    -1,
    "",
    "\ud800",
    [],
    {},
    [[]],
    "2026-02-30T00:00:00Z",
]
CHECKS = {
    "charter": (
        build_charter(),
        lambda body: charter.parse_charter(body, base64url.digest(body), WAVE).key_for(
            TEAM
        ),
        CharterRefused,
    ),
    "instrument": (
        documents.instrument(),
        lambda body: instrument.parse_instrument(body, base64url.digest(body)),
        InstrumentRefused,
    ),
    "key": (
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        lambda body: ballot_key.parse_ballot_key(body, KID),
        KeyRefused,
    ),
}


@settings(deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(CHECKS)))
def test_malformed_document_raises_nothing_but_the_typed_error(data, name):
    document, check, error = CHECKS[name]
    path = data.draw(st.sampled_from(list(list_paths(document))))
    value = data.draw(st.sampled_from(INVALID_VALUES))
    body = json.dumps(replace_at(document, path, value)).encode()

    with suppress(error):
        check(body)


@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"\xff", b"{", b'{"a":NaN}', b"[" * 100_000]
)
def test_reply_that_is_no_json_object_raises_the_typed_error(name, body):
    _, check, error = CHECKS[name]

    with pytest.raises(error):
        check(body)


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "EC"},
        {"n": "AA" + "A" * 342},
        {"n": ""},
        {"n": "?"},
        {"e": "AAEAAQ"},
        {"e": ""},
        {"e": "9" * 6000},
    ],
)
def test_a_key_in_another_form_is_refused(keys, changed):
    body = to_bytes(jwk(keys[0], **changed))

    with pytest.raises(KeyRefused):
        ballot_key.parse_ballot_key(body, kid_of(keys[0]))


def test_an_even_modulus_is_refused():
    n, e = 1 << 2047, 65537
    document = {"kty": "RSA", "n": base64url.encode(n.to_bytes(256)), "e": "AQAB"}

    with pytest.raises(KeyRefused, match="even"):
        ballot_key.parse_ballot_key(
            to_bytes(document), f"acme.{ballot_key.thumbprint(n, e)}"
        )


def test_the_thumbprint_is_that_of_rfc_7638():
    """The example of RFC 7638 section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1"
        "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4"
        "QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
        "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csF"
        "Cur-kEgU8awapJzKnqDKgw"
    )
    n = int.from_bytes(base64url.decode(modulus))

    assert ballot_key.thumbprint(n, 65537) == (
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )


def test_the_fingerprint_is_twelve_crockford_digits_in_fours():
    assert charter.fingerprint(base64url.encode(bytes(32))) == "0000-0000-0000"
    assert charter.fingerprint(base64url.encode(b"\xff" * 32)) == "ZZZZ-ZZZZ-ZZZZ"
    # 00000 00001 00010 00011 ...: the digits count up.
    counting = int("".join(f"{at:05b}" for at in range(12)) + "0000", 2).to_bytes(8)
    assert (
        charter.fingerprint(base64url.encode(counting + bytes(24))) == "0123-4567-89AB"
    )
