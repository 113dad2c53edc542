"""Reliability report of an organization: do the questions measure what they should?

Scales are judged over the root's answers of up to five waves, since one person answers
two questions of a construct at a time and each pair of them needs fifty people. Teams
are compared in this wave, and only fine groups that share nobody, so that the report
tells nothing of a group that its own document does not tell.

Under rotation a question has few answers in one team and wave, so agreement on the
questions of a construct is taken over the pooled waves, and on the anchor, which
everybody sees, in this wave.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from uuid import UUID

import numpy as np

from rapport_service.disclosure.bands import RESPONDENT_BANDS, min_of_respondents_band
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.disclosure.tree import Tree
from rapport_service.instrument.bank import Instrument
from rapport_service.narrative.reliability import (
    AgreementCheck,
    ItemCheck,
    Range,
    ReliabilityReport,
    ScaleCheck,
    TeamCheck,
    is_checked,
)
from rapport_service.releases.scoring.aggregation import count_shown_items
from rapport_service.releases.scoring.comparison import MIN_GROUPS
from rapport_service.releases.scoring.figures import Figure, Figures
from rapport_service.releases.scoring.release_plan import ReleasePlan
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.agreement.consensus import consensus
from rapport_service.stats.agreement.indices import (
    a_wg,
    ad_mean,
    item_variance,
    mean_of_items,
    r_star,
    r_wg_j,
    uniform_variance,
)
from rapport_service.stats.icc import (
    MIN_RELIABLE_GROUPS,
    Groups,
    icc1,
    icc1_interval,
    icc2,
    icc2_interval,
    mean_reliability,
    one_way_anova,
)
from rapport_service.stats.intervals import Interval
from rapport_service.stats.reliability import ScaleReliability, assess_scale
from rapport_service.stats.sufficient_statistics import SufficientStatistics

MAX_POOLED_WAVES = 5
"""Waves in which forms show everybody every question once, on average."""

TARGET_PEOPLE_PER_PAIR = 200
"""People a pair of questions from which on no further wave is pooled."""

AggregatedWave = tuple[ScoredWave, Mapping[UUID, SufficientStatistics]]
"""Wave with the statistics of each node's own ballots."""


@dataclass(frozen=True)
class PoolingWindow:
    """Pooled waves that a reliability report is computed from.

    Attributes:
        waves: public ids of the waves that are pooled, the oldest first.
        root: everybody's statistics over these waves. A person who answered in several
            counts once in each: waves are never linked.
        teams: of each fine group that shares nobody, its statistics over those of the
            waves in which it was fine.
        anchor_teams: its statistics of the groups whose agreement on the anchor may be
            shown.
    """

    waves: Sequence[str]
    root: SufficientStatistics
    teams: Sequence[SufficientStatistics]
    anchor_teams: Sequence[SufficientStatistics]


def pool_waves(
    tree: Tree,
    plan: ReleasePlan,
    total: Mapping[str, SufficientStatistics],
    wave_id: str,
    earlier: Iterable[AggregatedWave],
) -> PoolingWindow:
    """Pool the newest wave with earlier ones, over the tree as it is now.

    Args:
        total: the newest wave's statistics at each node and below.
        wave_id: the newest wave's public id.
        earlier: waves whose root was released, the newest first. No more of them are
            taken than it needs, as each may have to be read from millions of rows.
    """
    root, waves = total[tree.root], [wave_id]
    teams = {leaf: total[leaf] for leaf in plan.leaves}
    inside = {leaf: {UUID(node) for node in tree.subtree(leaf)} for leaf in teams}
    remaining = iter(earlier)
    while (
        len(waves) < MAX_POOLED_WAVES
        and min_people_per_pair(root) < TARGET_PEOPLE_PER_PAIR
    ):
        next_wave = next(remaining, None)
        if next_wave is None:
            break
        wave, own = next_wave
        waves.append(wave.id)
        root = reduce(add, own.values(), root)
        for leaf, nodes in inside.items():
            if wave.is_fine(leaf):
                members = (
                    statistics for node, statistics in own.items() if node in nodes
                )
                teams[leaf] = reduce(add, members, teams[leaf])
    return PoolingWindow(
        waves=waves[::-1],
        root=root,
        teams=list(teams.values()),
        anchor_teams=[total[leaf] for leaf in teams if leaf in plan.anchor],
    )


def min_people_per_pair(statistics: SufficientStatistics) -> int:
    """Return the people who answered both questions of the rarest pair."""
    bank = statistics.layout.columns("overall")
    return int(statistics.pairs[np.ix_(bank, bank)].min())


def summarize_agreement(
    instrument: Instrument,
    teams: Sequence[SufficientStatistics],
    anchor_teams: Sequence[SufficientStatistics],
) -> dict[str, AgreementCheck | None]:
    """Return the agreement on each construct and on the anchor; None below three teams.

    Args:
        teams: statistics of teams that share nobody, over the pooled waves.
        anchor_teams: statistics in this wave of those whose agreement may be shown.
    """
    constructs: dict[str, AgreementCheck | None] = {
        name: _construct_agreement(teams, name) for name in CONSTRUCTS
    }
    anchor = _anchor_agreement(anchor_teams, instrument.anchor.id)
    return {**constructs, "anchor": anchor}


def _construct_agreement(
    teams: Sequence[SufficientStatistics], name: str
) -> AgreementCheck | None:
    if len(teams) < MIN_GROUPS:
        return None
    layout = teams[0].layout
    null = uniform_variance(layout.categories)
    histograms = [team.histogram[layout.columns(name)] for team in teams]
    variances = [[item_variance(item) for item in items] for items in histograms]
    return {
        "teams": len(teams),
        "clear": None,
        "r_wg": _mean(r_wg_j(items, null) for items in variances),
        "r_star": _mean(r_star(items, null) for items in variances),
        "a_wg": _mean(mean_of_items(map(a_wg, items)) for items in histograms),
        "ad": _mean(mean_of_items(map(ad_mean, items)) for items in histograms),
    }


def _anchor_agreement(
    teams: Sequence[SufficientStatistics], anchor: str
) -> AgreementCheck | None:
    by_team = [own for team in teams if (own := consensus(team, anchor)) is not None]
    if len(by_team) < MIN_GROUPS:
        return None
    return {
        "teams": len(by_team),
        "clear": sum(own.is_clear for own in by_team),
        "r_wg": _mean(own.r_wg for own in by_team),
        "r_star": _mean(own.r_star for own in by_team),
        "a_wg": _mean(own.a_wg for own in by_team),
        "ad": _mean(own.ad_mean for own in by_team),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    mean = mean_of_items(values)
    return None if mean is None else round(mean, 2)


TEAM_SIZES = tuple(map(min_of_respondents_band, RESPONDENT_BANDS))
"""Low ends of the bands of respondents."""


def build_reliability_report(
    instrument: Instrument, window: PoolingWindow, now: Sequence[Figures]
) -> ReliabilityReport:
    """Return the report, rounded as it is published.

    Args:
        window: the pooled waves.
        now: the newest wave's figures of the fine groups that share nobody.
    """
    scales = {name: _check_scale(instrument, window.root, name) for name in CONSTRUCTS}
    return {
        "wave_ids": list(window.waves),
        "checked": is_checked(scales),
        "scales": scales,
        "teams": {
            name: _check_teams([figures.constructs[name] for figures in now])
            for name in CONSTRUCTS
        },
        "agreement": summarize_agreement(instrument, window.teams, window.anchor_teams),
    }


def _check_scale(
    instrument: Instrument, root: SufficientStatistics, name: Construct
) -> ScaleCheck | None:
    reversed_items = {item.id for item in instrument.items if item.reversed}
    items = root.layout.groups[name]
    scale = assess_scale(
        root,
        name,
        count_shown_items(instrument, name),
        reversed_items.intersection(items),
    )
    if scale is None or scale.gates is None:
        return None
    weak = {*scale.gates.weak_items, *scale.gates.dropped_items}
    return {
        "verdict": "holds" if scale.gates.passed else "doubtful",
        "people_per_pair": "200+"
        if scale.people >= TARGET_PEOPLE_PER_PAIR
        else "50-199",
        "alpha": round(scale.alpha, 2),
        "alpha_interval": _range(scale.alpha_interval),
        "omega": round(scale.omega, 2),
        "shown_items_reliability": round(scale.shown_items_reliability, 2),
        "approximate": scale.clipped or scale.heywood,
        "items": _check_items(scale),
        "weak_items": [scale.items[place] for place in sorted(weak)],
    }


def _check_items(scale: ScaleReliability) -> dict[str, ItemCheck]:
    return {
        item: {
            "item_rest": None if rest is None else round(rest, 2),
            "loading": round(loading, 2),
        }
        for item, rest, loading in zip(
            scale.items, scale.item_rest, scale.loadings, strict=True
        )
    }


def _check_teams(figures: Sequence[Figure]) -> TeamCheck | None:
    if len(figures) < MIN_GROUPS:
        return None
    groups = Groups.from_scores(figure.score for figure in figures)
    table = one_way_anova(groups)
    share = None if table is None else icc1(table)
    if table is None or share is None:
        return None
    average = icc2(table)
    sizes = np.array(TEAM_SIZES, dtype=np.float64)
    return {
        "teams": groups.count,
        "small_sample": groups.count < MIN_RELIABLE_GROUPS,
        "icc1": round(share, 2),
        "icc1_interval": _range_or_none(icc1_interval(table)),
        "icc2": None if average is None else round(average, 2),
        "icc2_interval": _range_or_none(icc2_interval(table)),
        "by_people": {
            str(size): round(reliability, 2)
            for size, reliability in zip(
                TEAM_SIZES, mean_reliability(share, sizes).tolist(), strict=True
            )
        },
    }


def _range_or_none(interval: Interval | None) -> Range | None:
    return None if interval is None else _range(interval)


def _range(interval: Interval) -> Range:
    return {"low": round(interval.low, 2), "high": round(interval.high, 2)}
