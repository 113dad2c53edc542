"""The reliability report of an organization: do the questions measure what they should?

Scales are judged over the root's answers of up to five waves, since one person answers
two questions of a construct at a time and each pair of them needs fifty people. Teams
are compared in this wave, and only fine groups that share nobody, so that nothing is
told of a group that its own document does not tell.
"""

from collections.abc import Sequence

import numpy as np

from rapport_service.disclosure.bands import RESPONDENT_BANDS, min_of_respondents_band
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.instrument.bank import Instrument
from rapport_service.narrative.reliability import (
    ItemCheck,
    Range,
    ReliabilityReport,
    ScaleCheck,
    TeamCheck,
    is_checked,
)
from rapport_service.releases.scoring.aggregation import count_shown_items
from rapport_service.releases.scoring.comparison import MIN_GROUPS
from rapport_service.releases.scoring.figures import Figure
from rapport_service.releases.scoring.pooling_window import (
    TARGET_PEOPLE_PER_PAIR,
    PoolingWindow,
)
from rapport_service.releases.scoring.within_team_agreement import summarize_agreement
from rapport_service.stats.groups import Groups
from rapport_service.stats.icc import (
    MIN_RELIABLE_GROUPS,
    icc1,
    icc1_interval,
    icc2,
    icc2_interval,
    mean_reliability,
    one_way_anova,
)
from rapport_service.stats.intervals import Interval
from rapport_service.stats.scale_reliability import ScaleReliability, assess_scale
from rapport_service.stats.sufficient_statistics import SufficientStatistics

TEAM_SIZES = tuple(map(min_of_respondents_band, RESPONDENT_BANDS))
"""The low ends of the bands of respondents."""


def build_reliability_report(
    instrument: Instrument, window: PoolingWindow
) -> ReliabilityReport:
    """The report, rounded as it is published."""
    scales = {name: _check_scale(instrument, window.root, name) for name in CONSTRUCTS}
    return {
        "waves": list(window.waves),
        "checked": is_checked(scales),
        "scales": scales,
        "teams": {
            name: _check_teams([figures.constructs[name] for figures in window.now])
            for name in CONSTRUCTS
        },
        "agreement": summarize_agreement(instrument, window.teams, window.anchor_teams),
    }


def _check_scale(
    instrument: Instrument, root: SufficientStatistics, name: Construct
) -> ScaleCheck | None:
    turned = {item.id for item in instrument.items if item.reversed}
    items = root.layout.groups[name]
    found = assess_scale(
        root, name, count_shown_items(instrument, name), turned.intersection(items)
    )
    if found is None or found.gates is None:
        return None
    weak = {*found.gates.weak_items, *found.gates.dropped_items}
    return {
        "verdict": "holds" if found.gates.passed else "doubtful",
        "people_per_pair": "200+"
        if found.people >= TARGET_PEOPLE_PER_PAIR
        else "50-199",
        "alpha": round(found.alpha, 2),
        "alpha_interval": _range(found.alpha_interval),
        "omega": round(found.omega, 2),
        "of_those_shown": round(found.shown, 2),
        "approximate": found.clipped or found.heywood,
        "items": _check_items(found),
        "weak_items": [found.items[place] for place in sorted(weak)],
    }


def _check_items(found: ScaleReliability) -> dict[str, ItemCheck]:
    return {
        item: {
            "item_rest": None if rest is None else round(rest, 2),
            "loading": round(loading, 2),
        }
        for item, rest, loading in zip(
            found.items, found.item_rest, found.loadings, strict=True
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
        "few": groups.count < MIN_RELIABLE_GROUPS,
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
