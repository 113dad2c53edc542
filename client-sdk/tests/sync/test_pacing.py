"""Laws of pacing; the cases of one item are in ``test_client_rules.py``."""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client._sync import pacing
from rapport_client._sync.pacing import (
    MAX_BACKOFF,
    MAX_SERVER_ERRORS,
    MIN_BACKOFF,
    NextStep,
    Pace,
    RequestOutcome,
    compute_backoff,
    next_pace,
)

JITTER = st.floats(0, 1, exclude_max=True)
FAILURES = st.sampled_from(
    [
        RequestOutcome.NO_CONNECTION,
        RequestOutcome.TIMED_OUT,
        RequestOutcome.BUSY,
        RequestOutcome.SERVER_ERROR,
    ]
)


def fail_request(pace, outcome, items=1, jitter=0.5):
    return next_pace(pace, outcome, items, 0.0, jitter)


# How long to wait.


@given(failures=st.integers(1, 10_000), jitter=JITTER)
def test_a_wait_lies_between_two_seconds_and_a_quarter_of_an_hour(failures, jitter):
    assert MIN_BACKOFF <= compute_backoff(failures, jitter) <= MAX_BACKOFF


@given(jitter=JITTER)
def test_waits_grow_with_failures_until_they_have_their_full_length(jitter):
    waits = [compute_backoff(failures, jitter) for failures in range(1, 20)]

    assert waits == sorted(waits)
    assert compute_backoff(20, 0.999) > 0.99 * MAX_BACKOFF


@given(
    outcomes=st.lists(FAILURES, min_size=1, max_size=60),
    jitter=JITTER,
    items=st.integers(1, 500),
)
def test_no_failure_ends_the_retries(outcomes, jitter, items):
    pace, now = Pace(max_size=500), 0.0
    for outcome in outcomes:
        pace, _ = next_pace(pace, outcome, items, now, jitter)
        now = max(now, pace.not_before)

    assert pace.not_before <= now < math.inf


# Politeness (I14): under a total outage requests become few, and recover at once.


class Outage:
    """A server that fails for ever, and a device that has much to send."""

    def __init__(self, outcome, waiting, rng):
        self.outcome, self.rng = outcome, rng
        self.failures = dict.fromkeys(range(waiting), 0)
        self.place = list(range(waiting))
        self.resting = {}
        self.pace, self.now, self.requests = Pace(max_size=1, size=1), 0.0, []

    def run(self, until):
        while self.now < until:
            ready = [n for n in self.place if self.resting.get(n, 0) <= self.now]
            if not ready or self.now < self.pace.not_before:
                self.now += 1
                continue
            self.request(ready[0])

    def request(self, number):
        self.requests.append(self.now)
        before = replace(self.pace, server_errors=self.failures[number])
        self.pace, step = next_pace(
            before, self.outcome, 1, self.now, self.rng.random()
        )
        if self.outcome in {RequestOutcome.SERVER_ERROR, RequestOutcome.TIMED_OUT}:
            self.failures[number] += 1
        if step in {NextStep.MOVE_TO_END, NextStep.PAUSE}:
            self.place.remove(number)
            self.place.append(number)
            self.resting[number] = self.now + compute_backoff(
                self.failures[number], self.rng.random()
            )


@settings(max_examples=30, deadline=None)
@given(outcome=FAILURES, waiting=st.integers(1, 200), seed=st.integers(0, 2**32))
def test_under_a_total_outage_requests_become_few(outcome, waiting, seed):
    outage = Outage(outcome, waiting, Random(seed))

    outage.run(until=6 * 3600)

    last_hour = [at for at in outage.requests if at >= 5 * 3600]
    # Full jitter up to a quarter of an hour is eight an hour on average; an item that
    # is put behind the others lets one more request follow.
    assert len(last_hour) <= 40
    for minute in range(0, 6 * 3600, 60):
        inside = [at for at in outage.requests if minute <= at < minute + 60]
        assert len(inside) <= 12


@given(failures=st.lists(FAILURES, max_size=30), jitter=JITTER)
def test_one_delivery_ends_every_backoff(failures, jitter):
    pace = Pace(max_size=500)
    for outcome in failures:
        pace, _ = next_pace(pace, outcome, 1, 0.0, jitter)

    pace, step = next_pace(pace, RequestOutcome.DELIVERED, 1, 1.0, jitter)

    assert step is NextStep.SETTLE
    assert pace.not_before <= 1.0
    assert (pace.failures, pace.server_errors) == (0, 0)


# How much at once (I15).


@pytest.mark.parametrize(
    ("outcome", "tries"),
    [
        (RequestOutcome.TOO_LARGE, 1),
        (RequestOutcome.TIMED_OUT, 1),
        (RequestOutcome.SERVER_ERROR, MAX_SERVER_ERRORS),
    ],
)
def test_a_cut_is_halved(outcome, tries):
    pace = Pace(max_size=500, size=40)
    for _ in range(tries):
        assert pace.size == 40
        pace, _ = fail_request(pace, outcome, items=40)

    assert pace.size == 20


def test_a_cut_doubles_until_it_is_as_large_as_the_service_allows():
    pace, sizes = Pace(max_size=100), []
    while len(sizes) < 6:
        sizes.append(pace.size)
        pace, _ = fail_request(pace, RequestOutcome.DELIVERED, items=pace.size)

    assert sizes == [10, 20, 40, 80, 100, 100]


def test_a_cut_that_was_not_full_proves_nothing():
    pace, _ = fail_request(Pace(max_size=100), RequestOutcome.DELIVERED, items=7)

    assert pace.size == 10


def test_limit_that_shrinks_is_kept_at_once():
    assert Pace(max_size=500, size=400).with_limit(50).size == 50


@pytest.mark.parametrize("outcome", [RequestOutcome.TOO_LARGE, RequestOutcome.REFUSED])
def test_one_item_that_the_service_will_not_take_is_dead(outcome):
    pace, step = fail_request(Pace(max_size=500, size=1, min_rejected_size=2), outcome)

    assert step is NextStep.MARK_DEAD
    assert pace.min_rejected_size is None  # it was the item, not the number


def test_limit_of_an_intermediary_kills_nothing():
    for server_errors in range(5):
        _, step = fail_request(
            Pace(max_size=1, server_errors=server_errors),
            RequestOutcome.TOO_LARGE_ON_THE_WAY,
        )
        assert step is not NextStep.MARK_DEAD


def drain_requests(waiting, capacity, poison, max_items):
    """The sizes of all requests until nothing is left but what is dead."""
    pace, queue, sizes, dead = Pace(max_size=max_items), list(range(waiting)), [], []
    while queue:
        cut = queue[: pace.size]
        sizes.append(len(cut))
        assert len(sizes) < 100_000, "it never ends"
        if len(cut) > capacity:
            outcome = RequestOutcome.TOO_LARGE
        elif poison & set(cut):
            outcome = RequestOutcome.REFUSED
        else:
            outcome = RequestOutcome.DELIVERED
        pace, step = next_pace(pace, outcome, len(cut), 0.0, 0.5)
        if step in {NextStep.SETTLE, NextStep.MARK_DEAD}:
            dead += cut if step is NextStep.MARK_DEAD else []
            queue = queue[len(cut) :]
        else:
            assert step is NextStep.RETRY_SMALLER
    return sizes, dead


@settings(max_examples=200, deadline=None)
@given(waiting=st.integers(0, 20_000), capacity=st.integers(1, 500))
def test_any_backlog_drains_in_few_requests_more_than_it_must(waiting, capacity):
    """T7: a backlog far above an unpublished limit."""
    sizes, dead = drain_requests(waiting, capacity, set(), max_items=500)

    must = math.ceil(waiting / capacity)
    assert dead == []
    # To double up to the limit, to find it by halves, and the portions on the way.
    assert len(sizes) <= must + 4 * math.log2(500)


@settings(max_examples=100, deadline=None)
@given(
    waiting=st.integers(1, 2_000),
    poison=st.sets(st.integers(0, 1_999), max_size=5),
)
def test_every_poison_item_is_isolated_by_halving_and_no_other_dies(waiting, poison):
    poison = {number for number in poison if number < waiting}

    sizes, dead = drain_requests(waiting, 500, poison, max_items=500)

    assert set(dead) == poison
    log = math.ceil(math.log2(500))
    # At each size at most: refused, the good half taken, refused once more at the size
    # that doubled by it; and to double up again in the end.
    assert len(sizes) <= math.ceil(waiting / 500) + log + len(poison) * 4 * log


@given(
    outcome=st.sampled_from(RequestOutcome),
    items=st.integers(1, 500),
    size=st.integers(1, 500),
    min_rejected_size=st.none() | st.integers(2, 500),
    server_errors=st.integers(0, 9),
    jitter=JITTER,
)
def test_a_request_always_has_at_least_one_item_and_never_more_than_allowed(
    outcome, items, size, min_rejected_size, server_errors, jitter
):
    pace = Pace(
        max_size=500,
        size=size,
        min_rejected_size=min_rejected_size,
        server_errors=server_errors,
    )

    pace, _ = next_pace(pace, outcome, items, 0.0, jitter)

    assert 1 <= pace.size <= 500


def test_pacing_rules_read_no_clock_and_no_randomness():
    assert not {"time", "random", "secrets", "datetime"} & vars(pacing).keys()
