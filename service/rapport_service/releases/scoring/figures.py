"""The figures of a released group before any rounding: kept for later waves.

No route reads them. They hold sums over at least k people and nothing finer.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.disclosure.tiers import Tier
from rapport_service.releases.scoring.organization_parameters import (
    OrganizationParameters,
    item_score,
)
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.stats.crisis_share import CrisisShare, crisis_share
from rapport_service.stats.intervals import moderated_se
from rapport_service.stats.scores import Score, favourable, ratio_estimate
from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class Figure:
    """A group's figures on one construct or one question.

    Attributes:
        n: people with a valid answer to it.
        answers: their valid answers.
        theta: the score, on the answer scale.
        se: its standard error, on that scale, without finite-population factor; None
            below two people.
        moderated_se: the same, never zero: for change, trend and comparison.
        favourable: percent of favourable answers.
    """

    n: int
    answers: int
    theta: float
    se: float | None
    moderated_se: float
    favourable: float

    @property
    def score(self) -> Score:
        """The figure as `measure` takes it."""
        return Score(self.n, self.answers, self.theta, self.se)


@dataclass(frozen=True)
class Figures:
    """All figures of a released group in one wave.

    Attributes:
        tier: in which it was shown.
        n: people with a valid answer to anything, to trust, to communication.
        eligible: N, who could have answered.
        items: per question; None where they may not be shown.
        dose: of the context tap; None where it may not be shown.
    """

    tier: Tier
    n: Mapping[str, int]
    eligible: int
    constructs: Mapping[Construct, Figure]
    items: Mapping[str, Figure] | None
    dose: CrisisShare | None

    def dump(self) -> str:
        """The figures as text, to be kept."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """The figures that `dump` wrote as this text."""
        kept = json.loads(text)
        items = kept["items"]
        return cls(
            tier=kept["tier"],
            n=kept["n"],
            eligible=kept["eligible"],
            constructs={n: Figure(**f) for n, f in kept["constructs"].items()},
            items=items and {item: Figure(**f) for item, f in items.items()},
            dose=None if kept["dose"] is None else CrisisShare(**kept["dose"]),
        )


def compute_figures(
    node: str,
    block: SufficientStatistics,
    eligible: int,
    plan: ReleasePlan,
    parameters: OrganizationParameters,
) -> Figures:
    """The figures of a group that is released.

    Args:
        block: everybody at or below the node.
        eligible: N.
    """
    return Figures(
        tier=plan.tiers.tier_of(node),
        n={
            name: block.respondents_of(name)
            for name in ("any", "trust", "communication")
        },
        eligible=eligible,
        constructs={
            name: _compute_figure(
                block,
                name,
                ratio_estimate(block, name, parameters.offsets[name]),
                parameters,
            )
            for name in CONSTRUCTS
        },
        items={
            item: _compute_figure(block, item, item_score(block, item), parameters)
            for item in block.layout.items
        }
        if node in plan.items
        else None,
        dose=crisis_share(block) if node in plan.context else None,
    )


def _compute_figure(
    block: SufficientStatistics,
    group: str,
    score: Score,
    pooled: OrganizationParameters,
) -> Figure:
    error = moderated_se(score, block.layout.categories, pooled.dispersion[group])
    percent = favourable(block, group)
    if score.theta is None or error is None or percent is None:
        raise ValueError("a group is released without an answer")
    return Figure(score.n, score.answers, score.theta, score.se, error, percent)
