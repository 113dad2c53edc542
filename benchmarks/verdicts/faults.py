"""Faults of the statistics that a bound must show, each patched in from outside.

What is replaced must exist: otherwise it was renamed, and the fault would change
nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from rapport_service.releases.scoring import figures, levels
from rapport_service.stats import event_effect, local_level, noise_model
from rapport_service.stats.finite_population import rotation_variance
from rapport_service.stats.local_level import LevelTrack
from rapport_service.stats.noise_model import ContrastVariance, NoiseModel
from rapport_service.stats.placebo_test import Placement, placebo_test
from rapport_service.stats.sufficient_statistics import Floats, SufficientStatistics


@dataclass(frozen=True)
class Fault:
    """A way to break the statistics.

    Attributes:
        plant: patches it in.
        part: of the benchmark that shows it.
        bound: the beginning of the names of those bounds of which one must be missed.
        organizations: how many it takes; of events, in each cell of 24 teams.
        labels: of the cells of events that it takes; () for all.
    """

    plant: Callable[[], None]
    part: str
    bound: str
    organizations: int
    labels: Sequence[str] = ()


def replace_attribute(owner: ModuleType | type, name: str, replacement: object) -> None:
    """Replace an attribute of a module or class, which has to exist.

    Raises:
        AttributeError: the owner has no such attribute.
    """
    getattr(owner, name)
    setattr(owner, name, replacement)


def _halve_noise() -> None:
    right = NoiseModel.team_variance

    def team_variance(
        self: NoiseModel, se2: float, a: Floats, times: Floats
    ) -> ContrastVariance:
        known = right(self, se2, a, times)
        return replace(known, variance=known.variance / 2)

    replace_attribute(NoiseModel, "team_variance", team_variance)


def _take_shocks_as_independent() -> None:
    replace_attribute(noise_model, "SHOCK_CORRELATIONS", np.zeros(1))


def _compare_with_same_start() -> None:
    def all_dates(admissible: Sequence[Placement], _start: int) -> list[Placement]:
        return list(admissible)

    def share(
        placed: Sequence[Placement],
        observed: Placement,
        statistic: Callable[[Placement], float],
    ) -> float:
        return placebo_test(placed, observed, statistic).p

    replace_attribute(event_effect, "other_starts", all_dates)
    replace_attribute(event_effect, "placebo_p", share)


def _double_rotation() -> None:
    def twice(
        statistics: SufficientStatistics | None, group: str, shown: int, start: float
    ) -> float:
        return 2 * rotation_variance(statistics, group, shown, start)

    replace_attribute(figures, "rotation_variance", twice)


def _take_waves_as_independent() -> None:
    right = LevelTrack.one_wave_errors

    def one_wave_errors(self: LevelTrack) -> tuple[Floats, Floats]:
        errors, _ = right(self)
        # Two means of people drawn anew: nobody comes back.
        everybody = self.noise * PERSON_VARIANCE_OVER_PASSING
        return errors, np.sqrt(2 * everybody)

    def unscaled(_errors: Floats, _spreads: Floats) -> float:
        return 1.0

    replace_attribute(LevelTrack, "one_wave_errors", one_wave_errors)
    replace_attribute(levels, "error_scale", unscaled)


PERSON_VARIANCE_OVER_PASSING = 1.6
"""How much larger people's variance is than the part that a wave renews."""


def _narrow_levels() -> None:
    replace_attribute(local_level, "LEVEL_FACTOR", 1.5)


FAULTS: Mapping[str, Fault] = {
    "noise halved": Fault(
        _halve_noise,
        "events",
        "coverage of gain",
        16,
        ("24 teams", "sd 2, rho 0.3", "kept"),
    ),
    "shocks taken as independent": Fault(
        _take_shocks_as_independent,
        "events",
        "root: coverage of gain",
        60,
        ("sd 3, rho 0.6", "26 waves", "nothing"),
    ),
    "placements of the same start": Fault(
        _compare_with_same_start,
        "events",
        "kept 15 -> sustained by placebo dates",
        60,
        ("2 teams", "kept"),
    ),
    "rotation variance doubled": Fault(
        _double_rotation, "intervals", "interval: width", 300
    ),
    "arrows of independent waves": Fault(
        _take_waves_as_independent, "changes", "arrow: seen", 12
    ),
    "level's factor at 1.5": Fault(_narrow_levels, "levels", "level: coverage", 96),
}
