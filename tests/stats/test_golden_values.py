import copy

import pytest

from benchmarks import golden_values
from benchmarks.golden_tables import FOLDER
from benchmarks.golden_values import ComparisonTally, compare

ENTRY = {
    "id": "made.up",
    "statistic": "icc1",
    "value": {"mean": 0.5, "rows": [1, 2, 3], "name": "a", "dw": 1.5},
}
RIGHT = {"mean": 0.5, "rows": [1, 2, 3], "name": "a"}


def misses(got):
    tally = ComparisonTally()
    compare(ENTRY, got, 1e-9, tally)
    return tally.misses


def test_equal_values_agree_and_missing_ones_are_named():
    tally = ComparisonTally()
    compare(ENTRY, RIGHT, 1e-9, tally)
    assert (tally.misses, tally.numbers, tally.worst) == ([], 5, 0)
    assert list(tally.skipped.values()) == [["made.up"]]


@pytest.mark.parametrize(
    "fault",
    [
        {"mean": 0.5 + 1e-8},
        {"mean": None},
        {"mean": float("nan")},
        {"rows": [1, 2]},
        {"rows": [1, 2, 4]},
        {"name": "b"},
    ],
    ids=str,
)
def test_a_wrong_or_absent_number_is_a_miss(fault):
    assert len(misses(copy.deepcopy(RIGHT) | fault)) == 1


def test_a_missing_folder_is_reported_as_a_failure(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(golden_values, "FOLDER", tmp_path)
    assert golden_values.main() == 2
    assert str(tmp_path) in capsys.readouterr().out


@pytest.mark.golden
@pytest.mark.skipif(not FOLDER.is_dir(), reason="no golden data: RAPPORT_GOLDEN")
def test_every_reference_value_of_real_data_is_met(capsys):
    assert golden_values.main() == 0
    assert "golden: 106 of 106 values" in capsys.readouterr().out
