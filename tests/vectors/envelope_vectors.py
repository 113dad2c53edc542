"""Envelopes of ``ballot_vectors.json``: one, and eight broken ones."""

import hashlib
import json
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import ec

from rapport_client._protocol import base64url
from tests.vectors import hpke_steps

PLAINTEXT_BYTES = 256
TEST_SCALAR = int.from_bytes(hashlib.sha256(b"rapport test key").digest())
"""The published test key: every reader can open what is sealed to it."""

RFC_9180 = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "ephemeral_key": "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
    "recipient_key": "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
    "recipient_public_key": "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",  # noqa: E501
    "plaintext": "4265617574792069732074727574682c20747275746820626561757479",
    "aad": "436f756e742d30",
    "enc": "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",  # noqa: E501
    "shared_secret": "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
    "key": "868c066ef58aae6dc589b6cfdd18f97e",
    "nonce": "4e0bc5018beba4bf004cca59",
    "ciphertext": "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",  # noqa: E501
}
"""Appendix A.3.1 of RFC 9180, sequence number 0; bytes are hexadecimal, as there."""


def derive_bytes(label: str, length: int) -> bytes:
    """Bytes that stand in for random ones."""
    return hashlib.shake_256(f"Rapport ballot vectors: {label}".encode()).digest(length)


def compact(document: object) -> str:
    """JSON without white space."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Envelope:
    """Parts of an envelope."""

    recipient: ec.EllipticCurvePrivateKey
    ephemeral: ec.EllipticCurvePrivateKey
    kid: str
    r: bytes
    charter: bytes
    plaintext: bytes

    @property
    def info(self) -> bytes:
        """The ballot and the charter that the envelope is bound to."""
        bound = hashlib.sha256(self.r).digest() + hashlib.sha256(self.charter).digest()
        return b"rapport envelope 1\0" + self.kid.encode() + b"\0" + bound

    @property
    def message(self) -> hpke_steps.SealedMessage:
        """Every step of HPKE."""
        return hpke_steps.seal(
            self.recipient.public_key(), self.ephemeral, self.info, self.plaintext
        )

    def sealed(self) -> bytes:
        """The envelope's 337 bytes."""
        return self.message.enc + self.message.ciphertext

    def document(self) -> dict[str, object]:
        """Every number of it."""
        message, recipient = self.message, self.recipient.public_key()
        return {
            "sealing_key": public_jwk(recipient),
            "sealing_key_thumbprint": base64url.digest(
                compact(dict(sorted(public_jwk(recipient).items()))).encode()
            ),
            "sealing_test_key": private_jwk(self.recipient),
            "charter_digest": base64url.digest(self.charter),
            "plaintext": self.plaintext.decode(),
            "info": base64url.encode(self.info),
            "ephemeral_key": private_jwk(self.ephemeral),
            "enc": base64url.encode(message.enc),
            "shared_secret": base64url.encode(message.shared_secret),
            "key": base64url.encode(message.key),
            "nonce": base64url.encode(message.nonce),
            "envelope": base64url.encode(self.sealed()),
        }


def build_envelope(kid: str, r: bytes) -> Envelope:
    """The envelope of the example."""
    return Envelope(
        recipient=hpke_steps.private_key(TEST_SCALAR),
        ephemeral=ec_key("ephemeral key"),
        kid=kid,
        r=r,
        charter=derive_bytes("charter", 64),
        plaintext=pad(
            compact(
                {
                    "form": 0,
                    "answers": {"A0": 4, "T1": 5, "T6": "na", "C1": "skip", "C6": 1},
                    "context": "stretched",
                }
            )
        ),
    )


def ec_key(label: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key that stands in for a random one."""
    return hpke_steps.private_key(int.from_bytes(derive_bytes(label, 32)) >> 1)


def pad(text: str, padding: bytes = b" ") -> bytes:
    """A plaintext of 256 bytes."""
    return text.encode().ljust(PLAINTEXT_BYTES, padding)


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The JSON Web Key as a charter has it."""
    numbers = key.public_numbers()
    x, y = (base64url.encode(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def private_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The same with the private scalar."""
    scalar = key.private_numbers().private_value
    return {
        **public_jwk(key.public_key()),
        "d": base64url.encode(scalar.to_bytes(32)),
    }


def broken_envelopes(good: Envelope) -> list[tuple[str, str, bytes, bool]]:
    """Name, explanation, envelope, and whether it opens for the ballot and charter."""
    sealed = good.sealed()
    members = json.loads(good.plaintext)
    reordered = pad(compact(dict(reversed(members.items()))))
    return [
        (
            "another charter",
            "Made by a phone that was shown another charter than everybody else.",
            replace(good, charter=derive_bytes("another charter", 64)).sealed(),
            False,
        ),
        (
            "another ballot",
            "Taken from another ballot of the same key and put under this one.",
            replace(good, r=derive_bytes("another R", 32)).sealed(),
            False,
        ),
        (
            "another sealing key",
            "Sealed to the key of another wave.",
            replace(good, recipient=ec_key("another sealing key")).sealed(),
            False,
        ),
        (
            "one bit changed",
            "The last bit of the authentication tag is another one.",
            sealed[:-1] + bytes([sealed[-1] ^ 1]),
            False,
        ),
        (
            "a point off the curve",
            "The ephemeral key's y is larger by one, so it is no point of P-256.",
            sealed[:64] + bytes([(sealed[64] + 1) % 256]) + sealed[65:],
            False,
        ),
        (
            "members in another order",
            "Opens, but the bytes are not the only ones for these answers. They are"
            " not counted: another order could mark a person.",
            replace(good, plaintext=reordered).sealed(),
            True,
        ),
        (
            "padding of zero bytes",
            "Opens, but is padded with zero bytes instead of spaces. Not counted.",
            replace(good, plaintext=good.plaintext.replace(b" ", b"\0")).sealed(),
            True,
        ),
        (
            "one byte short",
            "Padded to 255 bytes. The ballot box refuses an envelope of any other"
            " length than 337 bytes: a length could mark a person.",
            replace(good, plaintext=good.plaintext[:-1]).sealed(),
            True,
        ),
    ]
