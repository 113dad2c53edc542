"""An access token is believed if we signed it as one, and in no other case."""

import hmac
import json
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.enums import Scope
from rapport_service.encoding import base64url
from rapport_service.pollbook.errors import TokenExpiredError, TokenInvalidError
from rapport_service.pollbook.tokens import (
    Bearer,
    sign_access_token,
    verify_access_token,
)
from tests.pollbook.poll_book_requests import bearer, enrol, outcome, refresh, sync
from tests.support.keys import KEYRING, OTHER_KEYRING
from tests.support.service import NOON

PUBLIC = KEYRING.access.public_key()
ANN = Bearer("acme", UUID(int=1), frozenset({Scope.MEMBER}), UUID(int=2))
TOKEN = sign_access_token(KEYRING, ANN, NOON)
HEADER = {"alg": "EdDSA", "typ": "at+jwt"}
CLAIMS = jwt.decode(TOKEN, options={"verify_signature": False})


def token_of(header, claims, sign):
    """A token of any header and claims, signed by a function of bytes."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    signed = ".".join(base64url.encode(part) for part in parts)
    return f"{signed}.{base64url.encode(sign(signed.encode()))}"


def ours(header=HEADER, **claims):
    """A token under our own signature, with some claims changed; None drops one."""
    kept = {name: value for name, value in (CLAIMS | claims).items() if value}
    return token_of(header, kept, KEYRING.access.sign)


def mac(key):
    return lambda signed: hmac.digest(key, signed, "sha256")


def test_a_token_says_who_presents_it_until_its_fifteen_minutes_are_over():
    late = NOON + timedelta(minutes=15)

    assert verify_access_token(KEYRING, TOKEN, NOON) == ANN
    assert verify_access_token(KEYRING, TOKEN, late - timedelta(seconds=1)) == ANN
    with pytest.raises(TokenExpiredError):
        verify_access_token(KEYRING, TOKEN, late)


def test_a_token_made_by_hand_like_ours_is_believed():
    """Or every forgery below might be refused for how it was made."""
    assert verify_access_token(KEYRING, ours(), NOON) == ANN


FORGERIES = {
    "HS256 with our public key, raw": token_of(
        {"alg": "HS256", "typ": "at+jwt"},
        CLAIMS,
        mac(PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw)),
    ),
    "HS256 with our public key, PEM": token_of(
        {"alg": "HS256", "typ": "at+jwt"},
        CLAIMS,
        mac(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    ),
    "HS256 said to be EdDSA": token_of(
        HEADER, CLAIMS, mac(PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw))
    ),
    "no algorithm, no signature": token_of(
        {"alg": "none", "typ": "at+jwt"}, CLAIMS, lambda _: b""
    ),
    "no signature": token_of(HEADER, CLAIMS, lambda _: b""),
    "a key of its own": token_of(HEADER, CLAIMS, Ed25519PrivateKey.generate().sign),
    "the service of another secret": sign_access_token(OTHER_KEYRING, ANN, NOON),
    "our signature under another algorithm's name": ours({**HEADER, "alg": "ES256"}),
    "no typ": ours({"alg": "EdDSA"}),
    "an ordinary typ": ours({**HEADER, "typ": "JWT"}),
    "the typ of a ballot": ours({**HEADER, "typ": "ballot+jwt"}),
    "another issuer": ours(iss="elsewhere"),
    "no issuer": ours(iss=None),
    "another audience": ours(aud="elsewhere"),
    "no audience": ours(aud=None),
    "no end": ours(exp=None),
    "no beginning": ours(iat=None),
    "nobody": ours(sub=None),
    "other claims under our signature": ".".join(
        [*ours(org="other").split(".")[:2], TOKEN.split(".")[2]]
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_refused(forgery):
    with pytest.raises(TokenInvalidError) as refused:
        verify_access_token(KEYRING, FORGERIES[forgery], NOON)

    assert refused.type is TokenInvalidError


def test_token_that_a_ballot_key_signed_blind_is_no_access_token(
    ballot_factory, service
):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    kid = agency.phone("a-1").kid(wave)

    ballot = ballot_factory.ballot(kid)
    crafted = token_of(
        {"alg": "PS384", "typ": "at+jwt", "kid": kid},
        CLAIMS | {"org": agency.id, "scope": "admin"},
        lambda signed: ballot_factory.sign(kid, signed),
    )

    for token in (ballot, crafted):
        assert outcome(sync(service, token)) == (401, "unauthenticated")


@given(st.text(st.characters(codec="latin-1")) | st.binary().map(base64url.encode))
def test_random_authorization_header_is_refused_by_name(text):
    for token in (text, f"{text}.{text}.{text}", TOKEN + text[:1] + "x"):
        with pytest.raises(TokenInvalidError):
            verify_access_token(KEYRING, token, NOON)


@pytest.mark.parametrize("nesting", ["[" * 5000, '{"a":' * 2000 + "1" + "}" * 2000])
def test_a_header_nested_beyond_reason_is_refused(nesting):
    token = f"{base64url.encode(nesting.encode())}.e30.{base64url.encode(bytes(64))}"

    with pytest.raises(TokenInvalidError):
        verify_access_token(KEYRING, token, NOON)


@pytest.fixture
def tokens(service):
    return enrol(service, service.agency({"a": 8}).code("a-1")).get_json()


def test_the_door_tells_a_token_that_ran_out_from_one_that_never_was(service, tokens):
    good = sync(service, tokens["access_token"])
    service.clock.advance(minutes=15)
    expired = sync(service, tokens["access_token"])
    never = sync(service, tokens["access_token"][:-8] + "AAAAAAAA")
    none = service.http.get("/v1/sync")

    assert outcome(good) == (200, None)
    assert outcome(expired) == (401, "token-expired")
    assert outcome(never) == outcome(none) == (401, "unauthenticated")
    assert all("WWW-Authenticate" in reply.headers for reply in (expired, never, none))


def test_neither_token_does_the_work_of_the_other(service, tokens):
    assert outcome(sync(service, tokens["refresh_token"])) == (401, "unauthenticated")
    assert outcome(refresh(service, tokens["access_token"])) == (400, "grant-invalid")


def test_a_token_in_another_scheme_is_none(service, tokens):
    schemes = (f"Basic {tokens['access_token']}", tokens["access_token"], "Bearer", "")

    for value in schemes:
        reply = service.http.get("/v1/sync", headers={"Authorization": value})
        assert outcome(reply) == (401, "unauthenticated")
    assert (
        service.http.get("/v1/sync", headers=bearer(tokens["access_token"])).status_code
        == 200
    )


def test_a_token_says_nothing_about_a_person_but_ids(tokens):
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})

    assert set(claims) == {
        *("iss", "aud", "iat", "exp", "jti"),
        *("sub", "org", "scope", "device"),
    }
    assert "a-1" not in json.dumps(claims).split('"')
