"""Ballots without phones, signed with the private key of the group."""

import hashlib
import itertools
import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
)
from cryptography.hazmat.primitives.hashes import SHA384

from rapport_service.blindsign.ballot import parse, signing_input
from rapport_service.blindsign.keys import thumbprint
from rapport_service.encoding import base64url
from tests.support.service import Agency


class BallotFactory:
    """Signs ballots directly, for tests that need many and no draw.

    An unblinded ballot is an ordinary signature, so the two kinds look the same.
    """

    def __init__(self, keys: Iterable[RSAPrivateKey]) -> None:
        self._keys = {thumbprint(key.public_key()): key for key in keys}

    def sign(self, kid: str, signed: bytes) -> bytes:
        """A signature by the private half of a ballot key over any bytes."""
        private = self._keys[kid.partition(".")[2]]
        return private.sign(signed, PSS(MGF1(SHA384()), 48), SHA384())

    def ballot(self, kid: str, r: bytes | None = None) -> str:
        """A good ballot under a key, with a fresh R unless one is given."""
        signed = signing_input(kid, r or secrets.token_bytes(32))
        return f"{signed.decode()}.{base64url.encode(self.sign(kid, signed))}"

    def ballots(self, agency: Agency, wave: str, team: str, count: int) -> list[str]:
        """As many ballots as so many people of a team would hold."""
        kid = kid_of(agency, wave, team)
        return [self.ballot(kid) for _ in range(count)]


def combine_keys(keys: Iterable[RSAPrivateKey], count: int) -> list[RSAPrivateKey]:
    """Makes keys of other pairs of the primes, because to find primes takes long."""
    numbers = [key.private_numbers() for key in keys]
    primes = {prime for number in numbers for prime in (number.p, number.q)}
    pairs = itertools.islice(itertools.combinations(sorted(primes), 2), count)
    return [_key_of_primes(p, q) for p, q in pairs]


def _key_of_primes(p: int, q: int) -> RSAPrivateKey:
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(65537, p * q)
    return RSAPrivateNumbers(
        *(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p)), public
    ).private_key(unsafe_skip_rsa_key_validation=True)


def kid_of(agency: Agency, wave: str, team: str) -> str:
    """The key that a team's own people vote under, as the charter lists it."""
    charter = agency.service.http.get(f"/v1/waves/{wave}/charter").get_json()
    return next(
        str(node["ballot_key_id"])
        for node in charter["tree"]
        if node["external_id"] == team
    )


def stored_hash(ballot: str) -> bytes:
    """The stored form of a ballot: the SHA-256 of R."""
    return hashlib.sha256(parse(ballot).r).digest()


def hash_of(ballot: str) -> str:
    """The name of a ballot in a reply: the stored form, base64url."""
    return base64url.encode(stored_hash(ballot))


def envelope_digest(envelope: str) -> str:
    """The name of an envelope in a reply: the SHA-256 of its bytes, base64url."""
    return base64url.digest(base64url.decode(envelope))


def digest_of(text: str) -> str:
    """The SHA-256 of a text's bytes, base64url."""
    return base64url.digest(text.encode())
