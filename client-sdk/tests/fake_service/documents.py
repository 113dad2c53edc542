"""Builders of the documents that a service serves; tests change the members."""

import json
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from rapport_client._ballots import ballot_key
from rapport_client._protocol import base64url

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TEAM = "0b6f7a1e-9a51-4c5e-8f0e-5d2f6c1a7b10"
ROOT = "7f1d0f4c-2f3b-4a69-9a55-0d7c9a3e1c22"

TRUST = ("T1", "T2", "T3", "T4", "T5R", "T6")
COMMUNICATION = ("C1", "C2R", "C3", "C4", "C5", "C6")
FORMS = [["T1", "T6", "C1", "C6"], ["T2", "T5R", "C2R", "C5"], ["T3", "T4", "C3", "C4"]]


def to_bytes(document):
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def instant(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def instrument(**changed):
    document = {
        "instrument": "rapport-pulse-1",
        "scale": {"min": 1, "max": 5},
        "lead_in": {"en": "How often was this true?", "es": "¿Con qué frecuencia?"},
        "options": [
            {"value": value, "en": english, "es": spanish}
            for value, english, spanish in (
                (1, "Never", "Nunca"),
                (2, "Rarely", "Rara vez"),
                (3, "Sometimes", "A veces"),
                (4, "Often", "A menudo"),
                (5, "Always", "Siempre"),
            )
        ],
        "na": {"en": "Does not apply", "es": "No aplica"},
        "skip": {"en": "Skip", "es": "Omitir"},
        "items": [
            {"id": item, "construct": construct, "reversed": "R" in item, "en": item}
            for item, construct in (
                ("A0", "anchor"),
                *((item, "trust") for item in TRUST),
                *((item, "communication") for item in COMMUNICATION),
            )
        ],
        "context": {
            "id": "X1",
            "en": "How did the last two weeks feel?",
            "options": [
                {"value": value, "en": value.title()}
                for value in ("normal", "stretched", "crisis")
            ],
        },
        "forms": FORMS,
    }
    return {**document, **changed}


def kid_of(key: RSAPrivateKey, organization="acme"):
    numbers = key.public_key().public_numbers()
    return f"{organization}.{ballot_key.thumbprint(numbers.n, numbers.e)}"


def jwk(key: RSAPrivateKey, **changed):
    numbers = key.public_key().public_numbers()
    n, e = (
        base64url.encode(number.to_bytes((number.bit_length() + 7) // 8))
        for number in (numbers.n, numbers.e)
    )
    document = {
        "kty": "RSA",
        "n": n,
        "e": e,
        "alg": "PS384",
        "use": "sig",
        "kid": kid_of(key),
    }
    return {**document, **changed}


def token_jwk(key: Ed25519PrivateKey):
    """The public key of access tokens, named by its thumbprint."""
    x = base64url.encode(key.public_key().public_bytes_raw())
    named = {"crv": "Ed25519", "kty": "OKP", "x": x}
    return {**named, "use": "sig", "kid": base64url.digest(to_bytes(named))}


def sealing_jwk(key: EllipticCurvePrivateKey):
    """The public half of a sealing key, as a charter has it."""
    numbers = key.public_key().public_numbers()
    x, y = (base64url.encode(each.to_bytes(32)) for each in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def charter(
    wave,
    kid,
    instrument_digest,
    sealing_key,
    *,
    opens_at=None,
    closes_at=None,
    pool=10,
):
    opens_at = opens_at or NOW - timedelta(days=1)
    closes_at = closes_at or NOW + timedelta(days=6)
    seals_at = closes_at + timedelta(days=7)
    return {
        "format": 2,
        "organization": {"id": "acme", "name": "Acme Child and Family"},
        "wave": {
            "id": wave,
            "announces_at": instant(opens_at - timedelta(days=7)),
            "opens_at": instant(opens_at),
            "closes_at": instant(closes_at),
            "seals_at": instant(seals_at),
            "retires_at": instant(closes_at + timedelta(days=400)),
            "keep_seconds": 1209600,
        },
        "instrument_digest": instrument_digest,
        "sealing_key": sealing_jwk(sealing_key),
        "min_respondents": 5,
        "min_pool": 8,
        "bands": {"respondents": ["5-9"], "participation": ["<50"]},
        "tree": [
            {
                "team_id": ROOT,
                "parent_id": None,
                "external_id": "root",
                "name": "Agency",
                "eligible": pool,
                "ballot_key_id": None,
                "pool": None,
            },
            {
                "team_id": TEAM,
                "parent_id": ROOT,
                "external_id": "north",
                "name": "North",
                "eligible": pool,
                "ballot_key_id": kid,
                "pool": pool,
            },
        ],
        "plain_language": {"en": ["Nobody learns who said what."]},
    }


def roster_bytes(roster):
    """The one form in which the service writes a roster."""
    rows = {
        "teams": [
            {name: team[name] for name in ("external_id", "name", "parent")}
            for team in sorted(roster["teams"], key=lambda row: row["external_id"])
        ],
        "people": [
            {
                "external_id": person["external_id"],
                "team": person["team"],
                "supervises": sorted(set(person.get("supervises", []))),
                "away": person.get("away", False),
            }
            for person in sorted(roster["people"], key=lambda row: row["external_id"])
        ],
    }
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
