"""How far teams agree within, as the reliability report tells it: means over teams.

Under rotation a question has few answers in one team and wave, so the questions of a
construct are taken over a cycle, and the anchor, which everybody sees, in this wave.
"""

from collections.abc import Iterable, Sequence

from rapport_service.disclosure.presentation import CONSTRUCTS
from rapport_service.explanation.reliability import Agreement
from rapport_service.instrument.bank import Instrument
from rapport_service.measure.agreement import (
    a_wg,
    ad_mean,
    item_variance,
    mean_of_items,
    r_star,
    r_wg_j,
    uniform_variance,
)
from rapport_service.measure.block import Block
from rapport_service.measure.consensus import consensus
from rapport_service.scoring.beside_others import FEWEST_GROUPS


def agreement(
    instrument: Instrument, teams: Sequence[Block], anchored: Sequence[Block]
) -> dict[str, Agreement | None]:
    """The agreement on each construct and on the anchor; None below three teams.

    Args:
        teams: statistics of teams that share nobody, over a cycle.
        anchored: statistics in this wave of those whose agreement may be spoken of.
    """
    found: dict[str, Agreement | None] = {
        name: _on_a_construct(teams, name) for name in CONSTRUCTS
    }
    return {**found, "anchor": _on_the_anchor(anchored, instrument.anchor.id)}


def _on_a_construct(teams: Sequence[Block], name: str) -> Agreement | None:
    if len(teams) < FEWEST_GROUPS:
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


def _on_the_anchor(teams: Sequence[Block], anchor: str) -> Agreement | None:
    found = [one for team in teams if (one := consensus(team, anchor)) is not None]
    if len(found) < FEWEST_GROUPS:
        return None
    return {
        "teams": len(found),
        "clear": sum(one.clear for one in found),
        "r_wg": _mean(one.r_wg for one in found),
        "r_star": _mean(one.r_star for one in found),
        "a_wg": _mean(one.a_wg for one in found),
        "ad": _mean(one.ad_mean for one in found),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    mean = mean_of_items(values)
    return None if mean is None else round(mean, 2)
