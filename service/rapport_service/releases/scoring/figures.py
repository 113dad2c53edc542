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

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.disclosure.tiers import Tier
from rapport_service.instrument.bank import Instrument
from rapport_service.releases.scoring.aggregation import (
    count_shown_items,
    statistics_layout,
)
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.stats.crisis_share import CrisisShare, crisis_share
from rapport_service.stats.finite_population import rotation_variance
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
    """What is pooled.

    Attributes:
        offsets: per construct, how far each item lies from the others; on the answer
            scale.
        dispersion: per construct and per item, c_0: how much people differ, as a share
            of the most that the scale allows.
        rotation: per construct, the variance that rotation gives one person's score;
            None while some pair of items has fewer than 50 people.
    """

    offsets: Mapping[Construct, Mapping[str, float]]
    dispersion: Mapping[str, float]
    rotation: Mapping[Construct, float | None]


def estimate_parameters(
    instrument: Instrument, root: SufficientStatistics | None
) -> OrganizationParameters:
    """Pools over an organization.

    Args:
        root: everybody's statistics; None where the root is not released, which leaves
            what measurement starts from: no offsets, the usual dispersion, no
            allowance for rotation.
    """
    shown = {name: count_shown_items(instrument, name) for name in CONSTRUCTS}
    items = [instrument.anchor.id, *(item.id for item in instrument.items)]
    start: dict[str, float] = dict.fromkeys(items, START_DISPERSION[1])
    start |= {name: START_DISPERSION[shown[name]] for name in CONSTRUCTS}
    shift = _offsets(instrument, root)
    if root is None:
        return OrganizationParameters(shift, start, dict.fromkeys(CONSTRUCTS))
    scores = {item: item_score(root, item) for item in items}
    scores |= {name: ratio_estimate(root, name, shift[name]) for name in CONSTRUCTS}
    return OrganizationParameters(
        offsets=shift,
        dispersion={
            name: _dispersion(score, instrument.scale, start[name])
            for name, score in scores.items()
        },
        rotation={
            name: rotation_variance(root, name, shown[name]) for name in CONSTRUCTS
        },
    )


def item_score(block: SufficientStatistics, item: str) -> ScoreEstimate:
    """The score of a single question, which has no offset."""
    return ratio_estimate(block, item, {item: 0.0})


def _offsets(
    instrument: Instrument, root: SufficientStatistics | None
) -> dict[Construct, Mapping[str, float]]:
    """Each construct's offsets; all 0 while any item of the bank has few answers."""
    if root is not None:
        bank = root.layout.columns("overall")
        if root.pairs.diagonal()[bank].min() >= MIN_ANSWERS_PER_ITEM:
            return {name: offsets(root, name) for name in CONSTRUCTS}
    groups = statistics_layout(instrument).groups
    return {name: dict.fromkeys(groups[name], 0.0) for name in CONSTRUCTS}


def _dispersion(score: ScoreEstimate, categories: int, start: float) -> float:
    """The root's own dispersion, unless too few people tell it."""
    known = [score] if score.n >= MIN_ANSWERS_PER_ITEM else []
    return pooled_dispersion(known, categories, start)


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
    def score(self) -> ScoreEstimate:
        """The figure as `measure` takes it."""
        return ScoreEstimate(self.n, self.answers, self.theta, self.se)


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
    score: ScoreEstimate,
    pooled: OrganizationParameters,
) -> Figure:
    error = moderated_se(score, block.layout.categories, pooled.dispersion[group])
    percent = favourable_percent(block, group)
    if score.theta is None or error is None or percent is None:
        raise ValueError("a group is released without an answer")
    return Figure(score.n, score.answers, score.theta, score.se, error, percent)
