"""Probes of the protocol: keys, envelopes and folders that must not work."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from rapport_client._ballots import envelope as sdk_envelope
from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client.errors import CharterRefused
from rapport_service.core.dependencies import Dependencies
from rapport_service.encoding.timestamps import format_utc
from rapport_service.envelope.sealing_key import parse_private_pem
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.releases.opening import SealedEnvelope, WaveOpener
from tools.attack.findings import Finding, Kind
from tools.attack.readers import ReportReader

FOREIGN_KEY, FOREIGN_ENVELOPE = "sealing keys of all waves", "envelopes that do not fit"
UNMARKED_FOLDER = "a sealing folder without a marker"
OVERLAP = "waves that overlap"
PEM = b"-----BEGIN"
PROBE = Answers(0, (1, 2, 3, 4, 5), None)


def compare_sealing_keys(charters: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Look for a sealing key that serves two waves."""
    keys = [tuple(sorted(charter["sealing_key"].items())) for charter in charters]
    if len(set(keys)) < len(keys):
        yield _broken(FOREIGN_KEY, "two waves have one sealing key")


def open_foreign_envelopes(
    charter: Mapping[str, Any], digest: str, pem: bytes
) -> Iterator[Finding]:
    """Try to open envelopes that were made for something else, with the job's code.

    Args:
        charter: of a wave.
        digest: of its bytes as served.
        pem: the file of its private sealing key.
    """
    kid = next(n["ballot_key_id"] for n in charter["tree"] if n["ballot_key_id"])
    ballot = bytes(range(32))
    key = sdk_envelope.parse_sealing_key(
        JsonObject(dict(charter["sealing_key"]), "the charter", CharterRefused)
    )
    opener = WaveOpener(
        parse_private_pem(pem[pem.index(PEM) :]),
        base64url.decode(digest),
        CURRENT_INSTRUMENT,
    )
    other = base64url.encode(bytes(32))
    for name, made_for, is_right in (
        ("itself", (kid, base64url.encode(ballot), digest), True),
        ("another charter", (kid, base64url.encode(ballot), other), False),
        ("another ballot", (kid, other, digest), False),
        ("another ballot key", (f"{kid}x", base64url.encode(ballot), digest), False),
    ):
        envelope = sdk_envelope.make_envelope(
            key,
            PROBE.plaintext(CURRENT_INSTRUMENT),
            sdk_envelope.envelope_info(*made_for),
        )
        (opened,) = opener([SealedEnvelope(kid, ballot, envelope)])
        if (opened is not None) != is_right:
            verb = "opens" if opened is not None else "does not open"
            yield _broken(FOREIGN_ENVELOPE, f"an envelope for {name} {verb}")


def seal_without_marker(deps: Dependencies) -> Iterator[Finding]:
    """Run the sealing job, which has a key to make, on a folder that is not marked."""
    with tempfile.TemporaryDirectory(prefix="rapport-unmarked-") as name:
        folder = Path(name, "sealing-keys")
        folder.mkdir(mode=0o700)
        run_sealing_job(replace(deps, sealing_folders=(folder,)))
        if any(folder.iterdir()):
            yield _broken(UNMARKED_FOLDER, "the sealing job used an unmarked folder")


def plan_overlapping_wave(
    http: FlaskClient, administrator: ReportReader, wave: str
) -> Iterator[Finding]:
    """Plan a wave that is open at the same time as another one."""
    dates = administrator.get(f"/v1/waves/{wave}").document()
    names = ("announces_at", "opens_at", "closes_at", "seals_at")
    moved = {
        name: format_utc(datetime.fromisoformat(dates[name]) + timedelta(hours=30))
        for name in names
    }
    reply = http.post("/v1/waves", json=moved, headers=administrator.authorization)
    if reply.status_code != HTTPStatus.CONFLICT:
        yield _broken(OVERLAP, f"overlapping waves get {reply.status_code}")


def _broken(attack: str, sentence: str) -> Finding:
    return Finding(attack, Kind.PROTOCOL, "reading", sentence)
