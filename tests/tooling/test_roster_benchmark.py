"""``make bench-roster`` fails if a bound is broken, and says which."""

import os

import pytest

from benchmarks.roster import (
    EDITS,
    EXPECTED_CHANGES,
    MAX_MEGABYTES,
    MAX_SECONDS,
    SIZES,
    RosterCosts,
    find_broken_bounds,
    make_roster,
    peak_megabytes,
)
from rapport_service.agency.roster_rules import compare_rosters, roster_from_document

MAX_PEOPLE = max(SIZES)


def costs(people=MAX_PEOPLE, megabytes=MAX_MEGABYTES, **seconds):
    measured = MAX_SECONDS | {step.replace("_", " "): s for step, s in seconds.items()}
    return RosterCosts("sqlite", people, measured, measured, megabytes)


def test_costs_at_the_bounds_hold():
    assert list(find_broken_bounds(costs())) == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"put": 15.1}, "put took 15.10 s instead of 15 s"),
        ({"put_again": 2.1}, "put again took 2.10 s instead of 2 s"),
        ({"one_changed": 16}, "one changed took 16.00 s instead of 15 s"),
        ({"megabytes": 301}, "a worker took 301 MB instead of 300 MB"),
    ],
)
def test_a_broken_bound_is_named(broken, words):
    assert list(find_broken_bounds(costs(**broken))) == [f"sqlite: {words}"]


def test_bounds_are_those_of_the_largest_size():
    smaller = costs(people=SIZES[0], put=100, megabytes=1000)

    assert list(find_broken_bounds(smaller)) == []


@pytest.mark.parametrize("people", [30, 1000])
def test_rosters_that_are_put_are_valid_and_change_as_expected(people):
    roster = make_roster(people)
    before = roster_from_document(roster)
    for step in ("put again", "one changed"):
        EDITS[step](roster)
        after = roster_from_document(roster)
        diff = compare_rosters(before, after)
        assert len(diff.teams) + len(diff.people) == EXPECTED_CHANGES[step](roster)
    assert len(before.people) == people


def test_peak_memory_is_at_least_what_is_in_use():
    block = bytes(100_000_000)

    assert peak_megabytes(os.getpid()) >= len(block) / 1e6
