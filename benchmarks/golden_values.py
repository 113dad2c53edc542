"""Recomputation of real data's reference values by `stats`: `make golden`.

The values come from R and are not part of the project; RAPPORT_GOLDEN names the folder
that has them. Every number of every value is compared, whatever its depth, but those
that are listed here with the reason why nothing in Rapport computes them.
"""

import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks import golden_agreement as agreement
from benchmarks import golden_groups as groups
from benchmarks import golden_scales as scales
from benchmarks import golden_series as series
from benchmarks.golden_tables import FOLDER, Entry

CLOSED_FORM, ITERATED, FACTOR, AS_PRINTED = 1e-9, 1e-6, 1e-5, 1e-6

RECIPES: dict[str, tuple[Callable[[Entry], object], float]] = {
    "one_way_anova": (groups.one_way_table, CLOSED_FORM),
    "icc1": (groups.icc1_value, CLOSED_FORM),
    "icc2": (groups.icc2_value, CLOSED_FORM),
    "icc1_ci95": (groups.icc1_interval_ends, CLOSED_FORM),
    "random_intercept_reml": (groups.random_intercept, ITERATED),
    "random_intercept_ml": (groups.random_intercept, ITERATED),
    "eb_group_means": (groups.empirical_bayes_means, ITERATED),
    "mixed_icc": (groups.random_intercept, ITERATED),
    "rwg": (agreement.r_wg, CLOSED_FORM),
    "rwg_j": (agreement.r_wg_j, CLOSED_FORM),
    "rwg_j_lindell": (agreement.r_star, CLOSED_FORM),
    "ad_mean": (agreement.ad_mean, CLOSED_FORM),
    "ad_median": (agreement.ad_median, CLOSED_FORM),
    "a_wg": (agreement.a_wg, CLOSED_FORM),
    "rwg_null_critical_values": (agreement.r_wg_null_table, CLOSED_FORM),
    "reliability": (scales.reliability, CLOSED_FORM),
    "alpha_pairwise": (scales.pairwise_alpha, CLOSED_FORM),
    "offset_adjusted_team_scores": (scales.rotated_scores, CLOSED_FORM),
    "planned_missing_team_scores": (scales.planned_missing_scores, CLOSED_FORM),
    "team_item_summary": (scales.team_item, CLOSED_FORM),
    "segmented_regression": (series.segmented, CLOSED_FORM),
    "discontinuous_growth_model": (series.growth, CLOSED_FORM),
    "trend": (series.trend, CLOSED_FORM),
    "placebo_onset_permutation": (series.placebo, CLOSED_FORM),
}
"""Function and tolerance for each statistic."""

LOOSER_TOLERANCES = {
    **dict.fromkeys(("omega_ml_cov", "omega_ml_cov_obs"), FACTOR),
    **dict.fromkeys(("loadings_ml", "theta_ml"), FACTOR),
}
"""Tolerances of the numbers that come from a factor model."""

_MINRES = "a second, weaker estimator of omega: Rapport has maximum likelihood"
_PERSONS = "a mean of person means, which rotation biases: no score of Rapport"
_LINKED = "links one person's waves, which ballots make impossible"
NOT_APPLICABLE = {
    "omega_minres_cor": _MINRES,
    "omega_minres_cor_modelimplied": _MINRES,
    "loadings_minres_cor": _MINRES,
    "lambda6_listwise": "Guttman's lambda 6: reliability is alpha and omega here",
    "omega_fiml": "full-information likelihood needs rows; a seal keeps sums",
    "clopper_pearson95": "a share has Wilson's interval here",
    "person_mean": _PERSONS,
    "se_hc3": "robust to unequal variances only: waves need autocorrelation too",
    "dw": "a diagnostic that no verdict uses",
    "discontinuous_growth_model.se": _LINKED,
    "discontinuous_growth_model.t": _LINKED,
    "discontinuous_growth_model.tau2": _LINKED,
    "discontinuous_growth_model.sigma2": _LINKED,
    "discontinuous_growth_model.loglik": _LINKED,
}
"""Numbers that nothing in Rapport computes, and why."""


@dataclass
class ComparisonTally:
    """Result of the comparisons so far."""

    numbers: int = 0
    worst: float = 0.0
    skipped: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    misses: list[str] = field(default_factory=list)


def main() -> int:
    """Compare all values; 0 if every one agrees, 1 if not, 2 without data."""
    source = FOLDER / "reference_values.json"
    if not source.is_file():
        print(f"golden: no {source}; RAPPORT_GOLDEN names the folder that has it")
        return 2
    entries = json.loads(source.read_text())["values"]
    tally, agreed, applicable = ComparisonTally(), 0, 0
    for entry in entries:
        recipe = RECIPES.get(entry["statistic"])
        if recipe is None:
            tally.skipped[f"{entry['statistic']}: unknown here"].append(entry["id"])
            continue
        applicable += 1
        before = len(tally.misses)
        compare(entry, recipe[0](entry), recipe[1], tally)
        agreed += len(tally.misses) == before
    for line in tally.misses:
        print(f"MISS {line}")
    print("Parts of values that nothing in Rapport computes, and why:")
    for reason, ids in tally.skipped.items():
        print(f"  {reason}\n    in {', '.join(ids)}")
    print(f"{tally.numbers} single numbers compared in {applicable} values")
    absent = len(entries) - applicable
    print(
        f"golden: {agreed} of {applicable} values, "
        f"worst relative error {tally.worst:.1e}, {absent} not applicable"
    )
    return 1 if tally.misses or applicable == 0 else 0


def compare(
    entry: Entry, computed: object, tolerance: float, tally: ComparisonTally
) -> None:
    """Compare every number of a value with the computed one."""
    if entry["id"].startswith("published."):
        tolerance = AS_PRINTED
    missing: set[str] = set()
    for path, expected in leaves(entry["value"]):
        name = next((part for part in path if part in NOT_APPLICABLE), None)
        name = name or f"{entry['statistic']}.{path[0] if path else ''}"
        if name in NOT_APPLICABLE:
            missing.add(f"{name.split('.')[-1]}: {NOT_APPLICABLE[name]}")
            continue
        where = ".".join([entry["id"], *path])
        actual = value_at(computed, path)
        tally.numbers += 1
        limit = max(
            [
                tolerance,
                *(
                    LOOSER_TOLERANCES[part]
                    for part in path
                    if part in LOOSER_TOLERANCES
                ),
            ]
        )
        error = relative_error(actual, expected)
        tally.worst = max(tally.worst, error if math.isfinite(error) else 0.0)
        if not error <= limit:
            tally.misses.append(f"{where}: {actual} for {expected} ({error:.1e})")
    for line in sorted(missing):
        tally.skipped[line].append(entry["id"])


def leaves(value: object, *path: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield every single number or name in a value, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, *path, key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, *path, str(place))
    else:
        yield path, value


def value_at(value: object, path: tuple[str, ...]) -> object:
    """Return the value at the end of a path; None if there is none."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def relative_error(computed: object, expected: object) -> float:
    """Return the relative error; the absolute one from zero, infinite for no number."""
    if isinstance(expected, str):
        return 0.0 if computed == expected else math.inf
    try:
        return abs(float(computed) - float(expected)) / (abs(float(expected)) or 1.0)  # type: ignore[arg-type] # not a number: a miss
    except (TypeError, ValueError):
        return math.inf


if __name__ == "__main__":
    sys.exit(main())
