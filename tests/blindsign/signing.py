"""Ballots of any text under a good signature, as a blind signer would sign them."""

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA384

from rapport_service.blindsign.ballot import parse, verify
from rapport_service.encoding import base64url

R = bytes(range(32))
J = base64url.encode(R)
PS384 = PSS(MGF1(SHA384()), 48), SHA384()


def header(kid):
    return f'{{"alg":"PS384","typ":"ballot+jwt","kid":"{kid}"}}'


def payload(jti=J):
    return f'{{"jti":"{jti}"}}'


def signed(key, head, body, padding=PS384):
    """A token of any two texts under a good signature."""
    text = ".".join(base64url.encode(part.encode()) for part in (head, body))
    return f"{text}.{base64url.encode(key.sign(text.encode(), *padding))}"


def verify_ballot(text, key):
    """Check a ballot as the ballot box does before it stores anything."""
    verify(parse(text), key.public_key())
