"""Generator of ``ballot_vectors.json``: a ballot and an envelope, and broken ones.

Run ``python -m tests.vectors.make_ballot_vectors`` from the project's root. Nothing in
it is random: every secret is derived from its own label, so the file comes out the
same, byte for byte, and no one could choose a value.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gmpy2

from rapport_client._ballots import ballot_key, blind
from rapport_client._protocol import base64url
from tests.vectors.envelope_vectors import (
    RFC_9180,
    broken_envelopes,
    build_envelope,
    compact,
    derive_bytes,
)

FILE = Path(__file__).parents[2] / "schemas/examples/v1/ballot_vectors.json"
ORGANIZATION = "vectors"
PRIME_BITS = 1024
E = 65537
ABOUT = (
    "One ballot and its envelope, step by step, as docs/ballots.md makes them; six"
    " forgeries that the ballot box must refuse, and eight broken envelopes. Bytes are"
    " base64url without padding. The private keys are test keys that everybody knows:"
    " never sign or seal anything with them."
)


@dataclass(frozen=True)
class Key:
    """The test key; p and q are the first good primes after what their labels give."""

    p: int
    q: int

    @property
    def n(self) -> int:
        return self.p * self.q

    @property
    def d(self) -> int:
        return pow(E, -1, math.lcm(self.p - 1, self.q - 1))

    @property
    def kid(self) -> str:
        return f"{ORGANIZATION}.{ballot_key.thumbprint(self.n, E)}"

    def public(self) -> dict[str, str]:
        """The JSON Web Key as the service serves it."""
        members = {"kty": "RSA", "n": number(self.n), "e": number(E)}
        return {**members, "alg": "PS384", "use": "sig", "kid": self.kid}

    def private(self) -> dict[str, str]:
        """The members of RFC 7518 section 6.3.2 besides."""
        secret = {
            "d": self.d,
            "p": self.p,
            "q": self.q,
            "dp": self.d % (self.p - 1),
            "dq": self.d % (self.q - 1),
            "qi": pow(self.q, -1, self.p),
        }
        return {**self.public(), **{name: number(n) for name, n in secret.items()}}

    def sign(self, message: int) -> int:
        """The raw private operation."""
        return pow(message, self.d, self.n)


def prime(label: str) -> int:
    """A prime of 1024 bits, the two highest of them set, with p - 1 coprime to e."""
    candidate = int.from_bytes(derive_bytes(label, PRIME_BITS // 8)) | 3 << (
        PRIME_BITS - 2
    )
    while True:
        candidate = int(gmpy2.next_prime(candidate))
        if math.gcd(candidate - 1, E) == 1:
            return candidate


def number(value: int) -> str:
    """Base64urlUInt of RFC 7518 section 2."""
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8))


def token(header: str, payload: str) -> str:
    """Return the signing input of a JWT."""
    return f"{base64url.encode(header.encode())}.{base64url.encode(payload.encode())}"


def header_of(kid: str) -> str:
    """The header of a ballot."""
    return compact({"alg": "PS384", "typ": "ballot+jwt", "kid": kid})


def payload_of(r: bytes) -> str:
    """The payload of a ballot."""
    return compact({"jti": base64url.encode(r)})


def signed(key: Key, text: str, salt: bytes) -> str:
    """A JWT of any text: a blind signer signs whatever it is given."""
    encoded = int.from_bytes(blind.emsa_pss_encode(text.encode(), 2047, salt))
    return f"{text}.{base64url.encode(key.sign(encoded).to_bytes(256))}"


def vectors() -> dict[str, object]:
    """The whole document."""
    key = Key(prime("p"), prime("q"))
    r, salt = derive_bytes("R", 32), derive_bytes("salt", 48)
    factor = int.from_bytes(derive_bytes("blinding factor", 256)) % key.n
    signing_input = token(header_of(key.kid), payload_of(r))
    message = signing_input.encode()
    encoded = blind.emsa_pss_encode(message, 2047, salt)
    blinded = blind.blind(message, key.n, E, salt=salt, factor=factor)
    blind_signature = key.sign(int.from_bytes(blinded)).to_bytes(256)
    signature = blind.finalize(
        *(message, key.n, E),
        salt=salt,
        factor=factor,
        blind_signature=blind_signature,
    )
    ballot = f"{signing_input}.{base64url.encode(signature)}"
    envelope = build_envelope(key.kid, r)
    sealed = envelope.sealed()
    batch = base64url.encode(derive_bytes("batch", 16))
    withdrawal = derive_bytes("withdrawal", len(sealed))
    return {
        "about": ABOUT,
        "public_key": key.public(),
        "test_key": key.private(),
        "r": base64url.encode(r),
        "salt": base64url.encode(salt),
        "blinding_factor": base64url.encode(factor.to_bytes(256)),
        "header": header_of(key.kid),
        "payload": payload_of(r),
        "signing_input": signing_input,
        "encoded": base64url.encode(encoded),
        "blinded": base64url.encode(blinded),
        "blind_signature": base64url.encode(blind_signature),
        "signature": base64url.encode(signature),
        "ballot": ballot,
        "hash": base64url.digest(r),
        "envelope": envelope.document(),
        "submission": {
            "digest": base64url.digest(sealed),
            "request": request(batch, "submit", ballot, sealed),
            "reply": reply(batch, "accepted", None, r, sealed),
        },
        "withdrawal": {
            "envelope": base64url.encode(withdrawal),
            "digest": base64url.digest(withdrawal),
            "request": request(batch, "withdraw", ballot, withdrawal),
            "reply": reply(batch, "withdrawn", None, r, withdrawal),
        },
        "forgeries": [
            {
                "name": name,
                "why": why,
                "request": request(batch, "submit", forged, sealed),
                "reply": reply(batch, "rejected", reason, hashed, sealed),
            }
            for name, why, forged, reason, hashed in forgeries(key, r, salt, ballot)
        ],
        "broken_envelopes": [
            {
                "name": name,
                "why": why,
                "envelope": base64url.encode(broken),
                "status": "accepted" if len(broken) == len(sealed) else "rejected",
                "opens": opens,
            }
            for name, why, broken, opens in broken_envelopes(envelope)
        ],
        "rfc_9180": RFC_9180,
    }


def forgeries(
    key: Key, r: bytes, salt: bytes, ballot: str
) -> list[tuple[str, str, str, str, bytes | None]]:
    """Name, explanation, ballot, reason, and the R whose hash the reply echoes."""
    other_r = derive_bytes("another R", 32)
    header, payload = header_of(key.kid), payload_of(r)
    signature = ballot.rpartition(".")[2]
    elsewhere = f"elsewhere.{key.kid.partition('.')[2]}"
    reordered = compact(dict(reversed(json.loads(header).items())))
    named = compact({**json.loads(payload), "sub": "somebody"})
    return [
        (
            "another R",
            "The signature of one ballot under the R of another.",
            f"{token(header, payload_of(other_r))}.{signature}",
            "ballot_invalid",
            other_r,
        ),
        (
            "members in another order",
            "Signed, and a good JWT to any library, but not the bytes of a ballot:"
            " else one R could be written in many ways.",
            signed(key, token(reordered, payload), salt),
            "ballot_invalid",
            None,
        ),
        (
            "one claim too many",
            "Signed, and a good JWT to any library, but a ballot has no other claim:"
            " the service does not see what it signs and must believe none.",
            signed(key, token(header, named), salt),
            "ballot_invalid",
            None,
        ),
        (
            "no salt",
            "The very bytes of the ballot, signed with a salt of no bytes instead of"
            " 48 (RSABSSA-SHA384-PSSZERO), which is not PS384.",
            signed(key, token(header, payload), b""),
            "ballot_invalid",
            r,
        ),
        (
            "another organization's name",
            "Signed by the key, under a key id with the right thumbprint and another"
            " organization: keys are looked up by the whole id.",
            signed(key, token(header_of(elsewhere), payload), salt),
            "ballot_unknown_key",
            r,
        ),
        (
            "padding",
            "The ballot itself with two padding characters after it. Some libraries"
            " take it; base64url here has one form.",
            f"{ballot}==",
            "undecodable",
            None,
        ),
    ]


def request(batch: str, op: str, ballot: str, envelope: bytes) -> str:
    """The body of a submission, as text."""
    item = {"op": op, "ballot": ballot, "envelope": base64url.encode(envelope)}
    return compact({"protocol": 1, "batch": batch, "items": [item]})


def reply(
    batch: str, status: str, reason: str | None, r: bytes | None, envelope: bytes
) -> Mapping[str, object]:
    """Return the ballot box's reply, which echoes the parts that it could read."""
    readable = reason != "undecodable"
    result = {
        "status": status,
        "reason": reason,
        "hash": None if r is None else base64url.digest(r),
        "digest": base64url.digest(envelope) if readable else None,
    }
    return {"protocol": 1, "batch": batch, "results": [result]}


def text() -> str:
    """The file."""
    return json.dumps(vectors(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
