"""The tables of sizes and levels in the docs, against the rules that decide."""

import re
from pathlib import Path

import numpy as np

from rapport_service.charter.limits import DEFAULT_MIN_POOL, DEFAULT_MIN_RESPONDENTS
from rapport_service.disclosure.bands import usual_size
from rapport_service.disclosure.tiers import MEASURES, plan_tiers
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.stats.local_level import (
    ONE_WAVE_FACTOR,
    USUAL_SCALE,
    USUAL_VARIANCES,
    LevelVariances,
    ShownSeries,
    track_levels,
)

DOCS = Path(__file__).parents[2] / "docs"


def result(people, percent):
    """The tier of a team without teams below it if so many of its people answer."""
    if people < DEFAULT_MIN_POOL:
        return "no key"
    tree = Tree([Node("team", None, "team")])
    counts = {measure: {"team": people * percent // 100} for measure in MEASURES}
    tiers = plan_tiers(tree, counts, DEFAULT_MIN_RESPONDENTS, ())
    return tiers.tier_of("team") if "team" in tiers.coarse else "no"


def test_page_says_which_size_and_response_give_a_score():
    lines = (DOCS / "score-rules.md").read_text("utf-8").splitlines()
    header = next(line for line in lines if line.startswith("| people who can answer"))
    percents = [int(each) for each in re.findall(r"(\d+)%", header)] + [100]
    start = lines.index(header) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        people, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows.append(int(people))
        assert cells == [result(int(people), percent) for percent in percents], people

    assert min(rows) < DEFAULT_MIN_POOL <= max(rows)


def test_page_works_out_a_level_as_the_service_does():
    text = (DOCS / "scores.md").read_text("utf-8")
    rows = re.findall(r"\| ([123]) \| (\d+) \| ([\d. |]+) \|\n", text)
    scores = np.array([[float(score)] for _, score, _ in rows])
    people = usual_size("10-19", "70-84", 20)
    series = ShownSeries(
        scores,
        scores,
        scores,
        np.full_like(scores, people),
        np.full_like(scores, 1 / 12),
        np.array([0.0, 1, 1]),
    )

    track = track_levels(series, LevelVariances(300.0, 15.0, 60.0, 60.0))

    for wave, (_, _, cells) in enumerate(rows):
        variance = track.predicted_variances[wave, 0]
        pull = variance / (variance + track.noise[wave, 0])
        figures = (track.predicted[wave, 0], variance)
        assert cells.split(" | ") == [
            *(f"{figure:.1f}" for figure in figures),
            f"{pull:.2f}",
            f"{track.levels[wave, 0]:.1f}",
        ]
    level, reach = track.levels[-1, 0], track.interval_reach()[0]
    low, high = np.floor(level - reach), np.ceil(level + reach)
    assert f"**{level:.0f} ({low:.0f} to\n{high:.0f})**" in text
    errors, spreads = track.one_wave_errors()
    reach = ONE_WAVE_FACTOR * 1.1 * spreads[-1, 0]
    assert (
        f"{errors[-1, 0]:.1f}. It would be clear from {ONE_WAVE_FACTOR} x 1.1" in text
    )
    assert f"= {reach:.1f} points" in text
    assert f"`detectable` **{np.ceil(reach):.0f}**" in text
    usual = USUAL_VARIANCES
    assert (
        f"noise {usual.noise:.0f}, drift {usual.drift:.0f}, between"
        f" {usual.between:.0f},\n  mean {usual.mean:.0f}, scales {USUAL_SCALE}" in text
    )
