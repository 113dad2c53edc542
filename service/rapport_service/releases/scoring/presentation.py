"""What a document shows of one group: each figure by its tier, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport_service.disclosure.bands import (
    min_of_participation_band,
    participation_band,
    respondents_band,
    tipping_point,
)
from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    Construct,
    ShownInterval,
    coarse_share,
    round_half_up,
    round_outward,
)
from rapport_service.narrative.score import (
    Agreement,
    Change,
    ScoreContent,
    ShownFigure,
    ShownItem,
    ShownTrend,
)
from rapport_service.releases.scoring.coarse_figures import (
    CoarseFigure,
    observed_census,
)
from rapport_service.releases.scoring.comparison import OrganizationComparison
from rapport_service.releases.scoring.figures import Figure, Figures
from rapport_service.releases.scoring.organization_parameters import (
    OrganizationParameters,
)
from rapport_service.stats.intervals import score_interval
from rapport_service.stats.scores import to_points


@dataclass(frozen=True)
class Comparisons:
    """What stands beside a group's scores, where its tier and the counts allow it."""

    changes: Mapping[Construct, Change | None]
    trends: Mapping[Construct, ShownTrend] = field(default_factory=dict)
    organization: Mapping[Construct, OrganizationComparison] = field(
        default_factory=dict
    )
    agreement: Agreement | None = None


def present(
    figures: Figures,
    comparisons: Comparisons,
    parameters: OrganizationParameters,
    categories: int,
) -> ScoreContent:
    """Everything that a document says of a group, in numbers and bands."""
    n = figures.n["any"]
    participation = participation_band(n, figures.eligible)
    figure = _present_fine if figures.tier == "fine" else _present_coarse
    return {
        "tier": figures.tier,
        "respondents": respondents_band(n),
        "participation": participation,
        "tipping_point": tipping_point(participation),
        "constructs": {
            name: figure(figures, name, comparisons, parameters, categories)
            for name in CONSTRUCTS
        },
        "agreement": comparisons.agreement,
        "items": None
        if figures.items is None
        else {
            item: _present_item(figures, item, one, parameters, categories)
            for item, one in figures.items.items()
        },
        "dose": None
        if figures.dose is None
        else coarse_share(100 * figures.dose.share),
    }


def _present_coarse(
    figures: Figures,
    name: Construct,
    companions: Comparisons,
    pooled: OrganizationParameters,
    categories: int,
) -> ShownFigure:
    seen = CoarseFigure.of(figures, name, categories)
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


def _present_fine(
    figures: Figures,
    name: Construct,
    companions: Comparisons,
    pooled: OrganizationParameters,
    categories: int,
) -> ShownFigure:
    figure, beside = figures.constructs[name], companions.organization.get(name)
    rotation = pooled.rotation[name]
    return {
        "score": round_half_up(to_points(figure.theta, categories)),
        "bound": None,
        "interval": _fine_interval(
            figures, figure, pooled.dispersion[name], rotation, categories
        ),
        "change": companions.changes[name],
        "favourable": round_half_up(figure.favourable),
        "trend": companions.trends.get(name),
        "steadied": None if beside is None else beside.steadied,
        "against_organization": None if beside is None else beside.against_organization,
    }


def _present_item(
    figures: Figures,
    item: str,
    figure: Figure,
    pooled: OrganizationParameters,
    categories: int,
) -> ShownItem:
    return {
        "score": round_half_up(to_points(figure.theta, categories)),
        "interval": _fine_interval(
            figures, figure, pooled.dispersion[item], 0, categories
        ),
        "favourable": round_half_up(figure.favourable),
    }


def _fine_interval(
    figures: Figures,
    figure: Figure,
    dispersion: float,
    rotation: float | None,
    categories: int,
) -> ShownInterval:
    """The fine interval: what this group said in this wave, ends rounded outward."""
    people = figures.n["any"]
    percent = min_of_participation_band(participation_band(people, figures.eligible))
    census = observed_census(people, percent, rotation)
    found = score_interval(figure.score, categories, dispersion, census)
    if found is None:
        raise ValueError("a score that is shown has an interval")
    return round_outward(
        to_points(found.low, categories), to_points(found.high, categories)
    )
