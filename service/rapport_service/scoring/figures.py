"""The figures of a released group before any rounding: kept for later waves.

No route reads them. They hold sums over at least k people and nothing finer.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from rapport_service.disclosure.presentation import CONSTRUCTS, Construct
from rapport_service.disclosure.tiers import Tier
from rapport_service.measure.block import Block
from rapport_service.measure.dose import Dose, dose
from rapport_service.measure.intervals import moderated_se
from rapport_service.measure.scores import Score, favourable, ratio
from rapport_service.scoring.allowed import Allowed
from rapport_service.scoring.pooled import Pooled, item_score


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
    dose: Dose | None

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
            dose=None if kept["dose"] is None else Dose(**kept["dose"]),
        )


def figures(
    node: str, block: Block, eligible: int, allowed: Allowed, pooled: Pooled
) -> Figures:
    """The figures of a group that is released.

    Args:
        block: everybody at or below the node.
        eligible: N.
    """
    return Figures(
        tier=allowed.tiers.tier_of(node),
        n={
            name: block.respondents_of(name)
            for name in ("any", "trust", "communication")
        },
        eligible=eligible,
        constructs={
            name: _figure(block, name, ratio(block, name, pooled.offsets[name]), pooled)
            for name in CONSTRUCTS
        },
        items={
            item: _figure(block, item, item_score(block, item), pooled)
            for item in block.layout.items
        }
        if node in allowed.items
        else None,
        dose=dose(block) if node in allowed.tapped else None,
    )


def _figure(block: Block, group: str, score: Score, pooled: Pooled) -> Figure:
    error = moderated_se(score, block.layout.categories, pooled.dispersion[group])
    percent = favourable(block, group)
    if score.theta is None or error is None or percent is None:
        raise ValueError("a group is released without an answer")
    return Figure(score.n, score.answers, score.theta, score.se, error, percent)
