"""Figures of a released group before any rounding: kept for later waves.

No route reads them. They hold sums over at least k people and nothing finer. They
borrow parameters from the whole organization, estimated once, at release 1, from the
root alone and only if the root is released: what is not shown of the root must not be
read off its teams.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from rapport_schemas.enums import Tier
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.instrument.bank import Instrument
from rapport_service.releases.scoring.aggregation import (
    count_shown_items,
    statistics_layout,
)
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.stats.crisis_share import CrisisShare, crisis_share
from rapport_service.stats.finite_population import START_ROTATION, rotation_variance
from rapport_service.stats.intervals import (
    START_DISPERSION,
    moderated_se,
    pooled_dispersion,
)
from rapport_service.stats.scores import (
    MIN_ANSWERS_PER_ITEM,
    ScoreEstimate,
    favourable_percent,
    offsets,
    ratio_estimate,
)
from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class OrganizationParameters:
    """Parameters that the figures of all groups borrow.

    Attributes:
        offsets: per construct, how far each item lies from the others; on the answer
            scale.
        dispersion: per construct and per item, c_0: how much people differ, as a share
            of the most that the scale allows.
        rotation: per construct, the variance that rotation gives one person's score.
    """

    offsets: Mapping[Construct, Mapping[str, float]]
    dispersion: Mapping[str, float]
    rotation: Mapping[Construct, float]


def estimate_parameters(
    instrument: Instrument,
    root: SufficientStatistics | None,
    pooled_root: SufficientStatistics | None,
) -> OrganizationParameters:
    """Estimate the parameters from a whole organization.

    Args:
        root: everybody's statistics; None where the root is not released, which leaves
            the start values: no offsets, the usual dispersion and rotation.
        pooled_root: the same, pooled over the waves of a cycle.
    """
    shown = {name: count_shown_items(instrument, name) for name in CONSTRUCTS}
    items = [instrument.anchor.id, *(item.id for item in instrument.items)]
    start: dict[str, float] = dict.fromkeys(items, START_DISPERSION[1])
    start |= {name: START_DISPERSION[shown[name]] for name in CONSTRUCTS}
    shifts = _offsets(instrument, root)
    rotation = {
        name: rotation_variance(pooled_root, name, shown[name], START_ROTATION[name])
        for name in CONSTRUCTS
    }
    if root is None:
        return OrganizationParameters(shifts, start, rotation)
    scores = {item: item_score(root, item) for item in items}
    scores |= {name: ratio_estimate(root, name, shifts[name]) for name in CONSTRUCTS}
    return OrganizationParameters(
        offsets=shifts,
        dispersion={
            name: _dispersion(score, instrument.scale, start[name])
            for name, score in scores.items()
        },
        rotation=rotation,
    )


def item_score(statistics: SufficientStatistics, item: str) -> ScoreEstimate:
    """Return the score of a single question, which has no offset."""
    return ratio_estimate(statistics, item, {item: 0.0})


def _offsets(
    instrument: Instrument, root: SufficientStatistics | None
) -> dict[Construct, Mapping[str, float]]:
    """Return each construct's offsets; all 0 while any item has few answers."""
    if root is not None:
        bank = root.layout.columns("overall")
        if root.pairs.diagonal()[bank].min() >= MIN_ANSWERS_PER_ITEM:
            return {name: offsets(root, name) for name in CONSTRUCTS}
    groups = statistics_layout(instrument).groups
    return {name: dict.fromkeys(groups[name], 0.0) for name in CONSTRUCTS}


def _dispersion(score: ScoreEstimate, categories: int, start: float) -> float:
    """Return the root's own dispersion, unless it rests on too few people."""
    known = [score] if score.n >= MIN_ANSWERS_PER_ITEM else []
    return pooled_dispersion(known, categories, start)


@dataclass(frozen=True)
class Figure:
    """Figures of a group on one construct or one question.

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
    def score(self) -> ScoreEstimate:
        """The figure as an estimate, for the statistics."""
        return ScoreEstimate(self.n, self.answers, self.theta, self.se)


@dataclass(frozen=True)
class Figures:
    """Figures of a released group in one wave.

    Attributes:
        tier: in which it was shown.
        n: people with a valid answer to anything, to trust, to communication.
        eligible: N, who could have answered.
        items: per question; None where they may not be shown.
        crisis_share: the crisis share; None where it may not be shown.
    """

    tier: Tier
    n: Mapping[str, int]
    eligible: int
    constructs: Mapping[Construct, Figure]
    items: Mapping[str, Figure] | None
    crisis_share: CrisisShare | None

    def dump(self) -> str:
        """Return the figures as JSON, to be stored."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """Return the figures that `dump` wrote as this text."""
        stored = json.loads(text)
        items = stored["items"]
        return cls(
            tier=stored["tier"],
            n=stored["n"],
            eligible=stored["eligible"],
            constructs={n: Figure(**f) for n, f in stored["constructs"].items()},
            items=items and {item: Figure(**f) for item, f in items.items()},
            crisis_share=None
            if stored["crisis_share"] is None
            else CrisisShare(**stored["crisis_share"]),
        )


def compute_figures(
    node: str,
    statistics: SufficientStatistics,
    eligible: int,
    plan: ReleasePlan,
    parameters: OrganizationParameters,
) -> Figures:
    """Compute the figures of a group that is released.

    Args:
        statistics: everybody at or below the node.
        eligible: N.
    """
    return Figures(
        tier=plan.tiers.tier_of(node),
        n={
            name: statistics.respondents_of(name)
            for name in ("any", "trust", "communication")
        },
        eligible=eligible,
        constructs={
            name: _compute_figure(
                statistics,
                name,
                ratio_estimate(statistics, name, parameters.offsets[name]),
                parameters,
            )
            for name in CONSTRUCTS
        },
        items={
            item: _compute_figure(
                statistics, item, item_score(statistics, item), parameters
            )
            for item in statistics.layout.items
        }
        if node in plan.items
        else None,
        crisis_share=crisis_share(statistics) if node in plan.context else None,
    )


def _compute_figure(
    statistics: SufficientStatistics,
    group: str,
    score: ScoreEstimate,
    parameters: OrganizationParameters,
) -> Figure:
    error = moderated_se(
        score, statistics.layout.categories, parameters.dispersion[group]
    )
    percent = favourable_percent(statistics, group)
    if score.theta is None or error is None or percent is None:
        raise ValueError("a group is released without an answer")
    return Figure(score.n, score.answers, score.theta, score.se, error, percent)
