"""Score documents: the figures of each group by its tier, rounded, in bands.

A coarse score is rounded because few people made it. An interval or an arrow computed
from the score before rounding would take the rounding back: its middle lies at the
hidden score, and its width tells how alike the answers were. So for a coarse group both
are functions of scores as shown, of a usual number for each of its two bands, and of
what is pooled over the whole organization: dispersion and rotation. They tell a reader
nothing else about the group.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from rapport_schemas.enums import DOCUMENT_FORMAT, AgainstOrganization, Agreement, Bound
from rapport_service.charter.document import CharterTerms, team_reference
from rapport_service.disclosure.bands import (
    participation_band,
    respondents_band,
    tipping_point,
    usual_participation,
    usual_respondents,
)
from rapport_service.disclosure.rounding import (
    CONSTRUCTS,
    Construct,
    PublishedInterval,
    coarse_score,
    coarse_share,
    round_half_up,
    round_outward,
)
from rapport_service.disclosure.tiers import PublishedGroup
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative.reliability import ReliabilityReport
from rapport_service.narrative.reliability import explain as explain_reliability
from rapport_service.narrative.score import explain, explain_withheld
from rapport_service.narrative.score_figures import (
    PublishedFigure,
    PublishedItem,
    PublishedTrend,
    ScoreContent,
)
from rapport_service.releases.scoring.figures import (
    Figure,
    Figures,
    OrganizationParameters,
)
from rapport_service.releases.scoring.levels import GroupLevel
from rapport_service.stats.finite_population import Census
from rapport_service.stats.intervals import score_interval
from rapport_service.stats.scores import ScoreEstimate, to_points
from rapport_service.stats.trend import Window


@dataclass(frozen=True)
class CoarseFigure:
    """Construct of a coarse document.

    Attributes:
        score: points, a multiple of 5.
        bound: where the score was clamped.
        people: usual for the band of respondents, as `usual_respondents` has it.
        percent: usual for the band of participation.
    """

    score: int
    bound: Bound | None
    people: int
    percent: int

    @classmethod
    def of(cls, figures: Figures, name: Construct, categories: int) -> Self:
        """Return a construct of these figures as a coarse document shows it."""
        n = figures.n["any"]
        score, bound = coarse_score(
            to_points(figures.constructs[name].theta, categories)
        )
        return cls(
            score,
            bound,
            usual_respondents(respondents_band(n)),
            usual_participation(participation_band(n, figures.eligible)),
        )

    def interval(
        self, parameters: OrganizationParameters, name: Construct, categories: int
    ) -> PublishedInterval:
        """Return the interval around the score as shown, open where it was clamped."""
        dispersion = parameters.dispersion[name]
        census = observed_census(self.people, self.percent, parameters.rotation[name])
        ends = score_interval(self._score(categories), categories, dispersion, census)
        if ends is None:
            raise ValueError("a score that is shown has an interval")
        low, high = (to_points(end, categories) for end in (ends.low, ends.high))
        return round_outward(
            0 if self.bound == "at_most" else low,
            100 if self.bound == "at_least" else high,
        )

    def _score(self, categories: int) -> ScoreEstimate:
        theta = 1 + self.score * (categories - 1) / 100
        return ScoreEstimate(self.people, self.people, theta, None)


def observed_census(people: float, percent: float, rotation: float) -> Census | None:
    """Return the census of a group, with N as its band of participation suggests.

    From N itself an interval of no width would disclose that everybody answered.

    Args:
        people: who answered anything; of a coarse group usual for its band.
        percent: usual for the band of participation; 0 where nothing can be taken off.
        rotation: as a `Census` has it.
    """
    return Census(100 * people / percent, rotation) if percent else None


@dataclass(frozen=True)
class Comparisons:
    """Comparisons next to a group's scores, where its tier and the counts allow it."""

    levels: Mapping[Construct, GroupLevel]
    trends: Mapping[Construct, PublishedTrend] = field(default_factory=dict)
    organization: Mapping[Construct, AgainstOrganization] = field(default_factory=dict)
    agreement: Agreement | None = None


def present(
    figures: Figures,
    comparisons: Comparisons,
    parameters: OrganizationParameters,
    categories: int,
) -> ScoreContent:
    """Return the content of a group's document, in numbers and bands."""
    n = figures.n["any"]
    participation = participation_band(n, figures.eligible)
    present_figure = _present_fine if figures.tier == "fine" else _present_coarse
    return {
        "tier": figures.tier,
        "respondents": respondents_band(n),
        "participation": participation,
        "tipping_point": tipping_point(participation),
        "constructs": {
            name: present_figure(figures, name, comparisons, parameters, categories)
            for name in CONSTRUCTS
        },
        "agreement": comparisons.agreement,
        "items": None
        if figures.items is None
        else {
            item: _present_item(figures, item, figure, parameters, categories)
            for item, figure in figures.items.items()
        },
        "crisis_percent": None
        if figures.crisis_share is None
        else coarse_share(100 * figures.crisis_share.share),
    }


def _present_coarse(
    figures: Figures,
    name: Construct,
    comparisons: Comparisons,
    parameters: OrganizationParameters,
    categories: int,
) -> PublishedFigure:
    coarse = CoarseFigure.of(figures, name, categories)
    return {
        "score": coarse.score,
        "bound": coarse.bound,
        "interval": coarse.interval(parameters, name, categories),
        "level": comparisons.levels[name].level,
        "change": comparisons.levels[name].change,
        "two_wave_change": comparisons.levels[name].two_wave_change,
        "favourable": None,
        "trend": None,
        "against_organization": None,
    }


def _present_fine(
    figures: Figures,
    name: Construct,
    comparisons: Comparisons,
    parameters: OrganizationParameters,
    categories: int,
) -> PublishedFigure:
    figure = figures.constructs[name]
    rotation = parameters.rotation[name]
    return {
        "score": round_half_up(to_points(figure.theta, categories)),
        "bound": None,
        "interval": _fine_interval(
            figures, figure, parameters.dispersion[name], rotation, categories
        ),
        "level": comparisons.levels[name].level,
        "change": comparisons.levels[name].change,
        "two_wave_change": comparisons.levels[name].two_wave_change,
        "favourable": round_half_up(figure.favourable),
        "trend": comparisons.trends.get(name),
        "against_organization": comparisons.organization.get(name),
    }


def _present_item(
    figures: Figures,
    item: str,
    figure: Figure,
    parameters: OrganizationParameters,
    categories: int,
) -> PublishedItem:
    return {
        "score": round_half_up(to_points(figure.theta, categories)),
        "interval": _fine_interval(
            figures, figure, parameters.dispersion[item], 0, categories
        ),
        "favourable": round_half_up(figure.favourable),
    }


def _fine_interval(
    figures: Figures,
    figure: Figure,
    dispersion: float,
    rotation: float,
    categories: int,
) -> PublishedInterval:
    """Return the fine interval, about this wave alone, with ends rounded outward."""
    people = figures.n["any"]
    percent = usual_participation(participation_band(people, figures.eligible))
    census = observed_census(people, percent, rotation)
    ends = score_interval(figure.score, categories, dispersion, census)
    if ends is None:
        raise ValueError("a score that is shown has an interval")
    return round_outward(
        to_points(ends.low, categories), to_points(ends.high, categories)
    )


@dataclass(frozen=True)
class ReleaseContext:
    """Wave that a release is of.

    Attributes:
        wave_id: the wave's public id.
        window: when it could be answered.
    """

    wave_id: str
    window: Window


def write_score_document(
    context: ReleaseContext,
    charter: CharterTerms,
    node: str,
    presented: PublishedGroup,
    contents: Mapping[str, ScoreContent],
    *,
    pilot: bool,
) -> bytes:
    """Return the score document of one team.

    Args:
        node: the team.
        presented: the group whose figures it is given, if any.
        contents: the published content of each released group.
        pilot: whether the questions have not been checked over pooled waves yet.
    """
    teams = {str(each.team_id): each for each in charter.nodes}
    document: dict[str, object] = {
        "format": DOCUMENT_FORMAT,
        "status": presented.status,
        "team": team_reference(teams[node]),
        **_release_header(context),
    }
    if presented.source is None:
        document["explanation"] = explain_withheld()
    else:
        source_name = None
        if presented.source != node:
            source = teams[presented.source]
            source_name = source.name
            document["source_team"] = team_reference(source)
        figures = contents[presented.source]
        document |= figures
        document["explanation"] = explain(
            figures,
            source_name,
            of_teams=any(str(each.parent_id) == node for each in charter.nodes),
            pilot=pilot,
        )
    return _dump(document)


def write_reliability_report(
    context: ReleaseContext, report: ReliabilityReport
) -> bytes:
    """Return the organization's reliability report."""
    return _dump(
        {
            "format": DOCUMENT_FORMAT,
            **_release_header(context),
            **report,
            "explanation": explain_reliability(report),
        }
    )


def _release_header(context: ReleaseContext) -> dict[str, object]:
    return {
        "wave_id": context.wave_id,
        "release": 1,
        "opens_at": format_utc(context.window.opens_at),
        "closes_at": format_utc(context.window.closes_at),
    }


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
