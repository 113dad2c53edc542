"""Scores worked out anew from the phones' own ledgers, with pencil and paper."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from rapport_client import b64
from rapport_service.instrument.bank import CURRENT
from tests.chaos.database import Key, WaveRow
from tests.chaos.evidence import Evidence
from tests.waves import by_hand

WHOLE = ("status", "tier", "respondents", "participation")
SHOWN = ("score", "bound")


def honest(evidence: Evidence) -> Iterator[str]:
    """What is released is what those have said whose ballots count."""
    contents = {
        (sent.key, sent.digest): sent.content
        for sent in [*evidence.sent, *evidence.forged]
    }
    for name, wave in evidence.stored.waves.items():
        if wave.state != "sealed" or 1 not in wave.scores:
            continue
        counted = _counted(evidence, name)
        if wave.counted[1] != _commitment(counted):
            yield f"{name} commits to other ballots than those that count"
        texts = {key: contents.get((key, digest)) for key, digest in counted.items()}
        unknown = [key for key, text in texts.items() if text is None]
        if unknown:
            yield f"{name} counts a ballot that nobody sent: {unknown[0][1]}"
            continue
        yield from _differences(evidence, name, wave, texts)


def _counted(evidence: Evidence, wave: str) -> dict[Key, str | None]:
    return {
        key: rows[0].digest
        for key, rows in evidence.stored.ballots.items()
        if evidence.stored.keys[key[0]][0] == wave and rows[0].standing == "accepted"
    }


def _commitment(counted: Mapping[Key, str | None]) -> str:
    hashes = sorted(b64.decode(hashed) for _, hashed in counted)
    return b64.encode(sha256(b"".join(hashes)).digest())


def _differences(
    evidence: Evidence, name: str, wave: WaveRow, texts: Mapping[Key, str | None]
) -> Iterator[str]:
    names = {UUID(node["team"]): node["external_id"] for node in wave.charter["tree"]}
    people: dict[str, list[by_hand.Person]] = defaultdict(list)
    for (kid, _), text in texts.items():
        _, holder = evidence.stored.keys[kid]
        people[names[holder]].append(_person(text or ""))
    expected = by_hand.documents(_agency(wave.charter, names, people))
    for team, document in wave.scores[1].items():
        right = expected[names[team]]
        told, must_be = _plain(document), _plain(right)
        if told != must_be:
            yield f"{name} says of {names[team]} {told}, not {must_be}"


def _agency(
    charter: Mapping[str, Any],
    names: Mapping[UUID, str],
    people: Mapping[str, list[by_hand.Person]],
) -> by_hand.Agency:
    tree = charter["tree"]
    return by_hand.Agency(
        {n["external_id"]: n["parent"] and names[UUID(n["parent"])] for n in tree},
        {n["external_id"]: people.get(n["external_id"], []) for n in tree},
        {n["external_id"]: n["N"] for n in tree},
        charter["k"],
    )


def _person(text: str) -> by_hand.Person:
    frozen = json.loads(text)
    shown = CURRENT.shown(frozen["form"])
    values = [frozen["answers"][item.id] for item in shown]
    return by_hand.person(frozen["form"], values)


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """What both ways of working it out must agree on."""
    kept = {member: document.get(member) for member in WHOLE}
    constructs = document.get("constructs") or {}
    for name, figure in constructs.items():
        kept[name] = [figure.get(member) for member in SHOWN]
    return kept
