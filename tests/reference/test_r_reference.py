"""Made-up data of this folder, and what packages for R make of them."""

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import reduce
from math import ceil, sqrt
from operator import add
from pathlib import Path

import numpy as np
import pytest

from rapport_service.stats.agreement import indices
from rapport_service.stats.agreement.critical_values import (
    ad_mean_critical,
    r_wg_critical,
)
from rapport_service.stats.contrasts import contrasts, t_statistic
from rapport_service.stats.event_effect import assess
from rapport_service.stats.false_discovery import benjamini_hochberg
from rapport_service.stats.finite_population import Census, sampling_factor
from rapport_service.stats.icc import Groups, icc1, icc2, one_way_anova
from rapport_service.stats.placebo_test import (
    other_starts,
    placebo_test,
    placements,
)
from rapport_service.stats.proportion_interval import wilson_interval
from rapport_service.stats.regression import least_squares, newey_west
from rapport_service.stats.reliability import (
    alpha,
    alpha_interval,
    fit_one_factor,
    item_rest_correlations,
    mean_correlation,
)
from rapport_service.stats.scores import offsets, ratio_estimate
from rapport_service.stats.segmented_regression import level_design, slope_design
from rapport_service.stats.shrinkage import fit_random_intercept, shrink
from rapport_service.stats.sufficient_statistics import (
    Layout,
    SufficientStatistics,
    covariances,
)
from rapport_service.stats.trend import (
    Point,
    Window,
    elapsed_four_weeks,
    kendall,
    scores,
    standard_errors,
    trend,
    weighted_slope,
)

HERE = Path(__file__).parent
REFERENCE = json.loads(HERE.joinpath("reference.json").read_text())
ITEMS = ("a", "b", "c", "d", "e")
SEVEN = Layout(ITEMS, 7, {"all": ITEMS}, ())
START, END = 6, 12


def exactly(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def table(name):
    with HERE.joinpath(name).open(newline="") as file:
        return list(csv.DictReader(file))


def statistics_of(layout, rows):
    return SufficientStatistics.from_rows(
        layout, layout.encode(rows), [None] * len(rows)
    )


@pytest.fixture(scope="module")
def people():
    """Per person the team and five keyed answers on 1..7, None where missing."""
    return [
        (
            row["team"],
            [
                None if not row[i] else 8 - int(row[i]) if i == "e" else int(row[i])
                for i in ITEMS
            ],
        )
        for row in table("people.csv")
    ]


@pytest.fixture(scope="module")
def groups(people):
    scale = []
    for _, answers in people:
        known = [x for x in answers if x is not None]
        scale.append(sum(known) / len(known) if known else None)
    return Groups.from_values(scale, [team for team, _ in people])


@pytest.fixture(scope="module")
def complete(people):
    """Complete rows by team, of teams that have two of them."""
    rows = defaultdict(list)
    for team, answers in people:
        if None not in answers:
            rows[team].append(answers)
    return {team: own for team, own in rows.items() if len(own) > 1}


@pytest.fixture(scope="module")
def series():
    first = datetime(2026, 1, 5, tzinfo=UTC)
    rows = table("series.csv")
    points = []
    for row in rows:
        day = first + timedelta(days=int(row["day"]))
        window = Window(day, day + timedelta(days=2))
        points.append(Point(window, float(row["score"]), float(row["se"])))
    return points, [row["phase"] for row in rows]


def test_the_analysis_of_variance_of_unequal_teams(groups):
    anova, value = one_way_anova(groups), REFERENCE["one_way"]
    assert anova.between == exactly(value["between"])
    assert anova.within == exactly(value["within"])
    assert icc1(anova, "mean") == exactly(value["icc1"])
    assert icc2(anova) == exactly(value["icc2"])


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_a_random_intercept_and_shrunken_means(groups, method):
    model, value = fit_random_intercept(groups, method), REFERENCE[method]
    assert model.mu == pytest.approx(value["mu"], rel=1e-6)
    assert model.mu_variance == pytest.approx(value["mu_variance"], rel=1e-6)
    assert model.tau2 == pytest.approx(value["tau2"], rel=1e-6)
    assert model.sigma2 == pytest.approx(value["sigma2"], rel=1e-6)
    assert model.log_likelihood == pytest.approx(value["log_likelihood"], rel=1e-9)
    means = shrink(groups, model).means.tolist()
    assert means == pytest.approx(value["means"], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("r_wg", lambda h: indices.r_wg(indices.item_variance(h[0]), 4)),
        ("r_wg_j", lambda h: indices.r_wg_j(map(indices.item_variance, h), 4)),
        ("r_star", lambda h: indices.r_star(map(indices.item_variance, h), 4)),
        ("ad_mean", lambda h: indices.mean_of_items(map(indices.ad_mean, h))),
        ("ad_median", lambda h: indices.ad_median(h[0])),
        ("a_wg", lambda h: indices.a_wg(h[0])),
    ],
)
def test_agreement_in_every_team(complete, name, index):
    value = REFERENCE["agreement"][name]
    assert value.keys() == complete.keys()
    for team, rows in complete.items():
        agreement = index(list(statistics_of(SEVEN, rows).histogram))
        # The package writes NA where a_wg is not defined.
        assert agreement == (None if value[team] == "NA" else exactly(value[team]))


@pytest.mark.parametrize("value", REFERENCE["critical"], ids=str)
def test_critical_values_of_chance(value):
    n, categories = value["n"], value["A"]
    assert r_wg_critical(n, categories).value == exactly(value["r_wg"])
    assert ad_mean_critical(n, categories).value == exactly(value["ad_mean"])


def test_alpha_where_answers_are_missing(people):
    statistics = statistics_of(SEVEN, [answers for _, answers in people])
    estimate = alpha(covariances(statistics, "all").matrix)
    assert estimate == exactly(REFERENCE["reliability"]["alpha_pairwise"])


def test_reliability_of_complete_answers(complete):
    value = REFERENCE["reliability"]
    rows = [row for own in complete.values() for row in own]
    pairwise = covariances(statistics_of(SEVEN, rows), "all")
    estimate, ends = alpha(pairwise.matrix), value["feldt"]
    interval = alpha_interval(estimate, len(rows), len(ITEMS))
    factor = fit_one_factor(pairwise.matrix)
    assert estimate == exactly(value["alpha"])
    assert [interval.low, interval.high] == exactly(ends)
    assert item_rest_correlations(pairwise) == exactly(value["item_rest"])
    assert mean_correlation(pairwise) == exactly(value["mean_r"])
    assert factor.omega == pytest.approx(value["omega"], rel=1e-5)
    assert factor.loadings.tolist() == pytest.approx(value["loadings"], rel=1e-5)
    psi = factor.uniquenesses.tolist()
    assert psi == pytest.approx(value["uniquenesses"], rel=1e-5)
    assert not factor.clipped
    assert not factor.heywood


def test_scores_of_teams_whose_members_saw_different_items():
    bank, value = ("p", "q", "r", "s"), REFERENCE["rotated"]
    layout = Layout(bank, 5, {"all": bank}, ())
    rows = defaultdict(list)
    for row in table("rotated.csv"):
        rows[row["team"]].append([int(row[i]) if row[i] else None for i in bank])
    by_team = {team: statistics_of(layout, own) for team, own in rows.items()}
    shift = offsets(reduce(add, by_team.values()), "all")
    assert shift == exactly(value["offsets"])
    for team, statistics in by_team.items():
        score = ratio_estimate(statistics, "all", shift)
        assert score.theta == exactly(value["score"][team])
        assert score.se == exactly(value["se"][team])
        census = Census(ceil(score.n / 0.7), rotation=0)
        g = sampling_factor(score.n * score.se**2, score.n, census)
        assert score.se * sqrt(g) == exactly(value["se_finite"][team])


@pytest.mark.parametrize(
    ("counts", "ends"),
    list(zip([(0, 9), (3, 11), (20, 20)], REFERENCE["rotated"]["wilson"], strict=True)),
)
def test_the_interval_of_a_share(counts, ends):
    interval = wilson_interval(*counts)
    assert [interval.low, interval.high] == exactly(ends)


def test_levels_slopes_and_robust_errors_of_an_interrupted_series(series):
    points, _ = series
    value, y = REFERENCE["series"], np.array([point.score for point in points])
    model = least_squares(level_design(18, START, END), y)
    first = points[0].window.opens_at
    times = np.array([(p.window.opens_at - first).days / 28 for p in points])
    assert model.coefficients.tolist() == exactly(value["level"])
    assert np.sqrt(model.covariance.diagonal()).tolist() == exactly(value["level_se"])
    for lag, name in [(1, "robust_se"), (3, "robust_se_lag3")]:
        errors = np.sqrt(newey_west(model, lag).diagonal())
        assert errors.tolist() == exactly(value[name])
    bent = least_squares(slope_design(times, START, END), y).coefficients.tolist()
    assert bent == exactly(value["slopes"])


def test_contrasts_and_their_placebo_dates(series):
    points, phases = series
    value = REFERENCE["series"]
    y = np.array([point.score for point in points])
    result = contrasts(y, START, END, lag=1)
    assert result.accel.estimate == exactly(value["level"][1])
    assert result.accel.se == exactly(value["robust_se"][1])
    assert result.sustain.estimate == exactly(value["level"][2])
    assert result.sustain.se == exactly(value["robust_se"][2])
    assert result.fade.se == exactly(value["fade_se"])
    everywhere = placements(len(y), ends=True)
    test = placebo_test(
        everywhere, (START, END), lambda at: t_statistic(y, (0, 1), *at)
    )
    assert len(test.statistics) == value["placements"]
    assert test.p == exactly(value["placebo_p"])
    # No other placement does as well, so none does that has another start.
    assessment = assess(points, phases)
    assert assessment.placebo_dates == len(other_starts(everywhere, START))
    assert assessment.p == exactly(1 / (1 + assessment.placebo_dates))


def test_the_trend_at_irregular_dates(series):
    result, value = trend(series[0]), REFERENCE["series"]
    assert result.slope == exactly(value["theil_sen"])
    assert result.rank.tau == exactly(value["tau"])
    assert result.rank.p == exactly(value["p"])
    points = series[0]
    line = weighted_slope(
        elapsed_four_weeks(points), scores(points), standard_errors(points)
    )
    assert [line.estimate, line.se] == exactly(value["weighted"])
    assert line.p == exactly(value["weighted_p"])


def test_a_rank_correlation_with_ties_in_both():
    value = REFERENCE["ties"]
    rank = kendall(value["u"], value["y"])
    assert rank.tau == exactly(value["tau"])
    assert rank.p == exactly(value["p"])


def test_adjusted_p_values():
    value = REFERENCE["discoveries"]
    assert benjamini_hochberg(value["p"]) == exactly(value["adjusted"])
