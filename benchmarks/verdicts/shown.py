"""Waves of a simulated agency as releases show them, by the service's own scoring.

The planner is left out, which decides by counts alone: a team of ten or more who answer
is shown finely, one of five or more coarsely.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import add

import numpy as np

from benchmarks.simulated_agencies import (
    FIRST_WAVE,
    FORTNIGHT,
    Agency,
    SimulatedWave,
    World,
)
from rapport_schemas.enums import Tier
from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.releases.scoring.figures import (
    Figure,
    Figures,
    OrganizationParameters,
    estimate_parameters,
)
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.intervals import moderated_se
from rapport_service.stats.scores import ratio_estimate
from rapport_service.stats.sufficient_statistics import Floats, SufficientStatistics
from rapport_service.stats.trend import Window

ROOT_NODE = "root"
MIN_COARSE, MIN_FINE = 5, 10
SCALE = CURRENT_INSTRUMENT.scale
MAX_CYCLE_WAVES = 5


@dataclass(frozen=True)
class ShownWave:
    """A wave as it is shown, and the truth behind it.

    Attributes:
        scored: with the figures of the root and of every team that is shown.
        parameters: of the organization.
        truth: by construct, (m,) the mean of all members over all questions.
    """

    scored: ScoredWave
    parameters: OrganizationParameters
    truth: Mapping[str, Floats]


def simulate_waves(
    world: World, count: int, rng: np.random.Generator
) -> Iterator[ShownWave]:
    """Yield the waves of an agency, one after the other."""
    agency = Agency(world, rng)
    cycle: list[SufficientStatistics] = []
    for number, wave in enumerate(agency.waves(count)):
        root = reduce(add, wave.own.values())
        cycle = [*cycle, root][-MAX_CYCLE_WAVES:]
        parameters = estimate_parameters(CURRENT_INSTRUMENT, root, reduce(add, cycle))
        yield ShownWave(
            _score_wave(number, world, agency, wave, root, parameters),
            parameters,
            wave.truth,
        )


def team_name(number: int) -> str:
    """The node of a team."""
    return f"team-{number:03}"


def _score_wave(
    number: int,
    world: World,
    agency: Agency,
    wave: SimulatedWave,
    root: SufficientStatistics,
    parameters: OrganizationParameters,
) -> ScoredWave:
    opens_at = FIRST_WAVE + number * FORTNIGHT
    figures = {ROOT_NODE: _figures(root, sum(world.sizes), "fine", parameters)}
    for place, (team, size) in enumerate(zip(agency.teams, world.sizes, strict=True)):
        statistics = wave.own[team]
        people = statistics.respondents_of("any")
        if people >= MIN_COARSE:
            tier: Tier = "fine" if people >= MIN_FINE else "coarse"
            figures[team_name(place)] = _figures(statistics, size, tier, parameters)
    window = Window(opens_at, opens_at + timedelta(days=7))
    return ScoredWave(f"wave-{number}", window, figures)


def _figures(
    statistics: SufficientStatistics,
    eligible: int,
    tier: Tier,
    parameters: OrganizationParameters,
) -> Figures:
    return Figures(
        tier=tier,
        n={
            name: statistics.respondents_of(name)
            for name in ("any", "trust", "communication")
        },
        eligible=eligible,
        constructs={name: _figure(statistics, name, parameters) for name in CONSTRUCTS},
        items=None,
        crisis_share=None,
    )


def _figure(
    statistics: SufficientStatistics,
    name: Construct,
    parameters: OrganizationParameters,
) -> Figure:
    score = ratio_estimate(statistics, name, parameters.offsets[name])
    error = moderated_se(score, SCALE, parameters.dispersion[name])
    assert score.theta is not None
    assert error is not None
    return Figure(score.n, score.answers, score.theta, score.se, error, 0.0)
