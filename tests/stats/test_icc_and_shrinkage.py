import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from rapport_service.stats.icc import (
    Groups,
    icc1,
    icc1_interval,
    icc2,
    icc2_interval,
    mean_reliability,
    one_way_anova,
)
from rapport_service.stats.scores import ScoreEstimate
from rapport_service.stats.shrinkage import (
    difference_p_values,
    fit_random_intercept,
    fit_shrinkage_model,
    random_intercept_at_ratio,
    shrink,
)

TEAMS = st.lists(
    st.lists(st.integers(1, 5).map(float), min_size=1, max_size=9),
    min_size=2,
    max_size=12,
)


def groups_of(*teams):
    values = [x for team in teams for x in team]
    names = [name for name, team in enumerate(teams) for _ in team]
    return Groups.from_values(values, names)


def shrunk(groups):
    return shrink(groups, fit_shrinkage_model(groups))


def test_missing_values_belong_to_no_group():
    groups = Groups.from_values(
        [1.0, None, 3.0, float("nan"), 5.0], ["a", "a", "a", "b", "c"]
    )
    assert groups.n.tolist() == [2, 1]
    assert groups.means.tolist() == [2, 5]
    assert groups.within == 2


def test_scores_count_people_not_answers():
    scores = [
        ScoreEstimate(5, 10, 3.0, 0.2),
        ScoreEstimate(0, 0, None, None),
        ScoreEstimate(1, 2, 4.0, None),
    ]
    groups = Groups.from_scores(scores)
    assert groups.n.tolist() == [5, 1]
    assert groups.within == pytest.approx(5 * 4 * 0.04)


# Intraclass correlation


def test_an_analysis_of_variance_by_hand():
    table = one_way_anova(groups_of([1, 3], [5, 5, 5, 5]))
    assert (table.between, table.within) == (12, 0.5)
    assert table.f == 24
    assert table.n0 == pytest.approx(6 - 20 / 6)
    assert icc1(table, "mean") == pytest.approx(11.5 / 13)
    assert icc2(table) == pytest.approx(11.5 / 12)


@given(TEAMS)
def test_groups_of_one_size_have_one_icc(teams):
    table = one_way_anova(groups_of(*[[t[0], t[-1], 3.0] for t in teams]))
    assert table.n0 == pytest.approx(table.mean_size)


@given(TEAMS)
def test_an_icc_is_at_most_one_and_inside_its_interval(teams):
    table = one_way_anova(groups_of(*teams))
    assume(table is not None and table.within > 0 and table.between > 0)
    icc, ends = icc1(table), icc1_interval(table)
    assert ends.low - 1e-9 <= icc <= ends.high + 1e-9 <= 1 + 2e-9


@pytest.mark.parametrize("teams", [[[1, 2, 3]], [[1], [2], [3]], []])
def test_one_group_or_one_person_a_group_has_no_icc(teams):
    assert one_way_anova(groups_of(*teams)) is None


def test_a_negative_icc_is_shown_as_it_is_but_makes_no_mean_reliable():
    table = one_way_anova(groups_of([1, 5], [1, 5], [1, 5]))
    assert icc1(table) < 0
    assert icc2(table) is None
    assert mean_reliability(icc1(table), np.array([5.0])).tolist() == [0]


def test_icc_without_any_variance_is_none():
    table = one_way_anova(groups_of([3, 3], [3, 3]))
    assert icc1(table) is None
    assert icc2(table) is None
    assert icc1_interval(table) is None
    assert icc2_interval(table) is None


def test_the_intervals_of_both_are_those_of_shrout_and_fleiss():
    # Their table 2: six targets and four judges, taken as a single-way layout.
    table = one_way_anova(
        groups_of(
            *([9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8]),
            *([7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]),
        )
    )
    assert icc1(table) == pytest.approx(0.166, abs=5e-4)
    assert icc2(table) == pytest.approx(0.443, abs=5e-4)
    single, average = icc1_interval(table), icc2_interval(table)
    assert (single.low, single.high) == pytest.approx((-0.133, 0.723), abs=5e-4)
    assert (average.low, average.high) == pytest.approx((-0.884, 0.912), abs=5e-4)


@given(TEAMS)
def test_the_interval_of_a_mean_is_that_of_one_person_stepped_up(teams):
    table = one_way_anova(groups_of(*teams))
    assume(table is not None and table.within > 0 and table.between > 0)
    k, single, average = table.n0, icc1_interval(table), icc2_interval(table)
    assert average.low - 1e-9 <= icc2(table) <= average.high + 1e-9
    for end, stepped in ((single.low, average.low), (single.high, average.high)):
        assert k * end == pytest.approx(stepped * (1 + (k - 1) * end), abs=1e-9)


def test_icc_is_one_if_only_groups_differ():
    table = one_way_anova(groups_of([3, 3], [4, 4]))
    assert icc1(table) == icc2(table) == 1
    assert table.f == np.inf


@pytest.mark.parametrize(("n", "reliability"), [(5, 0.357), (12, 0.571), (20, 0.690)])
def test_bigger_groups_have_more_reliable_means(n, reliability):
    reliabilities = mean_reliability(0.10, np.array([float(n)]))
    assert reliabilities[0] == pytest.approx(reliability, abs=5e-4)


# The random intercept


@given(TEAMS, st.sampled_from(["reml", "ml"]))
def test_no_other_ratio_fits_better(teams, method):
    groups = groups_of(*teams)
    assume(groups.people > groups.count and groups.within > 0)
    best = fit_random_intercept(groups, method)
    for ratio in (0.0, 0.003, 0.05, 0.4, 3.0, 50.0):
        other = random_intercept_at_ratio(groups, ratio, method)
        assert other.log_likelihood <= best.log_likelihood + 1e-9


def test_zero_between_team_variance_shrinks_every_team_to_one_mean():
    groups = groups_of(*[[1, 5, 2, 4, 3]] * 9)
    model = fit_random_intercept(groups)
    assert model.tau2 == 0
    assert model.icc1 == 0
    assert shrink(groups, model).means.tolist() == pytest.approx([3] * 9)


def test_team_keeps_its_mean_without_spread_inside_teams():
    groups = groups_of(*[[float(x)] * 3 for x in range(9)])
    model = fit_random_intercept(groups)
    assert model.sigma2 == 0
    assert model.icc1 == 1
    assert shrunk(groups).means.tolist() == list(range(9))
    assert fit_random_intercept(groups, "ml").tau2 == pytest.approx(60 / 9)


def test_team_keeps_the_common_mean_without_any_variance():
    groups = groups_of(*[[3, 3]] * 9)
    assert fit_random_intercept(groups).icc1 is None
    assert fit_random_intercept(groups).icc2(2) is None
    assert shrunk(groups).means.tolist() == [3] * 9


@pytest.mark.parametrize("teams", [[[1, 2]], [[1], [2]]])
def test_groups_without_two_variances_are_refused(teams):
    with pytest.raises(ValueError, match="two groups"):
        fit_random_intercept(groups_of(*teams))


# Shrinkage


@given(TEAMS)
def test_a_shrunken_mean_lies_between_the_teams_own_and_that_of_all(teams):
    groups = groups_of(*teams)
    result = shrunk(groups)
    lowest, highest = groups.means.min(), groups.means.max()
    assert ((result.means >= lowest - 1e-9) & (result.means <= highest + 1e-9)).all()
    assert ((result.reliability >= 0) & (result.reliability <= 1)).all()
    assert (result.conditional <= result.variance + 1e-12).all()


@pytest.mark.parametrize("teams", [[[2, 4]], [[2, 4], [3, 5, 4]], [[4]]])
def test_fewer_than_three_teams_shrink_by_an_assumed_icc(teams):
    groups = groups_of(*teams)
    expected = mean_reliability(0.10, groups.n)
    sizes = shrunk(groups).reliability
    assert sizes.tolist() == (
        pytest.approx(expected.tolist()) if groups.people > 1 else [0]
    )


def test_no_team_at_all_is_refused():
    with pytest.raises(ValueError, match="no group"):
        shrunk(groups_of())


def test_a_small_team_is_drawn_further_than_a_large_one():
    teams = [[2, 3, 4, 3] * 4, [3, 4, 5, 4] * 4, [1, 2, 3, 2] * 4] * 3
    groups = groups_of(*teams, [5, 5])
    result = shrunk(groups)
    assert result.reliability[-1] < result.reliability[0]
    assert result.means[-1] < 5


@given(TEAMS)
def test_a_team_differs_from_all_no_more_surely_than_its_raw_mean_does(teams):
    groups = groups_of(*teams)
    model = fit_shrinkage_model(groups)
    p_values = difference_p_values(shrink(groups, model), model)
    assert ((p_values >= 0) & (p_values <= 1)).all()
    if model.sigma2 > 1e-9:
        error = np.sqrt(model.sigma2 / groups.n)
        raw = 2 * special.ndtr(-np.abs(groups.means - model.mu) / error)
        assert (p_values >= raw - 1e-9).all()


def test_teams_without_true_variance_never_differ():
    groups = groups_of(*[[1, 5, 2, 4, 3]] * 9)
    assert (
        difference_p_values(shrunk(groups), fit_shrinkage_model(groups)).tolist()
        == [1] * 9
    )


def test_teams_that_are_known_exactly_differ_for_certain():
    groups = groups_of(*[[float(x)] * 3 for x in range(9)])
    p_values = difference_p_values(shrunk(groups), fit_shrinkage_model(groups))
    assert p_values.tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
