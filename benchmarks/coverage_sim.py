"""Simulation of interval coverage and of false alarms: `make coverage-sim`.

Two made-up organizations, one with answers around the middle and one whose answers pile
up at the good end. Teams are drawn from them again and again; each member who responds
picks a form at random. The interval is right if it holds the mean that all members
would give to all items. The last part draws series without any effect and counts how
often the placebo test sees one. Levels, arrows and verdicts: `make bench-verdicts`.
"""

import sys
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.simulated_organizations import (
    ITEMS_SHOWN,
    LAYOUT,
    Organization,
    mask_unshown,
    rotation_forms,
    simulate_organization,
    statistics_of,
)
from rapport_service.disclosure.bands import (
    participation_band,
    respondents_band,
    usual_participation,
    usual_respondents,
)
from rapport_service.disclosure.rounding import coarse_score
from rapport_service.releases.scoring.figures import (
    OrganizationParameters,
)
from rapport_service.releases.scoring.presentation import CoarseFigure
from rapport_service.stats.contrasts import t_statistic
from rapport_service.stats.finite_population import (
    START_ROTATION,
    Census,
    rotation_variance,
)
from rapport_service.stats.intervals import (
    START_DISPERSION,
    pooled_dispersion,
    score_interval,
)
from rapport_service.stats.placebo_test import Placement, placebo_test, placements
from rapport_service.stats.scores import offsets, ratio_estimate, to_points
from rapport_service.stats.sufficient_statistics import Floats

SEED = 20261124
DRAWS, SERIES = 4000, 4000
CELLS = [(6, 5), (8, 5), (10, 7), (12, 8), (12, 12), (20, 14), (30, 30)]
COARSE = [(6, 5), (8, 5), (9, 9), (10, 7), (12, 8), (30, 9)]
MIN_COVERAGE, MAX_TEST_SIZE = 0.94, 0.06
WAVES, RHO, EVENT = 12, 0.6, (4, 8)


def interval_coverage(
    organization: Organization,
    construct: str,
    eligible: int,
    n: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return how often the interval holds the team's mean, and its width in points."""
    shift = offsets(organization.everybody, construct)
    pooled, rotation = _dispersion_and_rotation(organization, construct)
    census = Census(eligible, rotation)
    columns = LAYOUT.columns(construct)
    covered, width = 0, 0.0
    for full in organization.people(DRAWS, eligible, rng):
        target = full[:, columns].mean()
        # Members come in no order, so the first n are as good as any.
        score = ratio_estimate(
            statistics_of(mask_unshown(full[:n], organization.forms, rng)),
            construct,
            shift,
        )
        ends = score_interval(score, 5, pooled, census)
        assert ends is not None
        covered += ends.low <= target <= ends.high
        width += 25 * (ends.high - ends.low)
    return covered / DRAWS, width / DRAWS


def coarse_interval_coverage(
    organization: Organization,
    construct: str,
    eligible: int,
    n: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return how often a coarse interval holds the team's mean, and its width.

    The interval is that of a coarse document, rounded outward to multiples of 5.
    """
    parameters = _organization_parameters(organization, construct)
    covered, width = 0, 0.0
    for full in organization.people(DRAWS // 2, eligible, rng):
        target = to_points(full[:, LAYOUT.columns(construct)].mean(), 5)
        ends = _coarse_figure(organization, construct, full, n, rng).interval(
            parameters, "overall", 5
        )
        covered += ends["low"] <= target <= ends["high"]
        width += ends["high"] - ends["low"]
    return covered / (DRAWS // 2), width / (DRAWS // 2)


def _coarse_figure(
    organization: Organization,
    construct: str,
    full: np.ndarray,
    n: int,
    rng: np.random.Generator,
) -> CoarseFigure:
    """Return the figure of a coarse document where the first n of a team respond."""
    shift = offsets(organization.everybody, construct)
    score = ratio_estimate(
        statistics_of(mask_unshown(full[:n], organization.forms, rng)), construct, shift
    )
    assert score.theta is not None
    return CoarseFigure(
        *coarse_score(to_points(score.theta, 5)),
        usual_respondents(respondents_band(n)),
        usual_participation(participation_band(n, len(full))),
    )


def _dispersion_and_rotation(
    organization: Organization, construct: str
) -> tuple[float, float]:
    """Return the organization's dispersion, and what rotation adds."""
    everybody = organization.everybody
    score = ratio_estimate(everybody, construct, offsets(everybody, construct))
    start = START_DISPERSION[ITEMS_SHOWN[construct]]
    return (
        pooled_dispersion([score], 5, start),
        rotation_variance(
            everybody,
            construct,
            ITEMS_SHOWN[construct],
            START_ROTATION["overall" if construct == "overall" else "trust"],
        ),
    )


def _organization_parameters(
    organization: Organization, construct: str
) -> OrganizationParameters:
    dispersion, rotation = _dispersion_and_rotation(organization, construct)
    return OrganizationParameters({}, {"overall": dispersion}, {"overall": rotation})


def placebo_test_size(
    combination: tuple[float, ...], rng: np.random.Generator
) -> float:
    """Return how often a series without an effect gets a p of .05 or less."""
    admissible = placements(WAVES, ends=True)

    def rejected(y: Floats) -> bool:
        def statistic(at: Placement) -> float:
            return t_statistic(y, combination, *at)

        return placebo_test(admissible, EVENT, statistic).p <= 0.05

    shocks = rng.normal(size=(SERIES, WAVES))
    series = np.empty_like(shocks)
    series[:, 0] = shocks[:, 0] / np.sqrt(1 - RHO**2)
    for t in range(1, WAVES):
        series[:, t] = RHO * series[:, t - 1] + shocks[:, t]
    return sum(map(rejected, series)) / SERIES


def main() -> int:
    """Print the tables; 1 if a bound is missed."""
    forms = rotation_forms()
    rng = np.random.default_rng(SEED)
    both = [
        simulate_organization("middling", 3.1, forms, rng),
        simulate_organization("high", 4.1, forms, rng),
    ]
    worst = min(
        _print_coverage_table(
            "rotation-aware 95 % intervals", CELLS, interval_coverage, both, rng
        ),
        _print_coverage_table(
            "as coarse documents show them",
            COARSE,
            coarse_interval_coverage,
            both,
            rng,
        ),
    )
    print(f"lowest coverage {worst:.3f}, at least {MIN_COVERAGE} is asked")
    print(f"placebo test without an effect, T = {WAVES}, rho = {RHO}, {SERIES} series:")
    sizes = {
        "during - before": placebo_test_size((0, 1), rng),
        "after - before": placebo_test_size((0, 0, 1), rng),
        "after - during": placebo_test_size((0, -1, 1), rng),
    }
    for contrast, rate in sizes.items():
        print(f"  {contrast:16} p <= .05 in {rate:.3f}")
    largest = max(sizes.values())
    print(f"largest size {largest:.3f}, at most {MAX_TEST_SIZE} is asked")
    holds = worst >= MIN_COVERAGE and largest <= MAX_TEST_SIZE
    print("coverage-sim:", "all bounds hold" if holds else "A BOUND IS MISSED")
    return 0 if holds else 1


def _print_coverage_table(
    title: str,
    cells: Sequence[tuple[int, int]],
    coverage: Callable[..., tuple[float, float]],
    organizations: Sequence[Organization],
    rng: np.random.Generator,
) -> float:
    """Print coverage and width in every cell; return the lowest coverage."""
    print(f"{title}: coverage (width)")
    head = " ".join(f"{f'N={N} n={n}':>13}" for N, n in cells)
    print(f"{'':26} {head}")
    worst = 1.0
    for organization in organizations:
        for construct in ITEMS_SHOWN:
            results = [coverage(organization, construct, N, n, rng) for N, n in cells]
            worst = min(worst, *(rate for rate, _ in results))
            row = " ".join(
                f"{f'{rate:.3f} ({width:.1f})':>13}" for rate, width in results
            )
            print(f"{f'{organization.name} answers, {construct}':26} {row}", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
