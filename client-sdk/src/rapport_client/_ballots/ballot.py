"""A ballot: a JWT that the service signs blind, and whose bytes the device mints."""

import json

import jwt

from rapport_client._ballots.ballot_key import BallotKey
from rapport_client._protocol import base64url
from rapport_client.errors import SignatureInvalid

R_BYTES = 32
SALT_BYTES = 48


def signing_input(kid: str, r: bytes) -> bytes:
    """The signing input: the base64url header and payload, joined by a dot.

    The service accepts only these bytes: members in this order, no white space.

    Args:
        kid: the ballot key's id, one for each wave and group.
        r: 32 random bytes, the ballot's only identity.
    """
    header = _encode_compact({"alg": "PS384", "typ": "ballot+jwt", "kid": kid})
    payload = _encode_compact({"jti": base64url.encode(r)})
    return f"{base64url.encode(header)}.{base64url.encode(payload)}".encode("ascii")


def assemble(signed: bytes, signature: bytes) -> str:
    """The finished ballot: the signing input and its signature."""
    return f"{signed.decode('ascii')}.{base64url.encode(signature)}"


def verify(ballot: str, key: BallotKey) -> None:
    """Verifies a finished ballot as any JWT library would.

    Raises:
        SignatureInvalid: the key did not sign this ballot.
    """
    try:
        jwt.decode(ballot, key.public_key, algorithms=["PS384"])
    except jwt.InvalidTokenError as error:
        raise SignatureInvalid("the finished ballot does not verify") from error


def compute_ballot_hash(r: bytes) -> str:
    """The SHA-256 of R, by which the service names the ballot in its reply."""
    return base64url.digest(r)


def _encode_compact(members: dict[str, str]) -> bytes:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
