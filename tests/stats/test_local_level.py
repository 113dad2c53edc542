"""Local level of a group: the filter, its variances, and its interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.stats.large_group_level import track_large_groups
from rapport_service.stats.local_level import (
    LEVEL_FACTOR,
    USUAL_SCALE,
    USUAL_VARIANCES,
    LevelVariances,
    ShownSeries,
    difference_from_mean,
    error_scale,
    fit_level_variances,
    track_levels,
)

USUAL = LevelVariances(noise=300.0, drift=15.0, between=60.0, mean=60.0)


def series_of(scores, people=12.0, rounding=0.0, gap=1.0):
    """Groups side by side, so many fortnights apart."""
    scores = np.array(scores, dtype=np.float64)
    if scores.ndim == 1:
        scores = scores[:, None]
    gaps = [gap] * (len(scores) - 1) if np.isscalar(gap) else gap
    return ShownSeries(
        scores,
        scores,
        scores,
        np.full_like(scores, 1) * people,
        np.full_like(scores, rounding),
        np.array([0.0, *gaps]),
    )


def drifting(teams=24, waves=15, people=12.0, variances=USUAL, seed=1):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(waves, teams)) * np.sqrt(variances.drift / people)
    start = variances.mean + np.sqrt(variances.between) * rng.normal(size=teams)
    truth = start + steps.cumsum(axis=0) - steps[0]
    noise = rng.normal(size=truth.shape) * np.sqrt(variances.noise / people)
    return truth, series_of(np.round(truth + noise), people, 1 / 12)


# By hand


def test_level_of_two_waves_by_hand():
    """First pull: 60 / (60 + 25). The level then drifts by 1.25, and noise is 25."""
    track = track_levels(series_of([68, 72]), USUAL)

    first, left = 60 + 60 / 85 * 8, 60 * 25 / 85
    pull = (left + 1.25) / (left + 1.25 + 25)
    assert track.levels[:, 0] == pytest.approx([first, first + pull * (72 - first)])
    assert track.variances[-1, 0] == pytest.approx((left + 1.25) * (1 - pull))
    assert track.interval_reach()[0] == pytest.approx(
        LEVEL_FACTOR * track.variances[-1, 0] ** 0.5
    )


def test_two_wave_error_by_hand():
    track = track_levels(series_of([68, 72, 80, 60]), USUAL)

    errors, spreads = track.two_wave_errors()

    level, left = track.levels[1, 0], track.variances[1, 0]
    assert np.isnan(errors[:2]).all()
    assert errors[3, 0] == pytest.approx((80 + 60) / 2 - level)
    assert spreads[3, 0] ** 2 == pytest.approx(left + 1.25 + 1.25 / 4 + 2 * 25 / 4)


def test_scale_of_past_errors_starts_from_the_usual_one_and_has_one_decimal():
    errors, spreads = np.array([[8.0, -8.0, np.nan]]), np.array([[2.0, 2.0, np.nan]])

    exact = ((20 * 1.4**2 + 16 + 16) / 22) ** 0.5
    assert error_scale(errors, spreads) == round(exact, 1) == 1.8
    assert error_scale(errors[:0], spreads[:0]) == USUAL_SCALE == 1.4


def test_difference_from_a_mean_that_contains_the_group():
    differences, errors = difference_from_mean(np.array([60.0, 60, 66]), np.ones(3) * 9)

    assert differences == pytest.approx([-2, -2, 4])
    assert errors**2 == pytest.approx([9 * 4 / 9 + 18 / 9] * 3)


# Laws


SCORES = st.lists(
    st.lists(st.integers(0, 100) | st.none(), min_size=3, max_size=3),
    min_size=1,
    max_size=8,
).map(lambda rows: [[np.nan if v is None else v for v in row] for row in rows])


@settings(max_examples=30)
@given(SCORES, st.integers(5, 50))
def test_levels_lie_between_the_mean_and_the_scores(rows, people):
    track = track_levels(series_of(rows, people), USUAL)

    for group, column in zip(track.levels.T, np.array(rows).T, strict=True):
        seen = [USUAL.mean, *column[~np.isnan(column)]]
        assert min(seen) - 1e-9 <= group[-1] <= max(seen) + 1e-9
    assert (track.variances > 0).all()


@settings(max_examples=30)
@given(SCORES)
def test_levels_use_nothing_but_the_past(rows):
    whole = track_levels(series_of(rows), USUAL)

    for waves in range(1, len(rows) + 1):
        part = track_levels(series_of(rows).until(waves), USUAL)
        assert np.allclose(part.levels[-1], whole.levels[waves - 1])


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 100), st.integers(5, 50), st.floats(0.5, 20), st.booleans()
        ),
        min_size=2,
        max_size=10,
    ),
    st.sampled_from([track_levels, track_large_groups]),
)
def test_a_missed_wave_leaves_the_same_level_as_a_cancelled_one(waves, track):
    """Whether it comes before a team's first wave, in between, or twice in a row."""
    scores, people, gaps, missed = zip(*waves, strict=True)
    missed = [*missed[:-1], False]
    times = np.cumsum(gaps)
    held = [place for place, is_missed in enumerate(missed) if not is_missed]
    with_gaps = [np.nan if m else s for s, m in zip(scores, missed, strict=True)]
    cancelled = series_of(
        np.array(scores)[held],
        np.array(people, dtype=float)[held][:, None],
        gap=np.diff(times[held]),
    )
    seen = series_of(
        with_gaps, np.where(missed, 1.0, people)[:, None], gap=np.diff(times)
    )

    known, expected = track(seen, USUAL), track(cancelled, USUAL)

    assert np.allclose(known.levels[-1], expected.levels[-1])
    assert np.allclose(known.variances[-1], expected.variances[-1])
    for errors in ("one_wave_errors", "two_wave_errors"):
        if not any(missed[-3:]) and len(held) > 2:
            assert np.allclose(
                [each[-1] for each in getattr(known, errors)()],
                [each[-1] for each in getattr(expected, errors)()],
            )


def test_a_longer_gap_lets_a_level_drift_further():
    near, far = (
        track_levels(series_of([70, 60], gap=gap), USUAL).levels[-1, 0]
        for gap in (1, 20)
    )

    assert far < near


def test_more_people_pull_a_level_closer_to_their_score():
    few, many = (
        track_levels(series_of([80], people), USUAL).levels[-1, 0] for people in (6, 40)
    )

    assert 60 < few < many < 80


# Variances


def test_variances_without_a_score_are_the_usual_ones():
    assert fit_level_variances(series_of(np.empty((4, 0)))) == USUAL_VARIANCES


@pytest.mark.parametrize("teams", [1, 2, 4])
def test_fewer_than_five_groups_shape_nothing(teams):
    """Each of two could compute the other's scores from what both of them shape."""
    _, series = drifting(teams=teams)

    assert fit_level_variances(series) == USUAL_VARIANCES


def test_waves_with_fewer_than_five_groups_shape_nothing():
    _, series = drifting(teams=6, waves=8)
    early, late = series.scores.copy(), series.scores.copy()
    early[:5, 2:] = late[:5, 2:] = np.nan
    late[:5] += 30

    fits = [fit_level_variances(series_of(each)) for each in (early, late)]

    assert fits[0] == fits[1]


def test_variances_are_those_of_the_organization_once_it_has_shown_enough():
    calm = LevelVariances(noise=150.0, drift=15.0, between=20.0, mean=60.0)
    wild = LevelVariances(noise=600.0, drift=15.0, between=150.0, mean=60.0)

    fits = [fit_level_variances(drifting(variances=each)[1]) for each in (calm, wild)]

    for fit, truth in zip(fits, (calm, wild), strict=True):
        assert fit.noise == truth.noise
        assert 0.25 <= fit.between / truth.between <= 4


def test_teams_that_are_all_alike_have_small_variances():
    fit = fit_level_variances(series_of(np.full((10, 8), 70.0)))

    assert fit == LevelVariances(noise=150.0, drift=7.5, between=15.0, mean=70)


@pytest.mark.parametrize("seed", range(4))
def test_published_variances_have_few_values(seed):
    fit = fit_level_variances(drifting(teams=6, waves=4, seed=seed)[1])

    assert {fit.noise / 300, fit.drift / 15} <= {0.5, 1, 2}
    assert fit.between / 60 in {0.25, 1, 4}
    assert fit.mean % 10 == 0


# Promise


def test_level_is_closer_to_the_truth_than_the_newest_score_and_covers_it():
    misses, plain, covered = [], [], []
    for seed in range(8):
        truth, series = drifting(seed=seed)
        track = track_levels(series, fit_level_variances(series))
        misses.append(track.levels[-1] - truth[-1])
        plain.append(series.scores[-1] - truth[-1])
        covered.append(np.abs(misses[-1]) <= track.interval_reach())

    assert np.std(misses) < 0.65 * np.std(plain)
    assert 0.92 <= np.mean(covered) <= 1


def test_level_of_a_large_group_is_less_certain_than_its_size_says():
    """A shock to all at once does not shrink with the number of people."""
    rng = np.random.default_rng(5)
    shaken = series_of(60 + 3 * rng.normal(size=30), people=500)

    as_team = track_levels(shaken, USUAL).interval_reach()[0]
    as_large = track_large_groups(shaken, USUAL).interval_reach()[0]

    assert as_large > 1.5 * as_team
