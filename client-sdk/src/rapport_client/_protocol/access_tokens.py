"""Access tokens as evidence: the key that signed one, and the person it is for."""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rapport_client._http import Flow
from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client._protocol.pull import fetch
from rapport_client.errors import UnexpectedReply

KEY_SET_PATH = "/v1/jwks"

_ALGORITHM = "EdDSA"


@dataclass(frozen=True)
class TokenIdentity:
    """The service and the person of an access token.

    Attributes:
        kid: the thumbprint of the service's key.
        organization: the public id of the agency.
        subject: the id of the person.
    """

    kid: str
    organization: str
    subject: str


class KeySet:
    """Public keys under which a service says that its access tokens verify.

    Args:
        keys: by thumbprint.
    """

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    def identify(self, access_token: str) -> TokenIdentity | None:
        """The identity of a token that one of the keys signed; None for any other.

        The token names its key by thumbprint, so no other key can be put in its place.
        """
        try:
            kid = jwt.get_unverified_header(access_token).get("kid", "")
            claims = jwt.decode(
                access_token,
                self._keys[kid],
                algorithms=[_ALGORITHM],
                # A token that has expired still says who signed it.
                options={
                    "require": ["org", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                },
            )
        except (jwt.InvalidTokenError, KeyError):
            return None
        return TokenIdentity(kid, str(claims["org"]), str(claims["sub"]))


def fetch_key_set(server: str) -> Flow[KeySet]:
    """Fetches the key set of a service, without credentials.

    Raises:
        ProblemError: refused.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    body = yield from fetch(server, KEY_SET_PATH)
    listed = JsonObject.from_json(body, "the key set", UnexpectedReply)
    keys = (each for each in listed.objects("keys") if each.raw.get("kty") == "OKP")
    return KeySet(dict(_read_key(key) for key in keys))


def _read_key(jwk: JsonObject) -> tuple[str, Ed25519PublicKey]:
    """A key with its thumbprint (RFC 7638), whatever ``kid`` it was given."""
    x = jwk.text("x")
    try:
        key = Ed25519PublicKey.from_public_bytes(base64url.decode(x))
    except ValueError as error:
        raise UnexpectedReply("the key set: a key is not one") from error
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return base64url.digest(canonical.encode()), key
