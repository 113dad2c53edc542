from itertools import product

import pytest

from rapport_service.stats.required_waves import is_testable, waves_needed
from tests.stats.event_series import assess_levels

UP_TO = range(8)


@pytest.mark.parametrize("before", [0, 1, 2, 5, 12])
def test_testable_waves_are_those_that_are_assessed(before):
    for during, after in product((0, 1, 2, 3, 6, 11), (0, 1, 2, 3, 6)):
        assessment = assess_levels((50, before), (62, during), (61, after))

        assert is_testable(before, during, after) is (assessment.contrasts is not None)


def test_no_fewer_waves_would_do_once_a_crisis_is_over():
    for before, during, after in product(UP_TO, UP_TO, UP_TO):
        needed = waves_needed(before, during, after, over=True, ends=True)

        if needed is None:
            assert min(before, during) < 2
            continue
        assert is_testable(before, during, after + needed)
        assert after + needed >= 2
        if needed:
            short = after + needed - 1
            assert short < 2 or not is_testable(before, during, short)


def test_a_crisis_that_goes_on_needs_two_waves_in_it_and_two_after():
    assert waves_needed(5, 0, 0, over=False, ends=True) == 6
    assert waves_needed(5, 4, 0, over=False, ends=True) == 2
    assert waves_needed(9, 1, 0, over=False, ends=True) == 3


def test_event_without_an_end_needs_twenty_three_waves():
    assert waves_needed(5, 4, 0, over=False, ends=False) == 14
    assert waves_needed(12, 11, 0, over=False, ends=False) == 0
    assert waves_needed(30, 0, 0, over=False, ends=False) == 2


@pytest.mark.parametrize(("before", "during"), [(1, 5), (0, 5), (5, 1)])
def test_waves_missing_before_or_during_are_missing_for_good(before, during):
    assert waves_needed(before, during, 9, over=True, ends=True) is None
