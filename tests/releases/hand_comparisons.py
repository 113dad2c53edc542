"""Intervals, changes and comparisons of scores, by the printed formulas."""

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
    tiers,
)
from tests.releases.hand_calculation import figures as figures_of

START = {"trust": 0.24, "communication": 0.24, "overall": 0.17}
SHOWN = {"trust": 2, "communication": 2, "overall": 4}
RESPONDENTS, PERCENT = (5, 10, 20, 50), (0, 50, 70, 85)

Borrowed = dict[str, tuple[float, float | None]]
"""Of each construct: how much people differ, and what rotation adds."""


def borrowed_figures(
    agency: AnsweredAgency, coarse: Collection[str], figures: Mapping[str, Figures]
) -> Borrowed:
    """The figures that all groups borrow from the whole agency, if it is shown."""
    root, by_construct = agency.root, {}
    for name, items in CONSTRUCTS.items():
        by_construct[name] = (START[name], None)
        if root in coarse:
            dispersion = START[name]
            if figures[root][name]["n"] >= 30:
                dispersion = spread(figures[root][name]) or START[name]
            everybody = agency.everybody(root)
            by_construct[name] = (dispersion, rotation(everybody, items, SHOWN[name]))
    return by_construct


def spread(figure: Mapping[str, Any]) -> float | None:
    """How much people differ, as a share of the most that the scale allows."""
    room = float((figure["theta"] - 1) * (5 - figure["theta"]))
    if room < 1e-9:
        return None
    return float(figure["se"]) ** 2 * (figure["n"] - 1) / room


def rotation(people: list[Person], items: list[str], shown: int) -> float | None:
    """sigma_e^2 (1/k - 1/K); None while a pair has fewer than fifty people."""
    variances, covariances = [], []
    for item, other in combinations_with_replacement(items, 2):
        both = [(p[item], p[other]) for p in people if item in p and other in p]
        if len(both) < 50:
            return None
        n = len(both)
        means = [Fraction(sum(pair[side] for pair in both), n) for side in (0, 1)]
        products = sum((x - means[0]) * (y - means[1]) for x, y in both)
        (variances if item == other else covariances).append(products / (n - 1))
    unique = sum(variances) / len(variances) - sum(covariances) / len(covariances)
    size = len(items)
    return float(max(unique, Fraction(0)) * (Fraction(1, shown) - Fraction(1, size)))


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
    pooled: tuple[float, float | None],
    *,
    fine: bool,
) -> dict[str, int]:
    """The interval of a score, as its document gives it."""
    n = answering(agency.everybody(group), MEASURES["any"])
    percent = _low(Fraction(100 * n, agency.eligible[group]), PERCENT)
    c, rest = pooled
    rest = rest if percent else None
    if fine:
        observed = percent / 100 * figure["n"] / n
        ends = wilson(
            float(figure["theta"]), figure["n"], moderated(figure, c), observed, rest
        )
        return _outward(ends, 1)
    low, high = wilson(
        1 + shown["score"] / 25, _low(n, RESPONDENTS), c, percent / 100, rest
    )
    low = 0 if shown["bound"] == "at_most" else low
    high = 100 if shown["bound"] == "at_least" else high
    return _outward((low, high), 5)


def change(
    group: str, name: str, before: AnsweredAgency, now: AnsweredAgency, pooled: float
) -> str | None:
    """The direction of a score between waves, if it was shown in both."""
    known = []
    rough = group not in tiers(now)[1]
    for agency in (before, now):
        coarse, fine = tiers(agency)
        if group not in coarse:
            return None
        figures = figures_of(agency, coarse)
        own = figures[group][name]
        known_then = borrowed_figures(agency, coarse, figures)[name][0]
        theta, n, c = float(own["theta"]), own["n"], moderated(own, known_then)
        if rough or group not in fine:
            points = min(max(5 * math.floor(round(5 * (theta - 1), 9) + 0.5), 10), 90)
            people = answering(agency.everybody(group), MEASURES["any"])
            theta, n, c = 1 + points / 25, _low(people, RESPONDENTS), pooled
        low, high = wilson(theta, n, c, 0, None)
        known.append((theta, (high - low) / 50 / stats.t.ppf(0.975, 3 + n)))
    (was, was_se), (is_, is_se) = known
    if is_ == was or abs(is_ - was) < 1.96 * math.hypot(was_se, is_se):
        return "no_clear_change"
    return "up" if is_ > was else "down"


def comparisons(
    agency: AnsweredAgency,
    fine: Collection[str],
    figures: Mapping[str, Figures],
    name: str,
) -> dict[str, tuple[int, str]]:
    """Steadied scores and comparisons, with one tenth of variance between groups."""
    leaves = [g for g in fine if not fine & set(agency.inside(g))]
    if len(leaves) < 3:
        return {}
    own = {g: figures[g][name] for g in leaves}
    weights = {g: 1 / (1 / 9 + 1 / f["n"]) for g, f in own.items()}
    total = sum(weights.values())
    mu = sum(w * float(own[g]["theta"]) for g, w in weights.items()) / total
    within = sum(f["n"] * (f["n"] - 1) * f["se"] ** 2 for f in own.values())
    around = sum(w * (float(own[g]["theta"]) - mu) ** 2 for g, w in weights.items())
    sigma2 = (within + around) / (sum(f["n"] for f in own.values()) - 1)
    means, chances = {}, {}
    for g, figure in own.items():
        people = answering(agency.everybody(g), MEASURES["any"])
        weight = (1 / 9) / (1 / 9 + 1 / _low(people, RESPONDENTS))
        means[g] = mu + weight * (float(figure["theta"]) - mu)
        error = sigma2 / 9 * (1 - weight) + (1 - weight) ** 2 * sigma2 / total
        z = abs(means[g] - mu) / math.sqrt(error) if error > 0 else 0
        chances[g] = math.erfc(z / math.sqrt(2))
    clear = _discoveries(chances)
    return {
        g: (
            5 * math.floor(round(5 * (mean - 1), 9) + 0.5),
            "not_clearly_different"
            if g not in clear
            else "above"
            if mean > mu
            else "below",
        )
        for g, mean in means.items()
    }


def _discoveries(chances: Mapping[str, float]) -> set[str]:
    """Benjamini and Hochberg: the largest i with p_(i) <= .05 i/m, and all below."""
    ordered = sorted(chances, key=lambda group: chances[group])
    passed = [
        place
        for place, group in enumerate(ordered, 1)
        if chances[group] <= 0.05 * place / len(ordered)
    ]
    return set(ordered[: max(passed, default=0)])


def _low(value: float | Fraction, starts: tuple[int, ...]) -> int:
    return max(start for start in starts if value >= start)


def _outward(ends: tuple[float, float], step: int) -> dict[str, int]:
    low, high = (round(end / step, 9) for end in ends)
    return {"low": math.floor(low) * step, "high": math.ceil(high) * step}
