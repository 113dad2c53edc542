"""Access tokens and refresh tokens. Neither can be mistaken for a ballot."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import jwt

from rapport_schemas.enums import Scope
from rapport_service.core.derived_keys import Keyring
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
    """A refresh token taken apart: the n-th of a device's family."""

    organization_id: str
    device: UUID
    generation: int


def derive_refresh_token(keyring: Keyring, refresh: RefreshToken) -> str:
    """The n-th refresh token of a family: derived, so that none is ever stored."""
    named = f"{refresh.organization_id}.{refresh.device}.{refresh.generation}"
    mac = hmac.digest(keyring.refresh, named.encode(), hashlib.sha256)
    return f"{named}.{base64url.encode(mac)}"


def parse_refresh_token(keyring: Keyring, token: str) -> RefreshToken:
    """Takes a refresh token apart.

    Raises:
        GrantInvalidError: not made by this service.
    """
    try:
        organization_id, device, generation, _ = token.split(".")
        refresh = RefreshToken(organization_id, UUID(device), int(generation))
    except ValueError as error:
        raise GrantInvalidError from error
    expected = derive_refresh_token(keyring, refresh)
    if not hmac.compare_digest(expected.encode(), token.encode()):
        raise GrantInvalidError
    return refresh
