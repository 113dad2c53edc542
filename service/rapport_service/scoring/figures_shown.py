"""What a document shows of one group: each figure by its tier, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport_service.disclosure.bands import (
    least_percent,
    participation_band,
    respondents_band,
    tipping_point,
)
from rapport_service.disclosure.presentation import (
    CONSTRUCTS,
    Agreement,
    Change,
    Construct,
    ShownFigure,
    ShownInterval,
    ShownItem,
    ShownTrend,
    coarse_share,
    outward,
    rounded,
)
from rapport_service.explanation.score import Shown
from rapport_service.measure.intervals import score_interval
from rapport_service.measure.scores import hundred
from rapport_service.scoring.as_shown import AsShown, observed
from rapport_service.scoring.beside_others import Beside
from rapport_service.scoring.figures import Figure, Figures
from rapport_service.scoring.pooled import Pooled


@dataclass(frozen=True)
class Companions:
    """What stands beside a group's scores, where its tier and the counts allow it."""

    changes: Mapping[Construct, Change | None]
    trends: Mapping[Construct, ShownTrend] = field(default_factory=dict)
    beside: Mapping[Construct, Beside] = field(default_factory=dict)
    agreement: Agreement | None = None


def shown(
    figures: Figures, companions: Companions, pooled: Pooled, categories: int
) -> Shown:
    """Everything that a document says of a group, in numbers and bands."""
    n = figures.n["any"]
    participation = participation_band(n, figures.eligible)
    figure = _fine if figures.tier == "fine" else _coarse
    return {
        "tier": figures.tier,
        "respondents": respondents_band(n),
        "participation": participation,
        "tipping_point": tipping_point(participation),
        "constructs": {
            name: figure(figures, name, companions, pooled, categories)
            for name in CONSTRUCTS
        },
        "agreement": companions.agreement,
        "items": None
        if figures.items is None
        else {
            item: _item(figures, item, one, pooled, categories)
            for item, one in figures.items.items()
        },
        "dose": None
        if figures.dose is None
        else coarse_share(100 * figures.dose.share),
    }


def _coarse(
    figures: Figures,
    name: Construct,
    companions: Companions,
    pooled: Pooled,
    categories: int,
) -> ShownFigure:
    seen = AsShown.of(figures, name, categories)
    return {
        "score": seen.score,
        "bound": seen.bound,
        "interval": seen.interval(pooled, name, categories),
        "change": companions.changes[name],
        "favourable": None,
        "trend": None,
        "steadied": None,
        "against_organization": None,
    }


def _fine(
    figures: Figures,
    name: Construct,
    companions: Companions,
    pooled: Pooled,
    categories: int,
) -> ShownFigure:
    figure, beside = figures.constructs[name], companions.beside.get(name)
    rotation = pooled.rotation[name]
    return {
        "score": rounded(hundred(figure.theta, categories)),
        "bound": None,
        "interval": _interval(
            figures, figure, pooled.dispersion[name], rotation, categories
        ),
        "change": companions.changes[name],
        "favourable": rounded(figure.favourable),
        "trend": companions.trends.get(name),
        "steadied": None if beside is None else beside.steadied,
        "against_organization": None if beside is None else beside.against_organization,
    }


def _item(
    figures: Figures, item: str, figure: Figure, pooled: Pooled, categories: int
) -> ShownItem:
    return {
        "score": rounded(hundred(figure.theta, categories)),
        "interval": _interval(figures, figure, pooled.dispersion[item], 0, categories),
        "favourable": rounded(figure.favourable),
    }


def _interval(
    figures: Figures,
    figure: Figure,
    dispersion: float,
    rotation: float | None,
    categories: int,
) -> ShownInterval:
    """The fine interval: what this group said in this wave, ends rounded outward."""
    people = figures.n["any"]
    percent = least_percent(participation_band(people, figures.eligible))
    census = observed(people, percent, rotation)
    found = score_interval(figure.score, categories, dispersion, census)
    if found is None:
        raise ValueError("a score that is shown has an interval")
    return outward(hundred(found.low, categories), hundred(found.high, categories))
