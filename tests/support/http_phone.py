"""A phone made of plain HTTP and the SDK's cryptography, to look at the wire."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rapport_client._ballots import ballot_key, minting
from rapport_client._ballots.ballot_key import BallotKey
from rapport_client._protocol import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT


def content(form: int = 0, value: object = 4, context: object = "normal") -> str:
    """The content of a person who gives every item the same answer."""
    return json.dumps(
        {
            "form": form,
            "answers": {
                item.id: value for item in CURRENT_INSTRUMENT.items_on_form(form)
            },
            "context": context,
            "nonce": base64url.encode(secrets.token_bytes(16)),
        }
    )


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


def item(ballot: str, frozen: str) -> dict[str, str]:
    """One item of a submission."""
    return {"op": "submit", "ballot": ballot, "content": frozen}


def withdrawal(ballot: str) -> dict[str, str]:
    """The item that takes a ballot back."""
    return {"op": "withdraw", "ballot": ballot}
