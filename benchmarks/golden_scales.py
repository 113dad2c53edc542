"""Reference values on scales: reliability, rotated scores, one item of one team."""

from collections.abc import Sequence
from functools import reduce
from math import ceil, sqrt
from operator import add
from statistics import fmean

import numpy as np

from benchmarks.golden_tables import Entry, expand_items, group_names, load_statistics
from rapport_service.stats.agreement.indices import item_variance
from rapport_service.stats.detectable_change import (
    detectable_change,
    standard_error_of_measurement,
)
from rapport_service.stats.finite_population import Census, sampling_factor
from rapport_service.stats.intervals import t_quantile
from rapport_service.stats.proportion_interval import wilson_interval
from rapport_service.stats.reliability import (
    alpha,
    alpha_interval,
    fit_one_factor,
    item_rest_correlations,
    mean_correlation,
)
from rapport_service.stats.scores import (
    ScoreEstimate,
    favourable_percent,
    item_means,
    offsets,
    ratio_estimate,
    to_points,
)
from rapport_service.stats.sufficient_statistics import (
    SufficientStatistics,
    covariances,
)


def reliability(entry: Entry) -> object:
    """Alpha and omega of a scale whose answers may be missing."""
    args, name = entry["args"], entry["dataset"]
    chosen, reversed_items = expand_items(args["items"]), args["reversed"]
    everybody = load_statistics(name, chosen, reversed_items=reversed_items)
    complete = load_statistics(
        name, chosen, reversed_items=reversed_items, complete=True
    )
    listwise = covariances(complete, "all")
    pairwise = covariances(everybody, "all")
    factor = fit_one_factor(listwise.matrix)
    estimate = alpha(listwise.matrix)
    assert factor is not None
    assert estimate is not None
    n, total = complete.respondents_of("all"), float(listwise.matrix.sum())
    ends = alpha_interval(estimate, n, len(chosen))
    deviation = sqrt(total) / len(chosen)
    noise = standard_error_of_measurement(deviation, estimate)
    return {
        "n_listwise": n,
        "k": len(chosen),
        "n_total": everybody.respondents_of("all"),
        "alpha_listwise": estimate,
        "alpha_pairwise": alpha(pairwise.matrix),
        "alpha_std_listwise": alpha(listwise.correlations),
        "alpha_std_pairwise": alpha(pairwise.correlations),
        "feldt95": [ends.low, ends.high],
        "mean_r_listwise": mean_correlation(listwise),
        "alpha_drop": [alpha(listwise.without(i).matrix) for i in range(len(chosen))],
        "item_rest_r": item_rest_correlations(listwise),
        "omega_ml_cov": factor.omega,
        "omega_ml_cov_obs": float(factor.loadings.sum()) ** 2 / total,
        "loadings_ml": factor.loadings.tolist(),
        "theta_ml": factor.uniquenesses.tolist(),
        "total_var": total,
        "scale_mean_sd": deviation,
        "sem_mean_score": noise,
        "mdc95_mean_score": detectable_change(noise, noise),
    }


def pairwise_alpha(entry: Entry) -> object:
    """Alpha of a scale without any complete row of answers."""
    name, args = entry["dataset"], entry["args"]
    chosen = args.get("items") or expand_items("LEAD01..LEAD11")
    pairwise = covariances(load_statistics(name, chosen), "all")
    between = pairwise.pairs[np.triu_indices(len(chosen), 1)]
    return {
        "alpha": alpha(pairwise.matrix),
        "psych_alpha": alpha(pairwise.matrix),
        "alpha_full_data": alpha(
            covariances(load_statistics("lq2002", chosen), "all").matrix
        ),
        "n_missing_pairs": int((between == 0).sum()),
        "min_pair_n": int(between.min()),
        "max_pair_n": int(between.max()),
        "mean_r_pairwise": mean_correlation(pairwise),
    }


def rotated_scores(entry: Entry) -> object:
    """Scores and standard errors of teams whose members saw different items."""
    chosen = entry["args"]["items"]
    teams = _teams(entry["dataset"], chosen)
    everybody = reduce(add, teams.values())
    shift = offsets(everybody, "all")
    scores = [ratio_estimate(team, "all", shift) for team in teams.values()]
    assumed = [_eligible(score.n) for score in scores]
    return {
        "group": list(teams),
        "n": [score.n for score in scores],
        "answers": [score.answers for score in scores],
        "score": [score.theta for score in scores],
        "se": [score.se for score in scores],
        "N_assumed": assumed,
        "se_fpc": [_census_error(s, n) for s, n in zip(scores, assumed, strict=True)],
        "item_mean": [_mean_of_item_means(team) for team in teams.values()],
        "item_means": item_means(everybody),
        "offsets": shift,
    }


def planned_missing_scores(entry: Entry) -> object:
    """Team scores when each person was shown two anchors and three other items."""
    chosen = expand_items("LEAD01..LEAD11")
    teams = _teams(entry["dataset"], chosen)
    everybody = reduce(add, teams.values())
    shift = offsets(everybody, "all")
    full = [_mean_of_item_means(team) for team in _teams("lq2002", chosen).values()]
    plain = [_mean_of_item_means(team) for team in teams.values()]
    adjusted = [_theta(ratio_estimate(team, "all", shift)) for team in teams.values()]
    return {
        "group": list(teams),
        "item_mean": plain,
        "item_adjusted": adjusted,
        "item_means": item_means(everybody),
        "rmse": {
            "item_mean": _rmse(plain, full),
            "item_adjusted": _rmse(adjusted, full),
        },
    }


def team_item(entry: Entry) -> object:
    """One item of one team: mean, favourable share, and their intervals."""
    args = entry["args"]
    own = load_statistics(
        entry["dataset"], [args["item"]], where=("COMPID", args["team"])
    )
    score = ratio_estimate(own, "all", {args["item"]: 0.0})
    variance, share = item_variance(own.histogram[0]), favourable_percent(own, "all")
    assert variance is not None
    assert score.theta is not None
    assert score.se is not None
    assert share is not None
    # The table's answers are 1..5, of which a team may leave out some.
    wilson = wilson_interval(share / 100 * score.n, score.n)
    assert wilson is not None
    eligible = _eligible(score.n)
    reach, se = t_quantile(0.975, score.n - 1), _census_error(score, eligible)
    return {
        "n": score.n,
        "N_assumed": eligible,
        "hist": own.histogram[0].tolist(),
        "mean": score.theta,
        "sd": sqrt(variance),
        "score_0_100": to_points(score.theta, own.layout.categories),
        "favourable_pct": share,
        "t95": [score.theta - reach * score.se, score.theta + reach * score.se],
        "wilson95": [wilson.low, wilson.high],
        "se_fpc": se,
        "t95_fpc": [score.theta - reach * se, score.theta + reach * se],
    }


def _teams(name: str, chosen: Sequence[str]) -> dict[str, SufficientStatistics]:
    return {
        team: load_statistics(name, chosen, where=("COMPID", team))
        for team in group_names(name, "COMPID")
    }


def _theta(score: ScoreEstimate) -> float:
    assert score.theta is not None
    return score.theta


def _eligible(n: int) -> int:
    """Return the people whom the reference assumes in a team of which n answered."""
    return ceil(n / 0.7)


def _census_error(score: ScoreEstimate, eligible: int) -> float:
    assert score.se is not None
    factor = sampling_factor(score.n * score.se**2, score.n, Census(eligible, 0.0))
    return score.se * sqrt(factor)


def _mean_of_item_means(team: SufficientStatistics) -> float:
    return fmean(mean for mean in item_means(team).values() if mean is not None)


def _rmse(values: Sequence[float], target: Sequence[float]) -> float:
    return sqrt(fmean((a - b) ** 2 for a, b in zip(values, target, strict=True)))
