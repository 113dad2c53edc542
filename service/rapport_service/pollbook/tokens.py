"""Access tokens and refresh tokens. Neither can be mistaken for a ballot."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import jwt

from rapport_schemas.enums import Scope
from rapport_service.core.data_keys import Keyring
from rapport_service.encoding import base64url
from rapport_service.pollbook.errors import (
    GrantInvalidError,
    TokenExpiredError,
    TokenInvalidError,
)

ALGORITHM = "EdDSA"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068
ISSUER = "rapport"
ACCESS_LIFETIME = timedelta(minutes=15)
NONCE_BYTES = 16


@dataclass(frozen=True)
class Bearer:
    """The person or service client that presents an access token.

    Attributes:
        subject: the person, or the service client.
        device: the person's device; None for a service client.
    """

    organization_id: str
    subject: UUID
    scopes: frozenset[Scope]
    device: UUID | None = None


@dataclass(frozen=True)
class Tokens:
    """A reply to an enrolment or to a token request; clients get no refresh token."""

    access: str
    scopes: frozenset[Scope]
    refresh: str | None = None


def sign_access_token(keyring: Keyring, bearer: Bearer, now: datetime) -> str:
    """Signs an access token (RFC 9068 shape, Ed25519) that lives 15 minutes."""
    claims = {
        "iss": ISSUER,
        "aud": ISSUER,
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS_LIFETIME).timestamp()),
        "jti": str(uuid4()),
        "sub": str(bearer.subject),
        "org": bearer.organization_id,
        "scope": " ".join(sorted(bearer.scopes)),
    }
    if bearer.device is not None:
        claims["device"] = str(bearer.device)
    return jwt.encode(
        claims,
        keyring.access,
        algorithm=ALGORITHM,
        headers={"typ": TOKEN_TYPE, "kid": access_token_jwk(keyring)["kid"]},
    )


def access_token_jwk(keyring: Keyring) -> dict[str, str]:
    """The public key of access tokens as a JSON Web Key (RFC 8037 section 2).

    Its ``kid`` is its thumbprint (RFC 7638), which has no organization before it as the
    name of every ballot key has.
    """
    x = base64url.encode(keyring.access.public_key().public_bytes_raw())
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": x,
        "alg": ALGORITHM,
        "use": "sig",
        "kid": base64url.digest(canonical.encode()),
    }


def verify_access_token(keyring: Keyring, token: str, now: datetime) -> Bearer:
    """Verifies an access token: algorithm, type, signature and expiry.

    Raises:
        TokenExpiredError: valid but too old.
        TokenInvalidError: anything else.
    """
    try:
        decoded = jwt.decode_complete(
            token,
            keyring.access.public_key(),
            algorithms=[ALGORITHM],
            audience=ISSUER,
            issuer=ISSUER,
            # The clock is the service's own, not PyJWT's: compared below.
            options={
                "require": ["exp", "iat", "sub"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise TokenInvalidError from error
    claims = decoded["payload"]
    if decoded["header"].get("typ") != TOKEN_TYPE:
        raise TokenInvalidError
    if now.timestamp() >= claims["exp"]:
        raise TokenExpiredError
    device = claims.get("device")
    return Bearer(
        organization_id=claims["org"],
        subject=UUID(claims["sub"]),
        scopes=frozenset(Scope(scope) for scope in claims["scope"].split()),
        device=None if device is None else UUID(device),
    )


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token taken apart.

    Attributes:
        generation: how many tokens of the device's family came before it.
        nonce: random, so that two tokens of a generation differ.
    """

    organization_id: str
    device: UUID
    generation: int
    nonce: bytes


def make_refresh_token(
    keyring: Keyring, organization_id: str, device: UUID, generation: int
) -> str:
    """A fresh refresh token of a generation; nothing of it is stored."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _encode_refresh_token(
        keyring, RefreshToken(organization_id, device, generation, nonce)
    )


def parse_refresh_token(keyring: Keyring, token: str) -> RefreshToken:
    """Takes a refresh token apart.

    Raises:
        GrantInvalidError: not made by this service.
    """
    try:
        organization_id, device, generation, nonce, _ = token.split(".")
        refresh = RefreshToken(
            organization_id,
            UUID(device),
            int(generation),
            base64url.decode(nonce, NONCE_BYTES),
        )
    except ValueError as error:
        raise GrantInvalidError from error
    expected = _encode_refresh_token(keyring, refresh)
    if not hmac.compare_digest(expected.encode(), token.encode()):
        raise GrantInvalidError
    return refresh


def _encode_refresh_token(keyring: Keyring, refresh: RefreshToken) -> str:
    content = (
        f"{refresh.organization_id}.{refresh.device}.{refresh.generation}"
        f".{base64url.encode(refresh.nonce)}"
    )
    mac = hmac.digest(keyring.refresh, content.encode(), hashlib.sha256)
    return f"{content}.{base64url.encode(mac)}"


def is_successor(
    in_use: tuple[int, bytes | None], presented: tuple[int, bytes]
) -> bool:
    """Whether a genuine token may be, or already is, the one in use. Pure.

    The one in use may come again, because the reply may have been lost. One of a later
    generation is its successor, or its successor's: the database was restored. Any
    other is a copy, or shows that one was made.

    Args:
        in_use: generation and hash of the token in use; no hash before the first use.
        presented: generation and hash of the token that was presented.
    """
    return presented[0] > in_use[0] or presented == in_use
