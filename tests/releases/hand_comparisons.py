"""Intervals of scores, by the printed formulas."""

import math
from collections.abc import Collection, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

from scipy import stats

from tests.releases.hand_calculation import (
    CONSTRUCTS,
    MEASURES,
    AnsweredAgency,
    Figures,
    Person,
    answering,
)

START = {"trust": 0.24, "communication": 0.24, "overall": 0.17}
START_ROTATION = {"trust": 0.22, "communication": 0.24, "overall": 0.12}
SHOWN = {"trust": 2, "communication": 2, "overall": 4}
USUAL_PEOPLE = {"5-9": 6, "10-19": 10, "20-49": 20, "50+": 50}
USUAL_PERCENT = {"<50": 0, "50-69": 55, "70+": 80, "70-84": 75, "85+": 90}

Borrowed = dict[str, tuple[float, float]]
"""Of each construct: how much people differ, and what rotation adds."""


def borrowed_figures(
    agency: AnsweredAgency, coarse: Collection[str], figures: Mapping[str, Figures]
) -> Borrowed:
    """The figures that all groups borrow from the whole agency, if it is shown."""
    root, by_construct = agency.root, {}
    for name, items in CONSTRUCTS.items():
        by_construct[name] = (START[name], START_ROTATION[name])
        if root in coarse:
            dispersion = START[name]
            if figures[root][name]["n"] >= 30:
                dispersion = spread(figures[root][name]) or START[name]
            everybody = agency.everybody(root)
            by_construct[name] = (dispersion, rotation(everybody, items, name))
    return by_construct


def spread(figure: Mapping[str, Any]) -> float | None:
    """How much people differ, as a share of the most that the scale allows."""
    room = float((figure["theta"] - 1) * (5 - figure["theta"]))
    if room < 1e-9:
        return None
    return float(figure["se"]) ** 2 * (figure["n"] - 1) / room


def rotation(people: list[Person], items: list[str], name: str) -> float:
    """sigma_e^2 (1/k - 1/K), pooled with a usual one worth twenty people a pair."""
    variances, covariances, rarest = [], [], math.inf
    for item, other in combinations_with_replacement(items, 2):
        both = [(p[item], p[other]) for p in people if item in p and other in p]
        n = len(both)
        if n < 2:
            return START_ROTATION[name]
        rarest = min(rarest, n)
        means = [Fraction(sum(pair[side] for pair in both), n) for side in (0, 1)]
        products = sum((x - means[0]) * (y - means[1]) for x, y in both)
        (variances if item == other else covariances).append(products / (n - 1))
    unique = sum(variances) / len(variances) - sum(covariances) / len(covariances)
    share = Fraction(1, SHOWN[name]) - Fraction(1, len(items))
    own = float(max(unique, Fraction(0)) * share)
    return (20 * START_ROTATION[name] + rarest * own) / (20 + rarest)


def wilson(
    theta: float, n: int, c: float, observed: float, rest: float | None
) -> tuple[float, float]:
    """The dispersion-scaled interval, in points.

    Args:
        c: how much people differ.
        observed: n/N, as far as it is taken to be known.
        rest: what rotation adds to a person's variance.
    """
    p, g = (theta - 1) / 4, 1.0
    variance = c * (theta - 1) * (5 - theta) * n / (n - 1)
    if rest is not None:
        share = min(rest / variance, 1) if variance > 0 else 1
        g = (1 - observed) * (1 - share) + share
    size, q = n / (c * g), float(stats.t.ppf(0.975, 3 + n))
    middle = (p + q * q / 2 / size) / (1 + q * q / size)
    half = math.sqrt(p * (1 - p) / size + q * q / 4 / size**2) * q / (1 + q * q / size)
    return 100 * max(middle - half, 0), 100 * min(middle + half, 1)


def moderated(figure: Mapping[str, Any], pooled: float) -> float:
    """A group's dispersion with that of all worth four people."""
    own = spread(figure)
    if own is None:
        return pooled
    return (4 * pooled + (figure["n"] - 1) * own) / (3 + figure["n"])


def interval(
    agency: AnsweredAgency,
    group: str,
    figure: Mapping[str, Any],
    shown: Mapping[str, Any],
    shown_bands: Mapping[str, str],
    pooled: tuple[float, float],
    *,
    fine: bool,
) -> dict[str, int]:
    """The interval of a score, as its document gives it."""
    n = answering(agency.everybody(group), MEASURES["any"])
    percent = USUAL_PERCENT[shown_bands["participation"]]
    c, known_rest = pooled
    rest = known_rest if percent else None
    if fine:
        observed = percent / 100 * figure["n"] / n
        ends = wilson(
            float(figure["theta"]), figure["n"], moderated(figure, c), observed, rest
        )
        return _outward(ends)
    people = USUAL_PEOPLE[shown_bands["respondents"]]
    low, high = wilson(1 + shown["score"] / 25, people, c, percent / 100, rest)
    low = 0 if shown["bound"] == "at_most" else low
    high = 100 if shown["bound"] == "at_least" else high
    return _outward((low, high))


def _outward(ends: tuple[float, float]) -> dict[str, int]:
    low, high = (round(end, 9) for end in ends)
    return {"low": math.floor(low), "high": math.ceil(high)}
