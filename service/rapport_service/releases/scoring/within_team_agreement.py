"""How far teams agree within, as the reliability report tells it: means over teams.

Under rotation a question has few answers in one team and wave, so the questions of a
construct are taken over a cycle, and the anchor, which everybody sees, in this wave.
"""

from collections.abc import Iterable, Sequence

from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.instrument.bank import Instrument
from rapport_service.narrative.reliability import AgreementCheck
from rapport_service.releases.scoring.comparison import MIN_GROUPS
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
from rapport_service.stats.sufficient_statistics import SufficientStatistics


def summarize_agreement(
    instrument: Instrument,
    teams: Sequence[SufficientStatistics],
    anchored: Sequence[SufficientStatistics],
) -> dict[str, AgreementCheck | None]:
    """The agreement on each construct and on the anchor; None below three teams.

    Args:
        teams: statistics of teams that share nobody, over a cycle.
        anchored: statistics in this wave of those whose agreement may be spoken of.
    """
    found: dict[str, AgreementCheck | None] = {
        name: _construct_agreement(teams, name) for name in CONSTRUCTS
    }
    return {**found, "anchor": _anchor_agreement(anchored, instrument.anchor.id)}


def _construct_agreement(
    teams: Sequence[SufficientStatistics], name: str
) -> AgreementCheck | None:
    if len(teams) < MIN_GROUPS:
        return None
    shape = teams[0].layout
    null = uniform_variance(shape.categories)
    of_teams = [team.histogram[shape.columns(name)] for team in teams]
    variances = [[item_variance(item) for item in items] for items in of_teams]
    return {
        "teams": len(teams),
        "clear": None,
        "r_wg": _mean(r_wg_j(items, null) for items in variances),
        "r_star": _mean(r_star(items, null) for items in variances),
        "a_wg": _mean(mean_of_items(map(a_wg, items)) for items in of_teams),
        "ad": _mean(mean_of_items(map(ad_mean, items)) for items in of_teams),
    }


def _anchor_agreement(
    teams: Sequence[SufficientStatistics], anchor: str
) -> AgreementCheck | None:
    found = [one for team in teams if (one := consensus(team, anchor)) is not None]
    if len(found) < MIN_GROUPS:
        return None
    return {
        "teams": len(found),
        "clear": sum(one.is_clear for one in found),
        "r_wg": _mean(one.r_wg for one in found),
        "r_star": _mean(one.r_star for one in found),
        "a_wg": _mean(one.a_wg for one in found),
        "ad": _mean(one.ad_mean for one in found),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    mean = mean_of_items(values)
    return None if mean is None else round(mean, 2)
