"""Noise of an organization's series, where the answer is known beforehand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.stats.event_effect import SeriesNoise, assess
from rapport_service.stats.noise_model import (
    MIN_FREEDOM,
    PHASE_CORRELATIONS,
    TeamSeries,
    correlation_matrix,
    fit_noise_model,
)
from rapport_service.stats.segmented_regression import level_design
from tests.stats.event_series import wave

WAVES, BEFORE, DURING = 16, 5, 5
DESIGN = level_design(WAVES, BEFORE, BEFORE + DURING)
TIMES = np.arange(WAVES, dtype=np.float64)
ACCEL = np.repeat([-1 / BEFORE, 1 / DURING, 0], [BEFORE, DURING, 6])
SUSTAIN = np.repeat([-1 / BEFORE, 0, 1 / 6], [BEFORE, DURING, 6])
TEAMS, SE = 24, 5.0
LABELS = ["before"] * BEFORE + ["during"] * DURING + ["after"] * 6


def team(scores, se=SE, eligible=20.0):
    return TeamSeries(np.asarray(scores, dtype=np.float64), se**2, eligible)


def model_of(rows, root=None):
    root = np.mean(rows, axis=0) if root is None else root
    return fit_noise_model(
        DESIGN, [team(row) for row in rows], team(root, 1.0, 20.0 * max(len(rows), 1))
    )


def noisy_rows(sd=SE, shock=0.0, seed=1, levels=(50, 50, 50)):
    rng = np.random.default_rng(seed)
    steps = np.repeat(levels, [BEFORE, DURING, WAVES - BEFORE - DURING])
    common = shock * rng.normal(size=WAVES)
    return steps + common + sd * rng.normal(size=(TEAMS, WAVES))


# Known cases


def test_series_without_noise_have_hardly_any_doubt():
    rows = np.repeat([[50, 70, 70]], [TEAMS], axis=0).repeat([5, 5, 6], axis=1)

    noise = SeriesNoise(model_of(rows), range(WAVES), SE**2)
    points = [wave(number, score) for number, score in enumerate(rows[0])]
    assessment = assess(points, LABELS, noise, is_over=True)

    assert assessment.verdict == "sustained"
    assert assessment.contrasts.accel.se < 1


def test_noise_of_the_size_that_was_published_is_taken_for_what_it_is():
    model = model_of(noisy_rows())

    own = model.team_variance(SE**2, ACCEL, TIMES)

    expected = SE * np.sqrt(1 / BEFORE + 1 / DURING)
    assert own.se == pytest.approx(expected, rel=0.25)
    assert own.freedom > 20


def test_people_who_come_back_make_noise_smaller_than_published():
    calm, usual = (model_of(noisy_rows(sd)) for sd in (SE / 2, SE))

    ratio = (
        calm.team_variance(SE**2, ACCEL, TIMES).se
        / usual.team_variance(SE**2, ACCEL, TIMES).se
    )

    assert 0.4 < ratio < 0.75


def test_a_common_shock_widens_every_series_and_most_of_all_the_roots():
    calm, shaken = (model_of(noisy_rows(shock=sd)) for sd in (0, 4))

    for variance in ("team_variance", "root_variance"):
        arguments = (SE**2, ACCEL, TIMES) if variance == "team_variance" else ()
        arguments = arguments or (ACCEL, TIMES)
        before, after = (getattr(m, variance)(*arguments).se for m in (calm, shaken))
        assert after > before
    assert (
        shaken.root_variance(ACCEL, TIMES).se
        > 1.5 * calm.root_variance(ACCEL, TIMES).se
    )


def test_a_common_shock_does_not_count_as_the_teams_own_noise():
    calm, shaken = (model_of(noisy_rows(shock=sd)) for sd in (0, 6))

    assert np.allclose(calm.drift_weights, shaken.drift_weights)
    assert np.allclose(calm.scales, shaken.scales)


@pytest.mark.parametrize("correlation", PHASE_CORRELATIONS)
@pytest.mark.parametrize("weights", [ACCEL, SUSTAIN])
def test_drift_of_teams_is_seen_and_contrasts_are_as_doubtful_as_it_makes_them(
    correlation, weights
):
    rng = np.random.default_rng(3)
    drift = (np.eye(WAVES) + correlation_matrix(TIMES, correlation)) / 2
    drifting = 50 + SE * (rng.normal(size=(TEAMS, WAVES)) @ np.linalg.cholesky(drift).T)

    slow, quick = model_of(drifting), model_of(noisy_rows())

    shares = np.arange(10) / 10
    slow_share, quick_share = (
        float((model.drift_weights @ shares).sum()) for model in (slow, quick)
    )
    assert slow_share > 2 * quick_share
    truth = SE * np.sqrt(weights @ drift @ weights)
    assert slow.team_variance(SE**2, weights, TIMES).se == pytest.approx(
        truth, rel=0.35
    )


def test_people_outside_of_the_complete_teams_count_as_those_inside():
    rows = noisy_rows()
    few, all_teams = (
        fit_noise_model(DESIGN, [team(row) for row in some], team(root, 1.0, 480.0))
        for some, root in ((rows[:6], rows.mean(axis=0)), (rows, rows.mean(axis=0)))
    )

    assert few.root_se2 == pytest.approx(all_teams.root_se2)


@pytest.mark.parametrize("teams", [0, 1, 2])
def test_fewer_than_three_complete_teams_do_not_tell_their_noise(teams):
    rows = noisy_rows()[:teams]

    assert model_of(rows, root=np.full(WAVES, 50.0)) is None


def test_series_without_a_wave_to_spare_does_not_tell_its_noise():
    design = level_design(3, 1, 2)
    teams = [team([50, 60, 55])] * 3

    assert fit_noise_model(design, teams, teams[0]) is None


# Laws


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(1, 9), st.floats(0, 6))
def test_weights_are_a_distribution_and_variances_are_positive(seed, sd, shock):
    model = model_of(noisy_rows(sd, shock, seed))

    assert model.drift_weights.sum() == pytest.approx(1)
    assert model.shock_weights.sum() == pytest.approx(1)
    for own in (
        model.team_variance(SE**2, ACCEL, TIMES),
        model.root_variance(ACCEL, TIMES),
    ):
        assert own.variance > 0
        assert own.freedom >= MIN_FREEDOM
        assert (own.p_value(7.0) <= 0.05) == (own.quantile(0.975) <= 7)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.tuples(*[st.floats(20, 80)] * 3))
def test_levels_of_the_phases_do_not_change_what_is_taken_for_noise(seed, levels):
    flat, stepped = (
        model_of(noisy_rows(seed=seed, levels=each)) for each in ((50,) * 3, levels)
    )

    for usual, other in (
        (flat.scales, stepped.scales),
        (flat.drift_weights, stepped.drift_weights),
        (flat.shock_weights, stepped.shock_weights),
    ):
        assert np.allclose(usual, other, atol=1e-6)


@given(st.integers(0, 100))
def test_shifting_all_scores_together_changes_nothing(seed):
    rows = noisy_rows(seed=seed)

    usual, shifted = model_of(rows), model_of(rows + 10)

    assert usual.team_variance(SE**2, ACCEL, TIMES).variance == pytest.approx(
        shifted.team_variance(SE**2, ACCEL, TIMES).variance
    )


# Verdicts


def verdicts(levels, shock=0.0, seeds=range(8)):
    """The verdicts on all teams of some organizations."""
    seen = []
    for seed in seeds:
        rows = noisy_rows(shock=shock, seed=seed, levels=levels)
        noise = SeriesNoise(model_of(rows), range(WAVES), SE**2)
        seen += [
            assess([wave(t, y) for t, y in enumerate(row)], LABELS, noise, is_over=True)
            for row in rows
        ]
    return [assessment.verdict for assessment in seen]


@pytest.mark.parametrize("shock", [0, 2])
def test_a_gain_that_is_kept_is_sustained_and_one_that_is_lost_is_faded(shock):
    kept, lost = verdicts((50, 65, 65), shock), verdicts((50, 65, 50), shock)

    assert kept.count("sustained") > 0.8 * len(kept)
    assert lost.count("faded") > 0.8 * len(lost)
    assert lost.count("sustained") <= 0.05 * len(lost)


@pytest.mark.parametrize("shock", [0, 3])
def test_noise_is_rarely_called_a_gain(shock):
    seen = verdicts((50, 50, 50), shock)

    gains = sum(verdict in {"accelerated", "sustained", "faded"} for verdict in seen)
    assert gains <= 0.06 * len(seen)


def test_a_series_says_how_large_a_gain_would_have_been_clear_and_what_it_takes():
    rows = noisy_rows(sd=8)[:, :9]
    model = fit_noise_model(
        level_design(9, 6),
        [team(row) for row in rows],
        team(rows.mean(axis=0), 1.0, 20.0 * TEAMS),
    )
    noise = SeriesNoise(model, range(9), SE**2)
    points = [wave(number, 50 if number < 6 else 56) for number in range(9)]
    labels = ["before"] * 6 + ["during"] * 3

    so_far = assess(points, labels, noise)
    over = assess(points, labels, noise, is_over=True)

    assert so_far.method == "noise_model"
    assert so_far.verdict == "too_early_to_tell"
    assert so_far.detectable > 10
    assert so_far.waves_to_detect > 0
    assert over.waves_to_detect is None


def test_a_series_that_could_show_ten_points_needs_no_more_waves():
    rows = noisy_rows(sd=2)
    noise = SeriesNoise(model_of(rows), range(WAVES), SE**2)

    seen = assess([wave(t, 50) for t in range(WAVES)], LABELS, noise, is_over=True)

    assert seen.verdict == "no_acceleration"
    assert 5 <= seen.detectable <= 10
    assert seen.waves_to_detect == 0
