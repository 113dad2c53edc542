"""Scores recalculated from the phones' ledgers, with plain fractions."""

import json
from collections import Counter, defaultdict
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
    """Released scores, and the answers kept, are those whose envelopes were counted."""
    for name, wave in evidence.database.waves.items():
        if wave.state != "sealed" or 1 not in wave.scores:
            continue
        accepted = _accepted_ballots(evidence, name)
        unknown = [digest for digest in accepted.values() if digest is None]
        if unknown:
            yield f"{name} counts a ballot that was never sent"
            continue
        texts = {
            key: text
            for key, digest in accepted.items()
            if (text := evidence.texts.get(digest or "")) is not None
            and _is_valid(text)
        }
        if wave.counted[1] != _commitment(texts):
            yield f"{name} commits to other ballots than those that count"
        yield from _differences(evidence, name, wave, texts)


def _accepted_ballots(evidence: Evidence, wave: str) -> dict[BallotRef, str | None]:
    """The accepted ballots of a wave, with the digests of their envelopes."""
    keys = {
        (evidence.database.wave_of(sent.key), sent.key[1]): sent.key
        for sent in [*evidence.sent_items, *evidence.forged_items]
    }
    return {
        keys.get(ref, ("", ref[1])): rows[0].digest if ref in keys else None
        for ref, rows in evidence.database.ballots.items()
        if ref[0] == wave and rows[0].status == "accepted"
    }


def _is_valid(text: str) -> bool:
    """Whether the service would write the text so, by a parser of our own."""
    try:
        sealed = json.loads(text)
        form, answers = sealed["form"], sealed["answers"]
        shown = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
        ordered = {
            "form": form,
            "answers": {name: answers[name] for name in shown},
            "context": sealed["context"],
        }
    except (ValueError, TypeError, KeyError, IndexError):
        return False
    points = set(range(1, CURRENT_INSTRUMENT.scale + 1))
    return (
        json.dumps(ordered, separators=(",", ":")) == text
        and all(value in {*points, "na", "skip"} for value in answers.values())
        and sealed["context"] in {*CURRENT_INSTRUMENT.contexts, None}
    )


def _commitment(counted: Mapping[BallotRef, str]) -> str:
    hashes = sorted(base64url.decode(hashed) for _, hashed in counted)
    return base64url.encode(sha256(b"".join(hashes)).digest())


def _differences(
    evidence: Evidence,
    name: str,
    wave: StoredWave,
    texts: Mapping[BallotRef, str],
) -> Iterator[str]:
    names = {
        UUID(node["team_id"]): node["external_id"] for node in wave.charter["tree"]
    }
    people: dict[str, list[hand_calculation.Person]] = defaultdict(list)
    expected_answers: Counter[tuple[UUID, int, str]] = Counter()
    for (kid, _), text in texts.items():
        _, holder = evidence.database.keys[kid]
        people[names[holder]].append(_person(text))
        if _has_answer(text) and (atom := _find_atom(wave, holder)) is not None:
            expected_answers[atom, *_stored_values(text)] += 1
    documents = hand_calculation.documents(_agency(wave.charter, names, people))
    for team, document in wave.scores[1].items():
        released = _comparable(document)
        expected = _comparable(documents[names[team]])
        if released != expected:
            yield f"{name} says of {names[team]} {released}, not {expected}"
    if Counter(wave.answers) != expected_answers:
        yield f"{name} keeps other answers, or under other teams, than it counted"


def _has_answer(text: str) -> bool:
    """Whether a text has any answer; of others none are kept."""
    return any(type(value) is int for value in json.loads(text)["answers"].values())


def _find_atom(wave: StoredWave, holder: UUID) -> UUID | None:
    """The nearest released team at or above one; None where there is none."""
    parents = {
        UUID(node["team_id"]): node["parent_id"] and UUID(node["parent_id"])
        for node in wave.charter["tree"]
    }
    team: UUID | None = holder
    while team is not None and wave.scores[1][team]["status"] != "released":
        team = parents[team]
    return team


def _stored_values(text: str) -> tuple[int, str]:
    sealed = json.loads(text)
    values = [*sealed["answers"].values(), sealed["context"]]
    return sealed["form"], json.dumps(values, separators=(",", ":"))


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
