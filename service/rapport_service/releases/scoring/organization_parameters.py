"""What every group's figures borrow from the whole organization.

Reckoned once, at release 1, from the root alone and only if the root is released: what
is not shown of the root must not be read off its teams.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.instrument.bank import Instrument
from rapport_service.releases.scoring.aggregation import (
    count_shown_items,
    statistics_layout,
)
from rapport_service.stats.dispersion import START_DISPERSION, pooled_dispersion
from rapport_service.stats.finite_population import rotation_variance
from rapport_service.stats.scores import (
    MIN_ANSWERS_PER_ITEM,
    Score,
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


def item_score(block: SufficientStatistics, item: str) -> Score:
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


def _dispersion(score: Score, categories: int, start: float) -> float:
    """The root's own dispersion, unless too few people tell it."""
    known = [score] if score.n >= MIN_ANSWERS_PER_ITEM else []
    return pooled_dispersion(known, categories, start)
