"""Live attacks: does any reply of either door change when an answer arrives?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from rapport_client._protocol import base64url
from tests.support.http_phone import Phone
from tools.attack.findings import Finding, Kind
from tools.attack.readers import (
    VOLATILE,
    ReportReader,
    read_everything,
    without_request_id,
)

Snapshot = Mapping[str, tuple[int, tuple[tuple[str, str], ...], bytes]]
"""Replies by request: status, headers and body."""


@dataclass
class Observer:
    """Everybody who can ask, before and after an answer arrives.

    Attributes:
        http: a client without a login.
        readers: of reports.
        bystander: the phone of a person who does not answer.
        wave: public id of the wave.
        team_ids: of all teams.
        kids: ballot keys of the wave.
    """

    http: FlaskClient
    readers: Sequence[ReportReader]
    bystander: Phone
    wave: str
    team_ids: Sequence[str]
    kids: Sequence[str]
    blinded: bytes = field(default_factory=lambda: bytes(255) + b"\2")

    @property
    def administrator(self) -> ReportReader:
        """The administrator among the readers."""
        return next(each for each in self.readers if each.role == "admin")

    def observe(self) -> Snapshot:
        """Ask everything once."""
        seen: dict[str, tuple[int, tuple[tuple[str, str], ...], bytes]] = {}
        for reader in self.readers:
            library = read_everything(reader, self.team_ids, [self.wave])
            for (path, accept), reply in library.replies.items():
                headers = tuple(sorted(reply.headers.items()))
                seen[f"{reader.role} {path} {accept}"] = (
                    reply.status,
                    headers,
                    reply.body,
                )
        for name, reply in self._ask_doors():
            headers = tuple(
                sorted(
                    (key.lower(), value)
                    for key, value in reply.headers.items()
                    if key.lower() not in VOLATILE
                )
            )
            seen[name] = reply.status_code, headers, without_request_id(reply.data)
        return seen

    def _ask_doors(self) -> Iterator[tuple[str, Any]]:
        yield "charter", self.http.get(f"/v1/waves/{self.wave}/charter")
        for kid in self.kids:
            yield f"key {kid}", self.http.get(f"/v1/keys/{kid}")
            yield f"forged ballot {kid}", self._submit(_forged_ballot(kid))
        yield "dry run of a roster", self._try_roster()
        yield "unknown ballot", self._submit(_forged_ballot("acme." + "A" * 43))
        yield "no ballot", self._submit("nonsense")
        login = self.bystander.authorization
        yield "sync", self.http.get("/v1/sync", headers=login)
        for kid in self.kids:
            yield (
                f"draw {kid}",
                self.http.post(
                    "/v1/ballots",
                    json={
                        "requests": [
                            {
                                "wave_id": self.wave,
                                "ballot_key_id": kid,
                                "blinded": base64url.encode(self.blinded),
                            }
                        ]
                    },
                    headers=login,
                ),
            )

    def _try_roster(self) -> Any:
        """Reply to a dry run of a roster without one person."""
        roster = self.administrator.get("/v1/roster").document()
        roster["people"] = roster["people"][1:]
        return self.http.put(
            "/v1/roster?dry_run=true",
            json=roster,
            headers=self.administrator.authorization,
        )

    def _submit(self, ballot: str) -> Any:
        envelope = base64url.encode(bytes(337))
        items = [
            {"op": "submit", "ballot": ballot, "envelope": envelope},
            {"op": "withdraw", "ballot": ballot, "envelope": envelope},
        ]
        return self.http.post(
            "/v1/submissions",
            json={"protocol": 1, "batch": "observer", "items": items},
        )


def _forged_ballot(kid: str) -> str:
    """A ballot of the right form, with a forged signature."""
    header = f'{{"alg":"PS384","typ":"ballot+jwt","kid":"{kid}"}}'.encode()
    number = base64url.encode(bytes(range(32)))
    payload = f'{{"jti":"{number}"}}'.encode()
    parts = (header, payload, bytes(255) + b"\1")
    return ".".join(base64url.encode(part) for part in parts)


def compare_snapshots(before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """Report each request whose reply changed; nothing but an answer came between."""
    for request, reply in before.items():
        if after.get(request) != reply:
            yield Finding(
                "polling of both doors",
                Kind.LIVE_CHANGE,
                "reading",
                f"the reply to {request.split('?')[0]!r} changed as an answer arrived",
            )


def compare_audits(before: bytes, after: bytes) -> Iterator[Finding]:
    """Report an audit that changed; nothing but draws and syncs came between."""
    if before != after:
        yield Finding(
            "audit while phones draw",
            Kind.LIVE_CHANGE,
            "reading",
            "the audit has another entry after phones drew ballots",
        )
