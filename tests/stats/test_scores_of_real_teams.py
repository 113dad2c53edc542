import csv
import json
import math
import os
from collections import defaultdict
from pathlib import Path

import pytest

from rapport_service.stats.scores import item_means, offsets, ratio_estimate
from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics

GOLDEN = Path(
    os.environ.get(
        "RAPPORT_GOLDEN", Path(__file__).parents[3].joinpath("shared", "golden")
    )
)

pytestmark = [
    pytest.mark.golden,
    pytest.mark.skipif(not GOLDEN.is_dir(), reason="no golden data: RAPPORT_GOLDEN"),
]


def reference(name):
    values = json.loads(GOLDEN.joinpath("reference_values.json").read_text())["values"]
    return next(value for value in values if value["id"] == name)


def teams(layout):
    """Each team's statistics of 2,042 real people's answers, masked by the forms."""
    members = defaultdict(list)
    with GOLDEN.joinpath("lq2002_rotation12.csv").open(newline="") as file:
        for person in csv.DictReader(file):
            cells = [person[item] for item in layout.items]
            members[person["COMPID"]].append([int(x) if x else None for x in cells])
    return {
        team: SufficientStatistics.from_rows(
            layout, layout.encode(rows), [None] * len(rows)
        )
        for team, rows in members.items()
    }


@pytest.mark.parametrize("construct", ["trust", "comm", "all"])
def test_scores_and_standard_errors_of_49_real_teams_agree(construct):
    expected = reference(f"lq2002_rotation12.{construct}")
    items = tuple(expected["args"]["items"])
    layout = Layout(items, 5, {construct: items}, ())
    statistics = teams(layout)
    everyone = sum(
        statistics.values(),
        SufficientStatistics.from_rows(layout, layout.encode([]), []),
    )
    shift = offsets(everyone, construct)

    value = expected["value"]
    assert item_means(everyone) == pytest.approx(value["item_means"], abs=1e-9)
    assert shift == pytest.approx(value["offsets"], abs=1e-9)
    assert len(value["group"]) == 49
    for row, team in enumerate(value["group"]):
        score = ratio_estimate(statistics[team], construct, shift)
        assert score.n == value["n"][row]
        assert score.answers == value["answers"][row]
        assert score.theta == pytest.approx(value["score"][row], abs=1e-9)
        assert score.se == pytest.approx(value["se"][row], abs=1e-9)
        silent = 1 - score.n / value["N_assumed"][row]
        with_census_factor = score.se * math.sqrt(silent)
        assert with_census_factor == pytest.approx(value["se_fpc"][row], abs=1e-9)
        means = [
            mean for mean in item_means(statistics[team]).values() if mean is not None
        ]
        plain = sum(means) / len(means)
        assert plain == pytest.approx(value["item_mean"][row], abs=1e-9)
