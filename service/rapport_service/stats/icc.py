"""Intraclass correlations: how much of people's answers their group shares.

ICC(1) is the share of variance that lies between groups, ICC(2) the reliability of the
mean of an average group. References: Shrout and Fleiss 1979, Psychol Bull 86:420;
Bliese 2000; Donner 1986, Int Stat Rev 54:67, for groups of unequal size.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from rapport_service.stats.intervals import CONFIDENCE, Interval, f_quantile
from rapport_service.stats.scores import ScoreEstimate
from rapport_service.stats.sufficient_statistics import Floats


@dataclass(frozen=True, eq=False)
class Groups:
    """J groups of people with one figure a person, by size, mean and spread within.

    No group is empty.

    Attributes:
        n: (J,) people.
        means: (J,) the groups' means, in any unit.
        within: SSW, the sum over all people of the squared deviation from their own
            group's mean, in that unit squared.
    """

    n: Floats
    means: Floats
    within: float

    @property
    def count(self) -> int:
        """J, the number of groups."""
        return len(self.n)

    @property
    def people(self) -> float:
        """N, the number of people in all of them."""
        return float(self.n.sum())

    @classmethod
    def from_scores(cls, scores: Iterable[ScoreEstimate]) -> Self:
        """Return the groups that have a score on one construct.

        SSW = sum (n_j - 1) v_j with v_j = n_j * SE_j^2, so that a person counts as one
        however many items they answered.
        """
        n, means, within = [], [], 0.0
        for score in scores:
            if score.theta is not None:
                n.append(score.n)
                means.append(score.theta)
                within += score.n * (score.n - 1) * (score.se or 0.0) ** 2
        return cls(np.array(n, dtype=float), np.array(means, dtype=float), within)

    @classmethod
    def from_values(
        cls, values: Sequence[float | None], groups: Sequence[Hashable]
    ) -> Self:
        """Return the groups of some people, in the order of their first appearance.

        Reference value: tests and benchmarks compare it; releases use scores.

        Args:
            values: Per person a figure; None or NaN where there is none.
            groups: Per person the name of their group.
        """
        members: dict[Hashable, list[float]] = {}
        for value, group in zip(values, groups, strict=True):
            if value is not None and not np.isnan(value):
                members.setdefault(group, []).append(value)
        means = {group: float(np.mean(own)) for group, own in members.items()}
        within = sum(
            float(((np.array(own) - means[group]) ** 2).sum())
            for group, own in members.items()
        )
        sizes = np.array([len(own) for own in members.values()], dtype=float)
        return cls(sizes, np.array(list(means.values()), dtype=float), within)


MIN_RELIABLE_GROUPS = 8
"""Below this many groups an ICC is shown with a warning and never shrinks a mean."""

GroupSize = Literal["n0", "mean"]
"""Kind of size taken for all groups: n0 of Donner, or the plain mean N/J."""


@dataclass(frozen=True)
class OneWayAnova:
    """One-way analysis of variance of some groups.

    Attributes:
        groups: J, two at least.
        people: N, more than J.
        between: MSB, the mean square between groups.
        within: MSW, the mean square within groups.
        n0: (N - sum n_j^2 / N) / (J - 1).
        mean_size: N / J.
    """

    groups: int
    people: float
    between: float
    within: float
    n0: float
    mean_size: float

    @property
    def f(self) -> float:
        """F = MSB / MSW; infinite without variance within groups."""
        return self.between / self.within if self.within > 0 else np.inf

    def size(self, kind: GroupSize) -> float:
        """Return the size that is taken for all groups."""
        return self.n0 if kind == "n0" else self.mean_size


def one_way_anova(groups: Groups) -> OneWayAnova | None:
    """Return the analysis of variance; None for one group or one person a group."""
    count, people = groups.count, groups.people
    if count < 2 or people <= count:
        return None
    grand = (groups.n * groups.means).sum() / people
    between = float((groups.n * (groups.means - grand) ** 2).sum())
    return OneWayAnova(
        groups=count,
        people=people,
        between=between / (count - 1),
        within=groups.within / (people - count),
        n0=float((people - (groups.n**2).sum() / people) / (count - 1)),
        mean_size=people / count,
    )


def icc1(table: OneWayAnova, size: GroupSize = "n0") -> float | None:
    """Return ICC(1) = (MSB - MSW)/(MSB + (n - 1) MSW); may be negative.

    None without any variance.
    """
    rest = table.between + (table.size(size) - 1) * table.within
    return (table.between - table.within) / rest if rest > 0 else None


def icc2(table: OneWayAnova) -> float | None:
    """Return ICC(2) = (MSB - MSW)/MSB, at most 1; None if the groups are all alike."""
    if table.between <= 0:
        return None
    return (table.between - table.within) / table.between


def icc1_interval(table: OneWayAnova, size: GroupSize = "n0") -> Interval | None:
    """Return the 95 % interval of ICC(1) from the F distribution.

    ((F_L - 1)/(F_L + k - 1), (F_U - 1)/(F_U + k - 1)) with F_L = F / F(.975; J-1, N-J)
    and F_U = F * F(.975; N-J, J-1). Exact for groups of one size.
    """
    if table.within <= 0:
        return None
    (low, high), k = _f_bounds(table), table.size(size)
    return Interval((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def icc2_interval(table: OneWayAnova) -> Interval | None:
    """Return the 95 % interval of ICC(2): 1 - 1/F_L to 1 - 1/F_U.

    F_L and F_U are those of `icc1_interval`, whose ends, stepped up to a group of k,
    are these. Exact for groups of one size. Reference: Shrout and Fleiss 1979.

    Returns:
        None without variance within groups, or between them.
    """
    if table.within <= 0 or table.between <= 0:
        return None
    low, high = _f_bounds(table)
    return Interval(1 - 1 / low, 1 - 1 / high)


def _f_bounds(table: OneWayAnova) -> tuple[float, float]:
    """Return F_L and F_U."""
    df1, df2, p = table.groups - 1, table.people - table.groups, (1 + CONFIDENCE) / 2
    return table.f / f_quantile(p, df1, df2), table.f * f_quantile(p, df2, df1)


def mean_reliability(icc: float, n: Floats) -> Floats:
    """Return lambda_j = n_j ICC/(1 + (n_j - 1) ICC), the reliability of group means.

    Args:
        icc: ICC(1); a negative one counts as 0.
        n: (J,) people per group.
    """
    positive = max(icc, 0.0)
    return np.asarray(n * positive / (1 + (n - 1) * positive), dtype=np.float64)
