"""Exact linear attacks: which combinations of published sums isolate a few people?

Every published figure of a group is a sum over the people that it is of: an equation
whose coefficients are known and whose right side is known as an interval. What can be
computed from all of them by adding, subtracting and scaling is their span. A set of
people is isolated if some combination gives weight to them and to nobody else.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations
from math import ceil, floor

MAX_SMALL_CLASSES = 12
"""Small classes of which all combinations are tried; beyond, pairs and triples."""


@dataclass(frozen=True)
class Sum:
    """Published figure as an equation.

    Attributes:
        name: of the figure, for a report.
        people: those whose unknowns it adds up.
        low: the least that the sum can be, as published.
        high: the most that it can be.
    """

    name: str
    people: frozenset[Hashable]
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Isolation:
    """Combination of published figures that is about a few people alone.

    Attributes:
        people: those whom it isolates.
        weights: by figure, its weight in the combination.
        low: the least that the sum over these people can be.
        high: the most that it can be.
    """

    people: frozenset[Hashable]
    weights: Mapping[str, Fraction]
    low: Fraction
    high: Fraction


def isolate(
    sums: Sequence[Sum],
    threshold: int,
    owner: Callable[[Hashable], Hashable] = lambda unknown: unknown,
    max_classes: int = MAX_SMALL_CLASSES,
) -> Isolation | None:
    """Return a combination that isolates fewer than so many people, if there is one.

    Unknowns with the same coefficients in all sums cannot be told apart, so sets of
    such classes are all that has to be tried, and only classes of few people.

    Args:
        sums: all that is published.
        threshold: the fewest people that a combination may be about.
        owner: returns the person whose unknown it is.
        max_classes: most classes that are isolated together.
    """

    def count(unknowns: Iterable[Hashable]) -> int:
        return len({owner(unknown) for unknown in unknowns})

    classes = list(_classes(sums).items())
    small = [n for n, (_, people) in enumerate(classes) if count(people) < threshold]
    rows = [[Fraction(n in row) for row, _ in classes] for n in range(len(sums))]
    for target in _targets(small, max_classes):
        people = frozenset().union(*(classes[n][1] for n in target))
        if count(people) >= threshold:
            continue
        others = [n for n in range(len(classes)) if n not in target]
        weights = combination(
            [[row[n] for n in others] for row in rows],
            [[row[n] for n in target] for row in rows],
        )
        if weights is not None:
            return _isolation(sums, people, weights)
    return None


def _classes(
    sums: Sequence[Sum],
) -> dict[frozenset[int], frozenset[Hashable]]:
    members: dict[Hashable, set[int]] = defaultdict(set)
    for number, each in enumerate(sums):
        for person in each.people:
            members[person].add(number)
    classes: dict[frozenset[int], set[Hashable]] = defaultdict(set)
    for person, numbers in members.items():
        classes[frozenset(numbers)].add(person)
    return {numbers: frozenset(people) for numbers, people in classes.items()}


def _targets(small: Sequence[int], max_classes: int) -> Iterable[tuple[int, ...]]:
    deepest = max_classes if len(small) <= MAX_SMALL_CLASSES else min(3, max_classes)
    return chain.from_iterable(
        combinations(small, size) for size in range(1, min(deepest, len(small)) + 1)
    )


def combination(
    others: Sequence[Sequence[Fraction]], target: Sequence[Sequence[Fraction]]
) -> list[Fraction] | None:
    """Return weights of rows that vanish on the others, but not on the target.

    Args:
        others: the rows' coefficients of everybody else.
        target: the same rows' coefficients of the people to isolate.
    """
    size = len(others)
    work = [
        [*others[n], *(Fraction(n == column) for column in range(size))]
        for n in range(size)
    ]
    width = len(others[0]) if others else 0
    pivots = 0
    for column in range(width):
        pivot = next((n for n in range(pivots, size) if work[n][column]), None)
        if pivot is None:
            continue
        work[pivots], work[pivot] = work[pivot], work[pivots]
        for n in range(pivots + 1, size):
            if work[n][column]:
                factor = work[n][column] / work[pivots][column]
                work[n] = [
                    mine - factor * its
                    for mine, its in zip(work[n], work[pivots], strict=True)
                ]
        pivots += 1
    for row in work[pivots:]:
        weights = row[width:]
        left = [
            sum(
                (w * line[n] for w, line in zip(weights, target, strict=True)),
                Fraction(),
            )
            for n in range(len(target[0]))
        ]
        if any(left):
            return weights
    return None


def _isolation(
    sums: Sequence[Sum], people: frozenset[Hashable], weights: Sequence[Fraction]
) -> Isolation:
    used = [(each, w) for each, w in zip(sums, weights, strict=True) if w]
    return Isolation(
        people,
        {each.name: w for each, w in used},
        sum((w * (each.low if w > 0 else each.high) for each, w in used), Fraction()),
        sum((w * (each.high if w > 0 else each.low) for each, w in used), Fraction()),
    )


def published_range(
    score: int, step: int, bound: str | None
) -> tuple[Fraction, Fraction]:
    """Return the means on 0 to 100 that round to a score, halves up."""
    half = Fraction(step, 2)
    low = Fraction(0) if bound == "at_most" else score - half
    high = Fraction(100) if bound == "at_least" else score + half
    return max(low, Fraction(0)), min(high, Fraction(100))


def is_unanimous(people: int, low: Fraction, high: Fraction, answers: int) -> bool:
    """Return whether a mean in a range says what each person answered.

    Args:
        people: how many there are at most.
        low: of the mean, on 0 to 100.
        high: of the mean.
        answers: how many answers each of them gave at most.
    """
    steps = 4 * people * answers
    lowest, highest = ceil(low * steps / 100), floor(high * steps / 100)
    return highest <= 0 or lowest >= steps
