"""Scores recalculated from the phones' ledgers, with plain fractions."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from rapport_client._protocol import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.releases import hand_calculation
from tools.chaos.database import BallotRef, StoredWave
from tools.chaos.evidence import Evidence

COMPARED_MEMBERS = ("status", "tier", "respondents", "participation")
COMPARED_FIGURES = ("score", "bound")


def check_scores(evidence: Evidence) -> Iterator[str]:
    """Released scores are those of the answers whose ballots count."""
    contents = {
        (sent.key, sent.digest): sent.content
        for sent in [*evidence.sent_items, *evidence.forged_items]
    }
    for name, wave in evidence.database.waves.items():
        if wave.state != "sealed" or 1 not in wave.scores:
            continue
        counted = _counted_ballots(evidence, name)
        if wave.counted[1] != _commitment(counted):
            yield f"{name} commits to other ballots than those that count"
        texts = {key: contents.get((key, digest)) for key, digest in counted.items()}
        unknown = [key for key, text in texts.items() if text is None]
        if unknown:
            yield f"{name} counts a ballot that was never sent: {unknown[0][1]}"
            continue
        yield from _differences(evidence, name, wave, texts)


def _counted_ballots(evidence: Evidence, wave: str) -> dict[BallotRef, str | None]:
    return {
        key: rows[0].digest
        for key, rows in evidence.database.ballots.items()
        if evidence.database.keys[key[0]][0] == wave and rows[0].status == "accepted"
    }


def _commitment(counted: Mapping[BallotRef, str | None]) -> str:
    hashes = sorted(base64url.decode(hashed) for _, hashed in counted)
    return base64url.encode(sha256(b"".join(hashes)).digest())


def _differences(
    evidence: Evidence,
    name: str,
    wave: StoredWave,
    texts: Mapping[BallotRef, str | None],
) -> Iterator[str]:
    names = {
        UUID(node["team_id"]): node["external_id"] for node in wave.charter["tree"]
    }
    people: dict[str, list[hand_calculation.Person]] = defaultdict(list)
    for (kid, _), text in texts.items():
        _, holder = evidence.database.keys[kid]
        people[names[holder]].append(_person(text or ""))
    documents = hand_calculation.documents(_agency(wave.charter, names, people))
    for team, document in wave.scores[1].items():
        released = _comparable(document)
        expected = _comparable(documents[names[team]])
        if released != expected:
            yield f"{name} says of {names[team]} {released}, not {expected}"


def _agency(
    charter: Mapping[str, Any],
    names: Mapping[UUID, str],
    people: Mapping[str, list[hand_calculation.Person]],
) -> hand_calculation.AnsweredAgency:
    tree = charter["tree"]
    return hand_calculation.AnsweredAgency(
        {
            n["external_id"]: n["parent_id"] and names[UUID(n["parent_id"])]
            for n in tree
        },
        {n["external_id"]: people.get(n["external_id"], []) for n in tree},
        {n["external_id"]: n["eligible"] for n in tree},
        charter["min_respondents"],
    )


def _person(text: str) -> hand_calculation.Person:
    frozen = json.loads(text)
    shown = CURRENT_INSTRUMENT.items_on_form(frozen["form"])
    values = [frozen["answers"][item.id] for item in shown]
    return hand_calculation.person(frozen["form"], values)


def _comparable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members and figures that both calculations share."""
    kept = {member: document.get(member) for member in COMPARED_MEMBERS}
    constructs = document.get("constructs") or {}
    for name, figure in constructs.items():
        kept[name] = [figure.get(member) for member in COMPARED_FIGURES]
    return kept
