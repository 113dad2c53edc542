from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.stats.crisis_share import crisis_share
from rapport_service.stats.event_phases import (
    Episode,
    drop_overlapping,
    episodes,
    is_exploratory,
    phase_of_window,
    phases_of_windows,
)
from tests.stats.event_series import at, crisis, marker, window
from tests.stats.questionnaire import statistics_of

# Phases


def test_the_middle_of_a_wave_decides_its_phase():
    windows = [window(14 * i) for i in range(6)]
    phases = [phase_of_window(wave, crisis(20, 50)) for wave in windows]
    assert phases == ["before", "before", "during", "during", "after", "after"]


@pytest.mark.parametrize("day", [14, 15, 17])
def test_a_wave_that_was_open_on_the_date_is_in_transition(day):
    assert phase_of_window(window(14), crisis(day)) == "transition"
    assert phase_of_window(window(14), crisis(0.5, day)) == "transition"


def test_a_crisis_without_an_end_has_no_after():
    phases = [phase_of_window(window(14 * i), crisis(20)) for i in range(9)]
    assert set(phases) == {"before", "during"}


@given(st.integers(0, 300), st.integers(1, 30), st.integers(0, 300), st.integers(1, 99))
def test_phases_follow_each_other(first, gap, start, length):
    order = ["before", "transition", "during", "transition", "after"]
    phases = phases_of_windows(
        [window(first + gap * i, 0) for i in range(20)], crisis(start, start + length)
    )
    ranks = [
        ("before", "during", "after").index(p) for p in phases if p != "transition"
    ]
    assert ranks == sorted(ranks)
    assert set(phases) <= set(order)


# Markers


def test_the_end_of_a_crisis_closes_the_earliest_open_one():
    first, second = marker("crisis_start", 10), marker("crisis_start", 50)
    end = marker("crisis_end", 70)
    assert episodes([end, second, first]) == (
        Episode(first, end),
        Episode(second, None),
    )


def test_markers_of_one_date_have_one_order_however_they_are_given():
    markers = [marker(kind, 10) for kind in ("policy_change", "crisis_start")]

    assert episodes(markers) == episodes(reversed(markers))
    assert drop_overlapping(episodes(markers)) == drop_overlapping(
        episodes(markers)[::-1]
    )


def test_a_policy_change_has_no_end():
    policy, end = marker("policy_change", 10), marker("crisis_end", 20)
    assert episodes([policy, end]) == (Episode(policy, None),)


def test_an_end_before_any_crisis_ends_none():
    end, start = marker("crisis_end", 5), marker("crisis_start", 10)
    assert episodes([end, start]) == (Episode(start, None),)


def test_earliest_of_overlapping_episodes_is_analysed():
    early, inside, later = crisis(10, 60), crisis(40, 80), crisis(70, 90)
    assert drop_overlapping([later, inside, early]) == (early, later)


def test_nothing_after_the_start_of_an_open_episode_is_analysed():
    assert drop_overlapping([crisis(10), crisis(40, 60)]) == (crisis(10),)


def test_waves_of_another_episode_are_no_part_of_this_one():
    first, second = crisis(20, 40), crisis(100, 130)
    windows = [window(14 * i) for i in range(12)]
    phases = phases_of_windows(windows, second, [first, second])
    assert phases[:3] == [None] * 3
    assert phases[3] == "before"
    assert phases_of_windows(windows, first, [first, second])[7:] == [None] * 5


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 50) | st.none()), max_size=6)
)
def test_analysed_episodes_never_overlap(spans):
    candidates = [crisis(s, None if d is None else s + d) for s, d in spans]
    kept = drop_overlapping(candidates)
    assert bool(kept) == bool(candidates)
    for episode, next_episode in pairwise(kept):
        assert episode.end.effective_at < next_episode.start.effective_at


def test_a_marker_declared_after_its_results_were_seen_is_exploratory():
    released = {window(14): at(30), window(28): at(44)}
    assert not is_exploratory(crisis(20, declared=43), released)
    assert is_exploratory(crisis(20, declared=44), released)
    assert not is_exploratory(crisis(40, declared=44), {window(14): at(30)})


def test_a_late_declared_end_is_exploratory_too():
    late_end = Episode(
        marker("crisis_start", 20), marker("crisis_end", 40, declared=70)
    )
    assert is_exploratory(late_end, {window(42): at(60)})
    assert not is_exploratory(late_end, {window(28): at(44)})


# Dose


def test_crisis_share_is_of_those_who_answered_the_question():
    taps = ["crisis", "crisis", "normal", None, "stretched"]
    statistics = statistics_of([((0,) * 6, tap) for tap in taps])
    crisis = crisis_share(statistics)
    assert (crisis.share, crisis.n) == (0.5, 4)


def test_crisis_share_without_an_answer_is_none():
    assert crisis_share(statistics_of([((4,) * 6, None)] * 5)) is None
