from itertools import product

import pytest

from rapport_service.stats.required_waves import is_testable, waves_needed
from tests.stats.event_series import assess_levels

UP_TO = range(8)


@pytest.mark.parametrize("before", [0, 1, 2, 5, 12])
def test_testable_waves_are_those_that_are_assessed(before):
    for during, after in product((0, 1, 2, 3, 6, 11), (0, 1, 2, 3, 6)):
        assessment = assess_levels((50, before), (62, during), (61, after))

        assert is_testable(before, during, after, noise_known=False) is (
            assessment.contrasts is not None
        )


@pytest.mark.parametrize("before", [0, 1, 2, 5])
def test_two_waves_in_a_phase_are_enough_where_noise_is_known(before):
    for during, after in product((0, 1, 2, 3), (0, 1, 2)):
        is_enough = min(before, during) >= 2

        assert is_testable(before, during, after, noise_known=True) is is_enough


@pytest.mark.parametrize("noise_known", [False, True])
def test_no_fewer_waves_would_do_once_a_crisis_is_over(noise_known):
    for before, during, after in product(UP_TO, UP_TO, UP_TO):
        needed = waves_needed(
            *(before, during, after), over=True, ends=True, noise_known=noise_known
        )

        if needed is None:
            assert min(before, during) < 2
            continue
        assert is_testable(before, during, after + needed, noise_known=noise_known)
        assert after + needed >= 2
        if needed:
            short = after + needed - 1
            assert short < 2 or not is_testable(
                before, during, short, noise_known=noise_known
            )


def needed_by_placebo_dates(before, during, after=0, **more):
    return waves_needed(before, during, after, noise_known=False, **more)


def needed_by_noise(before, during, after=0, **more):
    return waves_needed(before, during, after, noise_known=True, **more)


def test_a_crisis_that_goes_on_needs_two_waves_in_it_and_two_after():
    assert needed_by_placebo_dates(5, 0, over=False, ends=True) == 7
    assert needed_by_placebo_dates(5, 4, over=False, ends=True) == 3
    assert needed_by_placebo_dates(9, 1, over=False, ends=True) == 3
    assert needed_by_noise(5, 0, over=False, ends=True) == 4
    assert needed_by_noise(5, 4, over=False, ends=True) == 2


def test_event_without_an_end_needs_twenty_three_placebo_dates_or_two_waves():
    assert needed_by_placebo_dates(5, 4, over=False, ends=False) == 14
    assert needed_by_placebo_dates(12, 11, over=False, ends=False) == 0
    assert needed_by_placebo_dates(30, 0, over=False, ends=False) == 2
    assert needed_by_noise(5, 0, over=False, ends=False) == 2
    assert needed_by_noise(5, 2, over=False, ends=False) == 0


@pytest.mark.parametrize("needed", [needed_by_placebo_dates, needed_by_noise])
@pytest.mark.parametrize(("before", "during"), [(1, 5), (0, 5), (5, 1)])
def test_waves_missing_before_or_during_are_missing_for_good(before, during, needed):
    assert needed(before, during, 9, over=True, ends=True) is None
