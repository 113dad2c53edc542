"""Attacks on what readers may get: linear, on rounding, between roles and over time."""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

from tools.attack.findings import Finding, Kind
from tools.attack.linear import Sum, is_unanimous, isolate, published_range
from tools.attack.phones import Sent
from tools.attack.readers import JSON, Library

READING = "reading"
ROLL_UPS = "roll-ups after a move"
CONSTRUCTS = ("trust", "communication", "overall")
MEASURES: Mapping[str, tuple[str, ...]] = {
    "trust": ("T",),
    "communication": ("C",),
    "overall": ("T", "C"),
}
"""By measure, the first letters of the items whose answers it adds up."""

OF_PAST_WAVES = {"level", "change", "two_wave_change"}
"""Members of a coarse figure that earlier documents shape, and not this one alone."""

PENDING_MEMBERS = {"status", "team", "wave_id", "seals_at", "delay"}


@dataclass(frozen=True)
class WaveTruth:
    """Truth about a sealed wave.

    Attributes:
        wave: public id.
        parents: by team id, its parent in the charter.
        sent: what counted.
        team_of_key: by ballot key, the id of its team.
        min_respondents: k.
    """

    wave: str
    parents: Mapping[str, str | None]
    sent: Sequence[Sent]
    team_of_key: Mapping[str, str]
    min_respondents: int

    def people_below(self, team: str) -> list[Sent]:
        """Return what came from a team and from all teams below it."""
        return [
            each
            for each in self.sent
            if team in self.ancestors(self.team_of_key[each.kid])
        ]

    def ancestors(self, team: str) -> set[str]:
        """Return a team and the teams around it."""
        around: set[str] = set()
        node: str | None = team
        while node is not None:
            around.add(node)
            node = self.parents[node]
        return around


def score_documents(
    libraries: Iterable[Library], wave: str
) -> dict[str, dict[str, Any]]:
    """Return the score documents of a wave with figures, by the team of the figures."""
    documents: dict[str, dict[str, Any]] = {}
    for library in libraries:
        for _, document in library.documents("/score"):
            if document["wave_id"] != wave or not document.get("constructs"):
                continue
            source = document.get("source_team") or document["team"]
            documents.setdefault(source["id"], document)
    return documents


def published_sums(
    truth: WaveTruth, documents: Mapping[str, Mapping[str, Any]]
) -> list[Sum]:
    """Return every published figure of a wave as a sum over people's answers."""
    sums = []
    for team, document in documents.items():
        people = truth.people_below(team)
        name = document["team"]["name"]
        sums += [
            _sum(f"{measure} of {name}", people, letters)
            for measure, letters in MEASURES.items()
        ]
        counted = frozenset(
            (each.person, "answered anything")
            for each in people
            if any(isinstance(value, int) for value in each.answers.values.values())
        )
        bound = Fraction(len(counted))
        sums.append(Sum(f"respondents of {name}", counted, Fraction(0), bound))
        for item in document.get("items") or {}:
            sums.append(_sum(f"{item} of {name}", people, (item,)))
        if document.get("crisis_percent") is not None:
            answered = frozenset(
                (each.person, "context") for each in people if each.answers.context
            )
            sums.append(
                Sum(
                    f"context of {name}", answered, Fraction(0), Fraction(len(answered))
                )
            )
    return sums


def _sum(name: str, people: Iterable[Sent], prefixes: tuple[str, ...]) -> Sum:
    unknown = frozenset(
        (each.person, item)
        for each in people
        for item, value in each.answers.values.items()
        if isinstance(value, int) and item.startswith(prefixes)
    )
    return Sum(name, unknown, Fraction(0), Fraction(len(unknown)))


def attack_linear(
    role: str, truth: WaveTruth, documents: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Look for a combination of one wave's figures about fewer than k people."""
    isolation = isolate(
        published_sums(truth, documents), truth.min_respondents, owner=_person
    )
    if isolation is not None:
        people = {_person(each) for each in isolation.people}
        used = " and ".join(sorted(isolation.weights))
        yield Finding(
            f"linear system of a wave as {role}",
            Kind.ISOLATION,
            READING,
            f"{used} together are about {len(people)} people alone",
        )


def _person(unknown: Hashable) -> Hashable:
    return unknown[0] if isinstance(unknown, tuple) else unknown


def attack_over_time(
    role: str, waves: Sequence[tuple[WaveTruth, Mapping[str, Mapping[str, Any]]]]
) -> Iterator[Finding]:
    """The same over waves, as if everybody answered the same in each of them.

    Fine scores alone: of a coarse one neither the digits nor the number of people are
    known well enough to subtract it.
    """
    for construct in CONSTRUCTS:
        sums = []
        for truth, documents in waves:
            for team, document in documents.items():
                if document["tier"] != "fine":
                    continue
                figure = document["constructs"][construct]
                low, high = published_range(figure["score"], 1, figure["bound"])
                people = frozenset(
                    each.person
                    for each in truth.people_below(team)
                    if any(
                        isinstance(value, int) and item.startswith(MEASURES[construct])
                        for item, value in each.answers.values.items()
                    )
                )
                name = f"{construct} of {document['team']['name']} in {truth.wave}"
                size = len(people)
                sums.append(Sum(name, people, low * size, high * size))
        isolation = isolate(sums, waves[0][0].min_respondents, max_classes=2)
        if isolation is not None:
            yield Finding(
                f"linear system over waves as {role}",
                Kind.ISOLATION_OVER_TIME,
                READING,
                f"{construct} of {len(isolation.people)} people, if answers last: sum"
                f" between {float(isolation.low):.0f} and"
                f" {float(isolation.high):.0f} points",
            )


def attack_rounding(
    truth: WaveTruth, documents: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Look for more digits than a tier has, and for figures that undo rounding."""
    shown: dict[str, dict[str, str]] = defaultdict(dict)
    for team, document in documents.items():
        step = 5 if document["tier"] == "coarse" else 1
        for construct, figure in document["constructs"].items():
            if figure["score"] % step:
                yield _hidden(
                    f"{construct} of a {document['tier']} score has more digits"
                )
            if step == 1:
                yield from _unanimous(truth, team, figure)
                continue
            if not _is_interval_of(figure):
                yield _hidden(
                    f"the interval of a coarse {construct} score is of another score"
                )
            key = json.dumps(
                [
                    *(construct, figure["score"], figure["bound"]),
                    *(document["respondents"], document["participation"]),
                ]
            )
            rest = {n: v for n, v in figure.items() if n not in OF_PAST_WAVES}
            others = json.dumps([rest, document["tipping_point"]], sort_keys=True)
            if shown["figure"].setdefault(key, others) != others:
                yield _hidden(
                    f"two coarse {construct} scores that look the same have other"
                    " figures that differ"
                )


def _is_interval_of(figure: Mapping[str, Any]) -> bool:
    """Whether an interval in whole points can be made of the score next to it.

    The odds of a score are the geometric mean of those of the ends of its Wilson
    interval, however many people it is of.
    """
    if figure["bound"] is not None:
        return True
    low, high = figure["interval"]["low"] / 100, figure["interval"]["high"] / 100
    lower, upper = (
        sqrt(a * b) / (sqrt(a * b) + sqrt((1 - a) * (1 - b)))
        for a, b in ((low, high - 0.01), (low + 0.01, high))
    )
    return bool(lower - 1e-9 <= figure["score"] / 100 <= upper + 1e-9)


def _hidden(sentence: str) -> Finding:
    return Finding(
        "digits that rounding hides", Kind.HIDDEN_PRECISION, READING, sentence
    )


def _unanimous(
    truth: WaveTruth, team: str, figure: Mapping[str, Any]
) -> Iterator[Finding]:
    people = len(truth.people_below(team))
    low, high = published_range(figure["score"], 1, figure["bound"])
    if is_unanimous(people, low, high, 4):
        yield Finding(
            "unanimous groups",
            Kind.UNANIMITY,
            READING,
            f"a score says what each of {people} people answered",
        )


def attack_roll_ups(
    libraries: Iterable[Library], around: Mapping[str, set[str]]
) -> Iterator[Finding]:
    """Look for figures of a group that a team was in, and is in no more.

    Args:
        libraries: of all readers.
        around: by team id, the teams around it today.
    """
    for library in libraries:
        own = {
            team["id"]
            for _, document in library.documents("/v1/teams")
            for team in document["teams"]
        }
        for _, document in library.documents("/score"):
            source = document.get("source_team") or document["team"]
            known = own | around.get(document["team"]["id"], set())
            if document.get("constructs") and source["id"] not in known:
                yield Finding(
                    ROLL_UPS,
                    Kind.ROLE_ADVANTAGE,
                    READING,
                    f"{library.role} reads figures of a group that the team has left",
                )


def attack_early(libraries: Iterable[Library], wave: str) -> Iterator[Finding]:
    """Look for anything about a wave before its seal."""
    for library in libraries:
        for (path, accept), reply in library.replies.items():
            text = reply.body.decode(errors="replace")
            if reply.status != 200 or wave not in text or accept != JSON:
                continue
            document = reply.document()
            if document.get("wave_id") == wave and "status" in document:
                early = (
                    set(document) != PENDING_MEMBERS or document["status"] != "pending"
                )
            elif "/releases" in path:
                early = bool(document.get("releases"))
            else:
                early = any(
                    point.get("wave_id") == wave
                    for point in document.get("waves", ())
                    if isinstance(point, dict) and "constructs" in point
                )
            if early:
                yield Finding(
                    "reports before the seal",
                    Kind.EARLY_REPORT,
                    READING,
                    f"{library.role} reads figures of a wave that is not sealed:"
                    f" {path.partition('?')[0].rpartition('/')[2]}",
                )
