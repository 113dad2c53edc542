"""A ballot: a JWT that the service signs blind, and whose bytes the device mints."""

import json

import jwt

from rapport_client import b64
from rapport_client.ballots.ballot_key import BallotKey
from rapport_client.errors import SignatureInvalid

R_BYTES = 32
SALT_BYTES = 48


def signing_input(kid: str, r: bytes) -> bytes:
    """What is signed: the base64url header and payload, joined by a dot.

    The service accepts these bytes alone: members in this order, no white space.

    Args:
        kid: the ballot key's id, which stands for a wave and a group.
        r: 32 random bytes, the ballot's only identity.
    """
    header = _compact({"alg": "PS384", "typ": "ballot+jwt", "kid": kid})
    payload = _compact({"jti": b64.encode(r)})
    return f"{b64.encode(header)}.{b64.encode(payload)}".encode("ascii")


def assemble(signed: bytes, signature: bytes) -> str:
    """The finished ballot: the signing input and its signature."""
    return f"{signed.decode('ascii')}.{b64.encode(signature)}"


def verify(ballot: str, key: BallotKey) -> None:
    """Verifies a finished ballot as any JWT library would.

    Raises:
        SignatureInvalid: the key did not sign this ballot.
    """
    try:
        jwt.decode(ballot, key.public_key, algorithms=["PS384"])
    except jwt.InvalidTokenError as error:
        raise SignatureInvalid("the finished ballot does not verify") from error


def hash_of(r: bytes) -> str:
    """The SHA-256 of R, by which the service names the ballot in its reply."""
    return b64.digest(r)


def _compact(members: dict[str, str]) -> bytes:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
