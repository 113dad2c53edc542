"""What a comparison of groups needs to know of each: size, mean, spread within."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from rapport_service.stats.covariances import Floats
from rapport_service.stats.scores import Score


@dataclass(frozen=True, eq=False)
class Groups:
    """J groups of people with one figure each; no group is empty.

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
    def from_scores(cls, scores: Iterable[Score]) -> Self:
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
