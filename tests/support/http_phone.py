"""A phone made of plain HTTP and the SDK's cryptography, to look at the wire."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from rapport_client._ballots import ballot_key, minting
from rapport_client._ballots.ballot_key import BallotKey
from rapport_client._protocol import base64url
from rapport_schemas.enums import ENVELOPE_BYTES, PLAINTEXT_BYTES
from rapport_service.blindsign.ballot import parse
from rapport_service.core.db import db
from rapport_service.envelope.hpke import envelope_info, seal_envelope
from rapport_service.envelope.sealing_key import parse_public_jwk
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.registry.models import BallotKey as BallotKeyRow
from rapport_service.registry.models import Charter, Wave


@dataclass(eq=False)
class Content:
    """The answers that a phone froze when its person pressed Send.

    Under one ballot it always has the same envelope. Two contents are two, though they
    may have equal bytes.

    Attributes:
        plaintext: the bytes inside; None for an envelope that no key opens.
    """

    plaintext: bytes | None
    _envelopes: dict[str, str] = field(default_factory=dict, repr=False)

    def envelope(self, ballot: str) -> str:
        """The envelope under a ballot, sealed to the key in its wave's charter.

        Random where the ballot belongs to no wave of this service.
        """
        if ballot not in self._envelopes:
            sealed = _seal(ballot, self.plaintext) if self.plaintext else None
            self._envelopes[ballot] = base64url.encode(
                sealed or secrets.token_bytes(ENVELOPE_BYTES)
            )
        return self._envelopes[ballot]


def content(form: int = 0, value: object = 4, context: object = "normal") -> Content:
    """The content of a person who gives every item the same answer.

    A value that is no answer makes a content that opens, and is invalid inside.
    """
    shown = CURRENT_INSTRUMENT.items_on_form(form % len(CURRENT_INSTRUMENT.forms))
    answers = {item.id: value for item in shown}
    return json_content({"form": form, "answers": answers, "context": context})


def json_content(document: object) -> Content:
    """A document as content, valid or not: compact and padded as it should be."""
    text = json.dumps(document, separators=(",", ":")).encode()
    return Content(text.ljust(PLAINTEXT_BYTES))


def invalid_content() -> Content:
    """A content that opens, and that no seal counts."""
    return content(value=6)


def unopenable_content() -> Content:
    """A content in an envelope that no key opens."""
    return Content(None)


def _seal(ballot: str, plaintext: bytes) -> bytes | None:
    """An envelope for a wave of the service under test; None where it has no such."""
    try:
        parsed = parse(ballot)
    except ValueError:
        return None
    row = _find_wave(parsed.organization_id, parsed.kid) if has_app_context() else None
    if row is None:
        return None
    jwk, charter_digest = row
    info = envelope_info(parsed.kid, parsed.hash, base64url.decode(charter_digest))
    return seal_envelope(parse_public_jwk(jwk), plaintext, info)


def _find_wave(organization_id: str, kid: str) -> tuple[str, str] | None:
    """The sealing key and the charter's digest of the wave that a ballot is for."""
    with Session(db.engine) as session:
        row = session.execute(
            select(Wave.sealing_key, Charter.digest)
            .join(Charter, Charter.wave_id == Wave.wave_id)
            .join(BallotKeyRow, BallotKeyRow.wave_id == Wave.wave_id)
            .where(
                Wave.organization_id == organization_id,
                BallotKeyRow.organization_id == organization_id,
                BallotKeyRow.kid == kid,
                Wave.sealing_key.is_not(None),
            )
        ).first()
    return None if row is None or row[0] is None else (row[0], row[1])


class Phone:
    """A device that speaks to the service through a test client."""

    def __init__(self, http: FlaskClient) -> None:
        self.http = http
        self.device = base64url.encode(secrets.token_bytes(32))
        self.tokens: dict[str, Any] = {}

    def enrol(self, code: str) -> dict[str, Any]:
        """Enrols, or enrols again as the same device; the tokens."""
        reply = self.http.post(
            "/v1/enrolments", json={"code": code, "device": self.device}
        )
        assert reply.status_code == 200, reply.text
        self.tokens = reply.get_json()
        return self.tokens

    def refresh(self) -> TestResponse:
        """Presents the refresh token; keeps the new tokens of a good reply."""
        reply = self.http.post(
            "/v1/token",
            data={
                "grant_type": "refresh_token",
                "refresh_token": self.tokens["refresh_token"],
            },
        )
        if reply.status_code == 200:
            self.tokens = reply.get_json()
        return reply

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def sync(self) -> dict[str, Any]:
        """The reply to ``GET /v1/sync``."""
        reply = self.http.get("/v1/sync", headers=self.authorization)
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = reply.get_json()
        return document

    def charter(self, wave: str) -> dict[str, Any]:
        """The wave's charter, from the ballot-box door."""
        document: dict[str, Any] = self.http.get(f"/v1/waves/{wave}/charter").get_json()
        return document

    def kid(self, wave: str) -> str:
        """The key of the person's group in a wave."""
        group = next(
            w["voting_team_id"] for w in self.sync()["waves"] if w["wave_id"] == wave
        )
        tree = self.charter(wave)["tree"]
        kid: str = next(
            node["ballot_key_id"] for node in tree if node["team_id"] == group
        )
        return kid

    def key(self, kid: str) -> BallotKey:
        """A public ballot key, from the ballot-box door."""
        return ballot_key.parse_ballot_key(self.http.get(f"/v1/keys/{kid}").data, kid)

    def ask(self, wave: str, kid: str, blinded: bytes) -> dict[str, Any]:
        """Asks for one blind signature; the result."""
        reply = self.http.post(
            "/v1/ballots",
            json={
                "requests": [
                    {
                        "wave_id": wave,
                        "ballot_key_id": kid,
                        "blinded": base64url.encode(blinded),
                    }
                ]
            },
            headers=self.authorization,
        )
        assert reply.status_code == 200, reply.text
        result: dict[str, Any]
        (result,) = reply.get_json()["results"]
        return result

    def draw(self, wave: str) -> str:
        """Draws and finishes a ballot."""
        kid = self.kid(wave)
        key = self.key(kid)
        draw = minting.mint(wave, "team", key, "charter", "epoch")
        result = self.ask(wave, kid, draw.blinded)
        assert result["status"] == "signed", result
        return minting.finish(draw, key, result["signature"])


def submit(http: FlaskClient, *items: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Submits items in one request; the results."""
    reply = post_items(http, *items)
    assert reply.status_code == 200, reply.text
    document = reply.get_json()
    assert document["batch"] == "a batch"
    results: list[dict[str, Any]] = document["results"]
    return results


def post_items(http: FlaskClient, *items: object) -> TestResponse:
    """Submits items in one request; the whole reply."""
    return http.post(
        "/v1/submissions", json={"protocol": 1, "batch": "a batch", "items": [*items]}
    )


def item(ballot: str, frozen: Content | str) -> dict[str, str]:
    """One item of a submission; an envelope that is text is sent as it is."""
    sealed = frozen if isinstance(frozen, str) else frozen.envelope(ballot)
    return {"op": "submit", "ballot": ballot, "envelope": sealed}


def withdrawal(ballot: str) -> dict[str, str]:
    """The item that takes a ballot back; its envelope is random."""
    return {
        "op": "withdraw",
        "ballot": ballot,
        "envelope": base64url.encode(secrets.token_bytes(ENVELOPE_BYTES)),
    }
