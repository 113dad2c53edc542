"""A32: levels and changes are functions of what documents show.

A reader computes them again from scores as shown, bands, the charter's numbers of
people and the variances that the release publishes. So they tell nothing more.
"""

import json
import math
import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.disclosure.bands import (
    participation_band,
    respondents_band,
)
from rapport_service.disclosure.rounding import coarse_score, round_half_up
from rapport_service.releases.scoring.levels import compute_levels
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.releases.seven_groups import IDS
from tests.releases.wave_rows import CONSTRUCTS, play_waves
from tests.support.submissions import form_content, submit_contents

PEOPLE = {"5-9": (5, 9), "10-19": (10, 19), "20-49": (20, 49), "50+": (50, math.inf)}
SHARE = {"<50": 0.4, "50-69": 0.6, "70+": 0.85, "70-84": 0.77, "85+": 0.93}
ROUNDING = {"fine": 1 / 12, "coarse": 25 / 12}

SIZES = {"a": 12, "b": 12, "c": 12, "d": 8}


# A reader with pencil and paper


def filter_levels(documents, gaps, eligible, variances):
    """Levels and variances by the formulas in docs/scores.md, wave by wave.

    Args:
        documents: a team's, by wave; None where it was not shown.
        gaps: fortnights between waves.
        eligible: its people, by the charter.
        variances: the release's, of one construct.
    """
    name, v = variances
    level, variance = v["mean"], v["between"]
    steps, people = [], 1.0
    for number, document in enumerate(documents):
        if document is not None:
            low, high = PEOPLE[document["respondents"]]
            people = min(max(SHARE[document["participation"]] * eligible, low), high)
        size = people if document is not None else 1.0
        drift = v["drift"] / size * gaps[number - 1] if number else 0.0
        variance += drift
        expected, doubt = level, variance
        noise, error = math.nan, math.nan
        if document is not None:
            noise = v["noise"] / size + ROUNDING[document["tier"]]
            error = document["constructs"][name]["score"] - level
            pull = variance / (variance + noise)
            level, variance = level + pull * error, (1 - pull) * variance
        steps.append((level, variance, expected, doubt, noise, error, drift))
    return steps


def scale_of(past):
    """How much larger errors were than expected, with twenty as expected."""
    squares = [error**2 / spread**2 for error, spread in past]
    return math.sqrt((20 + sum(squares)) / (20 + len(squares)))


def rounded_level(level, variance):
    reach = 2.0 * math.sqrt(variance)
    low, high = max(level - reach, 0), min(level + reach, 100)
    return {
        "score": math.floor(min(max(level, 0), 100) + 0.5),
        "interval": {
            "low": math.floor(round(low, 9)),
            "high": math.ceil(round(high, 9)),
        },
    }


@pytest.fixture
def read_agency(service, ballot_factory):
    """An agency of four teams after six waves, as its director reads it."""
    agency = service.agency(SIZES, supervises=DIRECTOR)
    reader, waves = ScoreReader(agency), []
    rng = random.Random(3)
    for number in range(6):
        wave = agency.announce()
        texts = {
            team: [
                form_content(rng.randrange(45), [rng.randint(2 + number // 4, 5)] * 5)
                for _ in range(size - (team == "d"))
            ]
            for team, size in SIZES.items()
        }
        submit_contents(ballot_factory, agency, wave, texts)
        agency.seal()
        release = service.http.get(
            f"/v1/waves/{wave}/releases",
            headers={"Authorization": f"Bearer {agency.admin_token()}"},
        ).get_json()["releases"][0]
        waves.append((wave, release["level_variances"]))
    documents = [
        {team: json.loads(reader.raw(team, wave_id=wave)) for team in SIZES}
        for wave, _ in waves
    ]
    return documents, [variances for _, variances in waves]


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a32_level_and_change_are_computed_from_documents_alone(read_agency, name):
    documents, variances = read_agency
    assert {documents[-1][team]["tier"] for team in SIZES} == {"fine", "coarse"}
    gaps = [
        (midpoint(later) - midpoint(earlier)) / timedelta(days=14)
        for earlier, later in pairwise(documents)
    ]

    def steps(team, known):
        series = [wave[team] for wave in documents]
        return filter_levels(series, gaps, SIZES[team], (name, variances[known][name]))

    before = {team: steps(team, -2) for team in SIZES}
    past = [
        (error, math.sqrt(doubt + noise))
        for team in SIZES
        for _, _, _, doubt, noise, error, _ in before[team][1:-1]
    ]
    earlier = {team: steps(team, -3) for team in SIZES}
    past_pairs = [
        two_waves(earlier[team], last) for team in SIZES for last in range(2, 4)
    ]
    for team in SIZES:
        figure = documents[-1][team]["constructs"][name]
        level, variance, *_ = steps(team, -1)[-1]
        assert figure["level"] == rounded_level(level, variance)

        _, _, _, doubt, noise, error, _ = before[team][-1]
        reach = 2.15 * scale_of(past) * math.sqrt(doubt + noise)
        assert figure["change"] == change_of(error, reach)

        error, spread = two_waves(earlier[team], 5)
        reach = 2.3 * scale_of(past_pairs) * spread
        assert figure["two_wave_change"] == change_of(error, reach)


def two_waves(steps, last):
    """The mean of two waves' scores less the level before, and its error."""
    level, left = steps[last - 2][:2]
    first, second = steps[last - 1], steps[last]
    scores = [step[2] + step[5] for step in (first, second)]
    spread = left + first[6] + second[6] / 4 + (first[4] + second[4]) / 4
    return sum(scores) / 2 - level, math.sqrt(spread)


def change_of(error, reach):
    clear = abs(error) > reach
    direction = ("up" if error > 0 else "down") if clear else "no_clear_change"
    return {"direction": direction, "detectable": math.ceil(reach)}


def midpoint(documents):
    ends = [
        datetime.fromisoformat(documents["a"][name])
        for name in ("opens_at", "closes_at")
    ]
    return ends[0] + (ends[1] - ends[0]) / 2


# An attacker who changes what is hidden


def disguise(wave, rng):
    """Other figures of the same wave that every document would show alike."""
    figures = {}
    for node, own in wave.figures.items():
        n = other_count(own, rng)
        constructs = {
            name: replace(figure, theta=other_theta(figure.theta, own.tier, rng))
            for name, figure in own.constructs.items()
        }
        figures[node] = replace(own, n={**own.n, "any": n}, constructs=constructs)
    return replace(wave, figures=figures)


def other_count(own, rng):
    """Another number of respondents in the same bands."""

    def bands(n):
        return respondents_band(n), participation_band(n, own.eligible)

    shown = bands(own.n["any"])
    return rng.choice([n for n in range(5, own.eligible + 1) if bands(n) == shown])


def other_theta(theta, tier, rng):
    """Another score that is shown as the same one."""

    def shown(value):
        points = 25 * (value - 1)
        return round_half_up(points) if tier == "fine" else coarse_score(points)

    wanted = shown(theta)
    others = [theta + rng.uniform(-0.1, 0.1) for _ in range(200)]
    return next(
        (each for each in others if 1 <= each <= 5 and shown(each) == wanted), theta
    )


@settings(max_examples=5)
@given(st.integers(0, 10**6))
def test_a32_hidden_figures_move_no_level_and_no_change(seed):
    rng = random.Random(seed)
    teams = {team: (rng.choice([7, 9, 13, 17]), rng.randint(20, 90)) for team in "abcd"}
    _, waves = play_waves([teams] * 4, seed=seed % 100, silent=6)
    nodes = [str(IDS[team]) for team in "abcd"]

    def levels(rows):
        lowest = [node for node in nodes if node in rows[-1].figures]
        return compute_levels(rows[-1], rows[:-1], lowest, 5)

    other = [disguise(wave, rng) for wave in waves]

    assert [wave.figures for wave in other] != [wave.figures for wave in waves]
    assert levels(other) == levels(waves)


def test_a32_level_of_hidden_figures_would_differ():
    """The check above notices a level that uses what rounding hid."""
    teams = dict.fromkeys("abcd", (13, 60))
    _, waves = play_waves([teams] * 4, silent=6)
    shifted = [
        replace(
            wave,
            figures={
                node: replace(
                    own,
                    constructs={
                        name: replace(figure, theta=min(figure.theta + 0.04, 5))
                        for name, figure in own.constructs.items()
                    },
                )
                for node, own in wave.figures.items()
            },
        )
        for wave in waves
    ]
    nodes = [str(IDS[team]) for team in "abcd"]

    usual, other = (compute_levels(w[-1], w[:-1], nodes, 5) for w in (waves, shifted))

    assert usual != other
