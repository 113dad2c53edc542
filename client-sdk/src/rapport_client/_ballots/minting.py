"""Mints draws, and finishes the ballot of a draw that was signed blind."""

import math
import secrets
from dataclasses import dataclass, field

from rapport_client._ballots import ballot, blind
from rapport_client._ballots.ballot_key import BallotKey
from rapport_client._protocol import base64url
from rapport_client.errors import SignatureInvalid


@dataclass(frozen=True)
class Draw:
    """A ballot in the making.

    Attributes:
        wave_id: the wave's public id.
        voting_team_id: the id of the person's group.
        kid: the key to draw under.
        charter_digest: the digest of the charter that lists the key.
        epoch: the server's epoch when the draw was made.
        r: the ballot's 32 random bytes.
        salt: 48 random bytes.
        factor: the blinding factor, big-endian.
        blinded: the value that the service signs.
    """

    wave_id: str
    voting_team_id: str
    kid: str
    charter_digest: str
    epoch: str
    r: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    factor: bytes = field(repr=False)
    blinded: bytes


def mint(
    wave_id: str, voting_team_id: str, key: BallotKey, charter_digest: str, epoch: str
) -> Draw:
    """Makes a draw: fresh R, salt and blinding factor, and the blinded value.

    Args:
        wave_id: the wave's public id.
        voting_team_id: the id of the person's group.
        key: the group's ballot key.
        charter_digest: the digest of the charter that lists the key.
        epoch: the server's epoch now.
    """
    r = secrets.token_bytes(ballot.R_BYTES)
    salt = secrets.token_bytes(ballot.SALT_BYTES)
    factor = _random_blinding_factor(key.n)
    message = blind.prepare(ballot.signing_input(key.kid, r))
    return Draw(
        wave_id=wave_id,
        voting_team_id=voting_team_id,
        kid=key.kid,
        charter_digest=charter_digest,
        epoch=epoch,
        r=r,
        salt=salt,
        factor=factor.to_bytes((key.n.bit_length() + 7) // 8),
        blinded=blind.blind(message, key.n, key.e, salt=salt, factor=factor),
    )


def finish(draw: Draw, key: BallotKey, signature: str | None) -> str:
    """Makes the ballot of a draw, and verifies it as the service will.

    Args:
        draw: as it was committed.
        key: the key that it was drawn under.
        signature: the blind signature, base64url.

    Raises:
        SignatureInvalid: the signature is missing, malformed or not of this draw.
    """
    try:
        blind_signature = base64url.decode(signature or "")
    except ValueError as error:
        raise SignatureInvalid("the blind signature is not base64url") from error
    signed = ballot.signing_input(draw.kid, draw.r)
    factor = int.from_bytes(draw.factor)
    message = blind.prepare(signed)
    signature_bytes = blind.finalize(
        message,
        key.n,
        key.e,
        salt=draw.salt,
        factor=factor,
        blind_signature=blind_signature,
    )
    finished = ballot.assemble(signed, signature_bytes)
    ballot.verify(finished, key)
    return finished


def _random_blinding_factor(n: int) -> int:
    """A number that is uniformly random among those coprime to n."""
    while True:
        factor = secrets.randbelow(n)
        if math.gcd(factor, n) == 1:
            return factor
