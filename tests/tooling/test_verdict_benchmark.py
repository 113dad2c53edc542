"""``make bench-verdicts`` misses a bound only where its figure lies clearly beyond."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.simulated_agencies import SHAPES, Agency, World
from benchmarks.verdicts import events, faults, intervals, levels, trends
from benchmarks.verdicts.bounds import (
    Bound,
    Measured,
    Sums,
    mean_of_cells,
    pool,
    ratio,
    square_root,
)
from benchmarks.verdicts.events import EventCell
from rapport_service.stats import local_level

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@pytest.mark.parametrize(
    ("value", "error", "holds"),
    [
        (0.95, 0.0, True),
        (0.90, 0.01, False),
        (0.93, 0.01, True),
        (1.00, 0.001, False),
        (0.995, 0.01, True),
        (0.95, float("inf"), False),
        (float("nan"), float("inf"), False),
    ],
)
def test_a_bound_is_missed_where_the_99_percent_interval_lies_beyond_it(
    value, error, holds
):
    assert Bound("coverage", Measured(value, error), 0.94, 0.99).holds is holds


def test_a_cell_without_a_bound_is_shown_and_not_judged():
    cell = Bound("cell", Measured(0.1, 0.0))

    assert not cell.is_judged
    assert cell.holds
    assert str(cell).startswith("cell ")


def test_organizations_are_the_unit_of_error():
    # Four organizations of a hundred teams that agree are four draws, not four hundred.
    clusters = [(100.0, 100.0), (0.0, 100.0), (100.0, 100.0), (0.0, 100.0)]

    assert ratio(clusters) == Measured(0.5, pytest.approx(0.2887, abs=1e-4))


def test_no_hit_at_all_is_known_to_one_draw_at_best():
    assert ratio([(0.0, 10.0)] * 5) == Measured(0.0, 1 / 50)


def test_one_organization_proves_nothing():
    assert ratio([(10.0, 10.0)]) == Measured(1.0, float("inf"))


def test_pooled_cells_are_those_with_every_label():
    first, second = Sums(), Sums()
    first.note(("seen", "fine"), 1)
    first.note(("seen", "fine"), 0)
    first.note(("seen", "coarse"), 1)
    second.note(("seen", "fine"), 1)

    assert pool([first, second], "seen", "fine").value == pytest.approx(2 / 3)
    assert pool([first, second], "seen").value == pytest.approx(3 / 4)
    assert np.isnan(pool([first, second], "false").value)


def test_mean_over_cells_weighs_every_cell_alike():
    mean = mean_of_cells([Measured(0.9, 0.03), Measured(1.0, 0.04)])

    assert mean == Measured(pytest.approx(0.95), pytest.approx(0.025))


def test_root_of_a_ratio_has_the_error_of_the_delta_method():
    assert square_root(Measured(0.36, 0.012)) == Measured(0.6, pytest.approx(0.01))


def mean_truth(effect, wave):
    """The mean truth of many teams in one wave, in points."""
    world = World([30] * 40, SHAPES[1], effect=effect)
    waves = list(Agency(world, np.random.default_rng(1)).waves(wave + 1))
    return waves[wave].truth["overall"]


def test_the_truth_moves_by_the_effect():
    moved = mean_truth([0.0, 12.0], 1) - mean_truth([0.0, 0.0], 1)

    assert moved.mean() == pytest.approx(12, abs=1)


def test_an_effect_can_be_of_some_teams_alone():
    effect = np.zeros((2, 40))
    effect[1, :20] = 12
    moved = mean_truth(effect, 1) - mean_truth([0.0, 0.0], 1)

    assert moved[:20].mean() == pytest.approx(12, abs=1)
    assert moved[20:].mean() == pytest.approx(0, abs=1)


def test_the_truth_is_what_all_members_would_answer():
    world = World([400], SHAPES[2], response=1.0)
    (wave,) = Agency(world, np.random.default_rng(2)).waves(1)
    (statistics,) = wave.own.values()

    assert statistics.respondents_of("any") == pytest.approx(400, abs=2)
    overall = (wave.truth["trust"] + wave.truth["communication"]) / 2
    assert wave.truth["overall"] == pytest.approx(overall)


def test_simulated_organizations_have_70_to_1300_people():
    people = [sum(sizes) for sizes in intervals.SIZES]

    assert min(people) == pytest.approx(70, abs=5)
    assert max(people) == pytest.approx(1300, abs=5)


def test_gains_of_events_are_those_of_their_kind():
    shock = (0.0, 0.0)
    effects = [EventCell(6, 12, shock, kind).effects for kind in events.KINDS]

    assert effects == [(15, 15), (15, 0), (0, 0)]


JUDGED = [
    *events.judge([]),
    *intervals.judge([]),
    *levels.judge([]),
    *levels.judge_changes([]),
    *trends.judge([]),
]


def documented_bounds():
    """Bounds that the page names, of those that do not depend on cells."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("<!-- bounds -->")
    rows = [line.split("|") for line in lines[start + 3 :]]
    names = []
    for row in rows:
        if len(row) < 3:
            break
        names.append((row[1].strip(), row[2].strip()))
    return names


def asked(bound):
    """A bound as the page writes it."""
    low, high = bound.low, bound.high
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else f"at most {high:g}"


def test_every_bound_on_the_page_is_judged():
    judged = {(bound.name, asked(bound)) for bound in JUDGED if bound.is_judged}

    assert set(documented_bounds()) == judged
    assert len(judged) >= 20


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_is_shown_by_a_bound_that_is_judged(name):
    fault = faults.FAULTS[name]
    prefixes = ("coverage of", "root: coverage of gain")

    assert any(bound.name.startswith(fault.bound) for bound in JUDGED) or (
        fault.bound.startswith(prefixes)
    )


def test_names_that_a_fault_replaces_must_exist():
    with pytest.raises(AttributeError):
        faults.replace_attribute(local_level, "NO_SUCH_FACTOR", 1.5)
