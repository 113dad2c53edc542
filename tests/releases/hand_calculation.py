"""A release worked out with pencil and paper: plain Python, exact fractions.

It shares nothing with the service but the wording of the questions, and reads raw
answers one by one where the service adds up blocks.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from rapport_service.instrument.bank import CURRENT_INSTRUMENT

TRUST = ["T1", "T2", "T3", "T4", "T5R", "T6"]
COMMUNICATION = ["C1", "C2R", "C3", "C4", "C5", "C6"]
CONSTRUCTS = {
    "trust": TRUST,
    "communication": COMMUNICATION,
    "overall": TRUST + COMMUNICATION,
}
MEASURES = {
    "any": ["A0", *TRUST, *COMMUNICATION],
    "trust": TRUST,
    "communication": COMMUNICATION,
}

Person = Mapping[str, int]
"""One person's valid answers by item, more is better."""

Figures = dict[str, dict[str, Any]]


def person(form: int, values: list[object]) -> Person:
    """Reads raw answers: drops what is no answer, turns reversed items round."""
    return {
        item.id: 6 - value if item.id.endswith("R") else value
        for item, value in zip(
            CURRENT_INSTRUMENT.items_on_form(form), values, strict=True
        )
        if isinstance(value, int)
    }


@dataclass
class AnsweredAgency:
    """A small agency as it answered one wave.

    Attributes:
        parents: each group's parent; None for the whole agency.
        people: the people who voted under each group's own key.
        eligible: N of each group.
        k: the smallest score.
    """

    parents: dict[str, str | None]
    people: dict[str, list[Person]]
    eligible: dict[str, int]
    k: int = 5

    def around(self, group: str) -> list[str]:
        """The groups around a group, the nearest first."""
        parent = self.parents[group]
        return [] if parent is None else [parent, *self.around(parent)]

    def inside(self, group: str) -> list[str]:
        """The groups strictly inside a group."""
        return [other for other in self.parents if group in self.around(other)]

    def everybody(self, group: str) -> list[Person]:
        """The people who answered in a group or inside it."""
        return [
            person
            for each in [group, *self.inside(group)]
            for person in self.people[each]
        ]

    @property
    def root(self) -> str:
        """The whole agency."""
        return next(group for group, parent in self.parents.items() if parent is None)


def answering(people: list[Person], items: list[str]) -> int:
    """How many people answered any of these items."""
    return sum(any(item in person for item in items) for person in people)


def plan(
    agency: AnsweredAgency,
    items: list[str],
    threshold: int,
    candidates: Collection[str],
) -> set[str]:
    """The planner's rule in words: take back until no small residual is left."""
    released: set[str] = set()

    @cache
    def size(group: str) -> int:
        return answering(agency.everybody(group), items)

    def largest_inside(group: str) -> list[str]:
        inside = [other for other in agency.inside(group) if other in released]
        return [o for o in inside if not set(agency.around(o)) & set(inside)]

    def residual(group: str) -> int:
        return size(group) - sum(size(other) for other in largest_inside(group))

    def cost(group: str) -> tuple[bool, int, str]:
        return residual(group) == 0, size(group), group

    deepest_first = sorted(agency.parents, key=lambda g: (-len(agency.around(g)), g))
    for group in deepest_first:
        if group in candidates and size(group) >= threshold:
            while 0 < residual(group) < threshold:
                released.remove(min(largest_inside(group), key=cost))
            released.add(group)
    return released


def tiers(agency: AnsweredAgency) -> tuple[set[str], set[str]]:
    """The coarse and the fine groups."""

    def safe(threshold: int, candidates: Collection[str]) -> set[str]:
        plans = [plan(agency, m, threshold, candidates) for m in MEASURES.values()]
        return set.intersection(*plans)

    coarse = safe(agency.k, agency.parents)
    fine = safe(max(agency.k, 10), coarse)
    enough = {group for group in agency.parents if reportable(agency.everybody(group))}
    return coarse & enough, fine & enough


def reportable(people: list[Person]) -> bool:
    """Five people, ten answers and half of the items, of each construct."""
    return all(
        answering(people, items) >= 5
        and sum(item in person for person in people for item in items) >= 10
        and len({item for person in people for item in items if item in person}) >= 3
        for items in (TRUST, COMMUNICATION)
    )


def offsets(
    agency: AnsweredAgency, coarse: Collection[str], items: list[str]
) -> dict[str, Fraction]:
    """How much easier than the others each item was for the whole agency."""
    everybody = agency.everybody(agency.root)
    given = {
        item: [person[item] for person in everybody if item in person]
        for item in MEASURES["any"]
    }
    rare = any(len(given[item]) < 30 for item in CONSTRUCTS["overall"])
    if rare or agency.root not in coarse:
        return dict.fromkeys(items, Fraction(0))
    means = {item: Fraction(sum(given[item]), len(given[item])) for item in items}
    middle = sum(means.values(), Fraction(0)) / len(items)
    return {item: mean - middle for item, mean in means.items()}


def figures(agency: AnsweredAgency, coarse: Collection[str]) -> dict[str, Figures]:
    """Stored figures of each shown group, exact but for a square root."""
    shifts = {name: offsets(agency, coarse, i) for name, i in CONSTRUCTS.items()}
    return {
        group: {
            name: figure(agency.everybody(group), items, shifts[name])
            for name, items in CONSTRUCTS.items()
        }
        for group in coarse
    }


def figure(
    everybody: list[Person], items: list[str], shift: Mapping[str, Fraction]
) -> dict[str, Any]:
    """One construct of one group: each answer freed of its item's offset."""
    adjusted = [
        [person[i] - shift[i] for i in items if i in person] for person in everybody
    ]
    people = [values for values in adjusted if values]
    n, answers = len(people), sum(len(values) for values in people)
    theta = sum((sum(values) for values in people), Fraction(0)) / answers
    spread = sum((sum(values) - len(values) * theta) ** 2 for values in people)
    return {
        "n": n,
        "answers": answers,
        "theta": min(max(theta, Fraction(1)), Fraction(5)),
        "se": math.sqrt(Fraction(n, n - 1) * spread) / answers,
        "favourable": favourable(everybody, items),
    }


def favourable(people: list[Person], items: list[str]) -> Fraction:
    """The mean over the items of the share of fours and fives, in percent."""
    shares = []
    for item in items:
        given = [person[item] for person in people if item in person]
        if given:
            shares.append(Fraction(sum(value >= 4 for value in given), len(given)))
    return 100 * sum(shares, Fraction(0)) / len(shares)


def documents(agency: AnsweredAgency) -> dict[str, dict[str, Any]]:
    """Each group's score document without the names and ids."""
    coarse, fine = tiers(agency)
    worked_out = figures(agency, coarse)
    by_group: dict[str, dict[str, Any]] = {}
    for group in agency.parents:
        sources = [g for g in [group, *agency.around(group)] if g in coarse]
        if not sources:
            by_group[group] = {"status": "withheld"}
            continue
        source = sources[0]
        n = answering(agency.everybody(source), MEASURES["any"])
        share = Fraction(100 * n, agency.eligible[source])
        small = agency.eligible[source] < 15
        names = ("<50", "50-69", *(("70+",) if small else ("70-84", "85+")))
        ends = (50, 70) if small else (50, 70, 85)
        shown = _fine if source in fine else _coarse
        by_group[group] = {
            "status": "released" if source == group else "rolled_up",
            "tier": "fine" if source in fine else "coarse",
            "respondents": _band(n, ("5-9", "10-19", "20-49", "50+"), (10, 20, 50)),
            "participation": _band(share, names, ends),
            "tipping_point": (5, 10, 16, 33)[sum(share >= b for b in ends)],
            "constructs": {
                name: shown(100 * (figure["theta"] - 1) / 4, figure["favourable"])
                for name, figure in worked_out[source].items()
            },
            "source_team": None if source == group else source,
        }
    return by_group


def _band(
    value: float | Fraction, names: tuple[str, ...], starts: tuple[int, ...]
) -> str:
    return names[sum(value >= start for start in starts)]


def _fine(points: Fraction, percent: Fraction) -> dict[str, Any]:
    return {"score": _half_up(points), "bound": None, "favourable": _half_up(percent)}


def _coarse(points: Fraction, _percent: Fraction) -> dict[str, Any]:
    score = 5 * _half_up(points / 5)
    bound = "at_most" if score <= 10 else "at_least" if score >= 90 else None
    return {"score": min(max(score, 10), 90), "bound": bound, "favourable": None}


def _half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))
