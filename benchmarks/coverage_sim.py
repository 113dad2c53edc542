"""Do the intervals and the placebo test keep what they promise? `make coverage-sim`.

Two made-up organizations, one with answers around the middle and one whose answers pile
up at the good end. Teams are drawn from them again and again; each member who responds
picks a form at random. The interval is right if it holds the mean that all members
would give to all items. The second half draws series without any effect and counts how
often the placebo test sees one.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rapport_service.instrument
from rapport_service.measure.block import Block, Layout
from rapport_service.measure.contrasts import t_statistic
from rapport_service.measure.covariances import Floats
from rapport_service.measure.dispersion import START_DISPERSION, pooled_dispersion
from rapport_service.measure.intervals import score_interval
from rapport_service.measure.placebo import Placement, placebo_test, placements
from rapport_service.measure.rotation import Census, rotation_variance
from rapport_service.measure.scores import offsets, ratio

SEED = 20261124
DRAWS, SERIES = 4000, 4000
CELLS = [(6, 5), (8, 5), (10, 7), (12, 8), (12, 12), (20, 14), (30, 30)]
LEAST_COVERAGE, LARGEST_SIZE = 0.94, 0.06
WAVES, RHO, EVENT = 12, 0.6, (4, 8)

BANK = tuple(f"T{i}" for i in range(6)) + tuple(f"C{i}" for i in range(6))
LAYOUT = Layout(BANK, 5, {"construct": BANK[:6], "overall": BANK}, ())
SHOWN = {"construct": 2, "overall": 4}
DIFFICULTY = np.array([0.3, -0.2, 0.1, 0.4, -0.5, -0.1, 0.2, -0.4, 0.0, 0.3, -0.3, 0.2])


@dataclass(frozen=True)
class Organization:
    """Where people come from, and what was computed once for all of them."""

    name: str
    middle: float
    forms: np.ndarray
    everybody: Block

    def people(self, teams: int, members: int, dice: np.random.Generator) -> np.ndarray:
        """Return (teams, members, items) answers of everybody to everything."""
        return answers(self.middle, teams, members, dice)


def answers(
    middle: float, teams: int, members: int, dice: np.random.Generator
) -> np.ndarray:
    """Draw what people would answer if they were shown every item."""
    team = dice.normal(0, 0.3, (teams, 1, 1))
    person = dice.normal(0, 0.7, (teams, members, 1))
    construct = np.repeat(dice.normal(0, 0.35, (teams, members, 2)), 6, axis=2)
    noise = dice.normal(0, 0.75, (teams, members, 12))
    drawn = middle + DIFFICULTY + team + person + construct + noise
    return np.clip(np.rint(drawn), 1, 5).astype(np.int64)


def masked(
    full: np.ndarray, forms: np.ndarray, dice: np.random.Generator
) -> np.ndarray:
    """Return the answers that are left when each person picks a form at random."""
    shown = forms[dice.integers(len(forms), size=full.shape[0])]
    return np.where(shown, full, 0)


def organization(
    name: str, middle: float, forms: np.ndarray, dice: np.random.Generator
) -> Organization:
    """Draw 2,000 people, whose answers give offsets, dispersion and rotation."""
    full = answers(middle, 200, 10, dice).reshape(-1, 12)
    everybody = _block(masked(full, forms, dice))
    return Organization(name, middle, forms, everybody)


def coverage(
    at: Organization, construct: str, eligible: int, n: int, dice: np.random.Generator
) -> tuple[float, float]:
    """Return how often the interval holds the team's mean, and its width in points."""
    shift = offsets(at.everybody, construct)
    pooled = pooled_dispersion(
        [ratio(at.everybody, construct, shift)], 5, START_DISPERSION[SHOWN[construct]]
    )
    census = Census(
        eligible, rotation_variance(at.everybody, construct, SHOWN[construct])
    )
    columns = LAYOUT.columns(construct)
    held, width = 0, 0.0
    for full in at.people(DRAWS, eligible, dice):
        target = full[:, columns].mean()
        # Members come in no order, so the first n are as good as any.
        score = ratio(_block(masked(full[:n], at.forms, dice)), construct, shift)
        found = score_interval(score, 5, pooled, census)
        assert found is not None
        held += found.low <= target <= found.high
        width += 25 * (found.high - found.low)
    return held / DRAWS, width / DRAWS


def size(combination: tuple[float, ...], dice: np.random.Generator) -> float:
    """Return how often a series without an effect gets a p of .05 or less."""
    admissible = placements(WAVES, ends=True)

    def rejected(y: Floats) -> bool:
        def statistic(at: Placement) -> float:
            return t_statistic(y, combination, *at)

        return placebo_test(admissible, EVENT, statistic).p <= 0.05

    shocks = dice.normal(size=(SERIES, WAVES))
    series = np.empty_like(shocks)
    series[:, 0] = shocks[:, 0] / np.sqrt(1 - RHO**2)
    for t in range(1, WAVES):
        series[:, t] = RHO * series[:, t - 1] + shocks[:, t]
    return sum(map(rejected, series)) / SERIES


def main() -> int:
    """Print both tables; 1 if a bound is missed."""
    forms = _forms()
    dice = np.random.default_rng(SEED)
    worst = 1.0
    print(f"rotation-aware 95 % intervals, {DRAWS} teams a cell: coverage (width)")
    head = " ".join(f"{f'N={N} n={n}':>13}" for N, n in CELLS)
    print(f"{'':26} {head}")
    for name, middle in [("middling", 3.1), ("high", 4.1)]:
        at = organization(name, middle, forms, dice)
        for construct in SHOWN:
            cells = [coverage(at, construct, N, n, dice) for N, n in CELLS]
            worst = min(worst, *(held for held, _ in cells))
            row = " ".join(f"{f'{held:.3f} ({wide:.1f})':>13}" for held, wide in cells)
            print(f"{f'{name} answers, {construct}':26} {row}")
    print(f"lowest coverage {worst:.3f}, at least {LEAST_COVERAGE} is asked")
    print(f"placebo test without an effect, T = {WAVES}, rho = {RHO}, {SERIES} series:")
    sizes = {
        "during - before": size((0, 1), dice),
        "after - before": size((0, 0, 1), dice),
        "after - during": size((0, -1, 1), dice),
    }
    for contrast, rate in sizes.items():
        print(f"  {contrast:16} p <= .05 in {rate:.3f}")
    largest = max(sizes.values())
    print(f"largest size {largest:.3f}, at most {LARGEST_SIZE} is asked")
    kept = worst >= LEAST_COVERAGE and largest <= LARGEST_SIZE
    print("coverage-sim:", "both bounds hold" if kept else "A BOUND IS MISSED")
    return 0 if kept else 1


def _forms() -> np.ndarray:
    """Return (forms, items): which items of the bank each rotation form shows."""
    folder = Path(rapport_service.instrument.__path__[0])
    document = json.loads(folder.joinpath("pulse_1.json").read_bytes())
    bank = [item["id"] for item in document["items"] if item["construct"] != "anchor"]
    return np.array([[name in form for name in bank] for form in document["forms"]])


def _block(codes: np.ndarray) -> Block:
    return Block.from_rows(LAYOUT, codes, [None] * len(codes))


if __name__ == "__main__":
    sys.exit(main())
