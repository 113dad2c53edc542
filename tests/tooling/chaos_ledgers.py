"""Ledgers of a run in which one person has answered one wave on one phone."""

import json
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from demo.waves import Wave
from tools.chaos.database import DatabaseSnapshot, StoredBallot, StoredWave
from tools.chaos.evidence import Evidence
from tools.chaos.participants import Participants

WAVE, KID, TEAM = "acme.wave", "acme.key", UUID(int=1)
KEY = (KID, "hash")
ANSWERS = {"A0": 4}
TEXTS = {"digest": json.dumps({"answers": ANSWERS, "context": None})}
ITEM = {
    "op": "submit",
    "ballot": "jwt",
    "envelope": "sealed",
    "kid": KID,
    "hash": "hash",
    "digest": "digest",
}
ATTEMPT = {"person": "ana", "wave": WAVE, "answers": ANSWERS, "context": None}
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
OPEN_WAVE = Wave(WAVE, NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2))
PARTICIPANTS = Participants(
    {"phone": ("ana",)}, (), (), (), (), frozenset({"phone"}), {}, frozenset({"phone"})
)
STORED = StoredBallot("accepted", "digest")


def build_entry(event, **facts):
    return {"event": event, "pid": 1, "at": 1.0, **facts}


def build_status(state="settled", status="accepted", reason=None, op="submit"):
    item = {"wave": WAVE, "op": op, "state": state, "status": status, "reason": reason}
    return build_entry("status", person="ana", items=[item])


def build_ledger(*more):
    return [
        build_entry("answering", **ATTEMPT),
        build_entry("answered", **ATTEMPT),
        build_entry("sending", items=[ITEM]),
        *more,
    ]


def build_exchange(
    status="accepted",
    item=ITEM,
    *,
    reason=None,
    observed=True,
    race=None,
    request_bytes=1100,
):
    result = {
        "status": status,
        "reason": reason,
        "hash": item["hash"],
        "digest": item["digest"],
    }
    return build_entry(
        "exchange",
        items=[item],
        results=[result],
        observed=observed,
        race=race,
        status=200,
        request_bytes=request_bytes,
        reply_bytes=200,
    )


def build_snapshot(rows=(STORED,), answers=1, more_ballots=MappingProxyType({})):
    stored_answers = tuple((TEAM, 0, "[4]") for _ in range(answers))
    return DatabaseSnapshot(
        {WAVE: StoredWave("sealed", {}, stored_answers)},
        {KID: (WAVE, TEAM)},
        {**({(WAVE, KEY[1]): list(rows)} if rows else {}), **more_ballots},
    )


def build_evidence(
    ledger=None,
    exchanges=None,
    attacks=(),
    database=None,
    participants=PARTICIPANTS,
    **more,
):
    return Evidence(
        participants,
        {"phone": build_ledger(build_status()) if ledger is None else ledger},
        [build_exchange()] if exchanges is None else exchanges,
        list(attacks),
        database or build_snapshot(),
        waves=(OPEN_WAVE,),
        **({"texts": TEXTS} | more),
    )
