"""A32: levels and changes are functions of what documents show.

A reader computes them again from scores as shown, bands, the charter's numbers of
people and the variances that the release publishes. So they tell nothing more.
"""

import json
import math
import random
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.disclosure.bands import (
    participation_band,
    respondents_band,
)
from rapport_service.disclosure.rounding import coarse_score, round_half_up
from rapport_service.releases.scoring.figures import Figure, Figures
from rapport_service.releases.scoring.levels import compute_levels
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.trend import Window
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.releases.seven_groups import IDS
from tests.releases.wave_rows import CONSTRUCTS, play_waves
from tests.support.submissions import form_content, submit_contents

PEOPLE = {"5-9": (5, 9), "10-19": (10, 19), "20-49": (20, 49), "50+": (50, math.inf)}
SHARE = {"<50": 0.4, "50-69": 0.6, "70+": 0.85, "70-84": 0.77, "85+": 0.93}
ROUNDING = {"fine": 1 / 12, "coarse": 25 / 12}

SIZES = {"a": 12, "b": 12, "c": 12, "d": 8, "e": 12, "f": 12}

SILENT = {("b", 3), ("f", 0), ("f", 1)}
"""Teams and waves in which too few answer: one misses a wave, one appears late."""


# A reader with pencil and paper


class Step(NamedTuple):
    """A wave of a team's level."""

    level: float
    variance: float
    before: float
    doubt: float
    noise: float
    score: float
    drift: float


def filter_levels(documents, fortnights, eligible, name, known, read=None):
    """A team's level after each wave, by the formulas in docs/scores.md.

    Args:
        documents: a team's, by wave; None where it was not shown.
        fortnights: when each wave was.
        eligible: its people, by the charter.
        name: the construct.
        known: what a release publishes of it.
        read: the score that a figure is taken for; as it is shown.
    """
    level, variance, last = known["mean"], known["between"], None
    steps = []
    for document, when in zip(documents, fortnights, strict=True):
        if document is None:
            steps.append(None)
            continue
        low, high = PEOPLE[document["respondents"]]
        people = min(max(SHARE[document["participation"]] * eligible, low), high)
        drift = known["drift"] / people * (when - last) if last is not None else 0.0
        noise = known["noise"] / people + ROUNDING[document["tier"]]
        score = (read or shown)(document["constructs"][name])
        before, doubt = level, variance + drift
        pull = doubt / (doubt + noise)
        level, variance = before + pull * (score - before), (1 - pull) * doubt
        last = when
        steps.append(Step(level, variance, before, doubt, noise, score, drift))
    return steps


def shown(figure):
    return figure["score"]


def least(figure):
    return 0 if figure["bound"] == "at_most" else figure["score"]


def greatest(figure):
    return 100 if figure["bound"] == "at_least" else figure["score"]


def level_of(track):
    """The level as it is shown; ``track`` reads scores in one of three ways."""
    middle, low, high = (track(read)[-1] for read in (shown, least, greatest))
    reach = 2.0 * math.sqrt(middle.variance)
    ends = max(low.level - reach, 0), min(high.level + reach, 100)
    return {
        "score": math.floor(min(max(middle.level, 0), 100) + 0.5),
        "interval": {
            "low": math.floor(round(ends[0], 9)),
            "high": math.ceil(round(ends[1], 9)),
        },
    }


def change_of(track, scale):
    middle, low, high = (track(read)[-1] for read in (shown, least, greatest))
    reach = 2.05 * scale * math.sqrt(middle.doubt + middle.noise)
    return present_change(low.score - high.before, high.score - low.before, reach)


def two_wave_change_of(track, scale):
    tracks = [track(read) for read in (shown, least, greatest)]
    if None in tracks[0][-2:]:
        return None
    (_, _), (low, below), (high, above) = (
        (
            (steps[-1].score + steps[-2].score) / 2,
            next(step.level for step in steps[-3::-1] if step),
        )
        for steps in tracks
    )
    first, second = tracks[0][-2:]
    left = next(step.variance for step in tracks[0][-3::-1] if step)
    spread = left + first.drift + second.drift / 4 + (first.noise + second.noise) / 4
    reach = 2.2 * scale * math.sqrt(spread)
    return present_change(low - above, high - below, reach)


def present_change(least_error, greatest_error, reach):
    direction = "no_clear_change"
    if least_error > reach:
        direction = "up"
    elif greatest_error < -reach:
        direction = "down"
    return {"direction": direction, "detectable": math.ceil(reach)}


def check_by_hand(documents, fortnights, eligible, name, published, figure):
    """Work out a figure's level and changes of the newest wave, and compare them.

    Args:
        published: of each release, oldest first, what it publishes of the construct.
        figure: as the newest document has it.
    """

    def by(known):
        return partial(filter_levels, documents, fortnights, eligible, name, known)

    assert sum(document is not None for document in documents) >= 3
    assert figure["level"] == level_of(by(published[-1]))
    newest = published[-1]
    assert figure["change"] == change_of(by(published[-2]), newest["change_scale"])
    assert figure["two_wave_change"] == two_wave_change_of(
        by(published[-3]), newest["two_wave_change_scale"]
    )


@pytest.fixture
def read_agency(service, ballot_factory):
    """An agency of six teams after six waves, as its director reads it."""
    agency = service.agency(SIZES, supervises=DIRECTOR)
    reader, waves = ScoreReader(agency), []
    rng = random.Random(3)
    for number in range(6):
        wave = agency.announce()
        texts = {
            team: [
                form_content(rng.randrange(45), [rng.randint(2 + number // 4, 5)] * 5)
                for _ in range(2 if (team, number) in SILENT else size - (team == "d"))
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
    """Also of a team that missed a wave, and of one that appeared later."""
    documents, variances = read_agency
    assert {documents[-1][team]["tier"] for team in SIZES} == {"fine", "coarse"}
    fortnights = [midpoint(wave) / timedelta(days=14) for wave in documents]
    published = [each[name] for each in variances]
    for team, eligible in SIZES.items():
        own = [
            wave[team] if wave[team]["status"] == "released" else None
            for wave in documents
        ]
        # A neighbour is hidden as well, to protect the few.
        assert {n for t, n in SILENT if t == team} <= hidden_waves(own)
        figure = documents[-1][team]["constructs"][name]
        check_by_hand(own, fortnights, eligible, name, published, figure)


def hidden_waves(documents):
    return {number for number, document in enumerate(documents) if document is None}


def midpoint(documents):
    """When a wave was, as time since 1970."""
    opens, closes = (
        datetime.fromisoformat(documents["a"][name]) - datetime(1970, 1, 1, tzinfo=UTC)
        for name in ("opens_at", "closes_at")
    )
    return opens + (closes - opens) / 2


def test_a32_levels_of_more_than_27_waves_are_computed_from_the_newest_27():
    """Variances are those that each release published, by the 27 waves that it knew."""
    rng = random.Random(1)
    sizes = {"a": 12, "b": 16, "c": 20, "d": 8, "e": 30, "late": 12}
    past, published = [], []
    for number in range(31):
        figures = {
            team: scored_group(people, rng)
            for team, people in sizes.items()
            if team != "late" or number > 20
        }
        opens = datetime(2027, 1, 4, tzinfo=UTC) + timedelta(days=14 * number)
        window = Window(opens, opens + timedelta(days=7))
        wave = ScoredWave(str(number), window, figures)
        levels = compute_levels(wave, past[-26:], list(figures), 5)
        past.append(replace(wave, level_variances=levels.variances))
        published.append(levels.variances["trust"])

    known = past[-27:]
    for team, people in sizes.items():
        own = levels.groups[team]["trust"]
        check_by_hand(
            [
                document_of(wave.figures[team]) if team in wave.figures else None
                for wave in known
            ],
            range(len(known)),
            people,
            "trust",
            [asdict(each) for each in published],
            asdict(own),
        )


def scored_group(eligible, rng):
    """A group's figures around 2.5, or near the end of the scale."""
    n = max(eligible - rng.randint(0, 3), 5)
    tier = "fine" if n >= 10 else "coarse"
    theta = rng.uniform(3, 4) if tier == "fine" else rng.uniform(4.4, 4.9)
    figure = Figure(None, n, theta, 0.1, 0.1, 50.0)
    return Figures(
        tier=tier,
        n={"any": n, "trust": n, "communication": n},
        eligible=eligible,
        constructs=dict.fromkeys(CONSTRUCTS, figure),
        items=None,
        crisis_share=None,
    )


def document_of(figures):
    """Part of a document that a level rests on."""
    points = 25 * (figures.constructs["trust"].theta - 1)
    score, bound = round_half_up(points), None
    if figures.tier == "coarse":
        score, bound = coarse_score(points)
    n = figures.n["any"]
    return {
        "tier": figures.tier,
        "respondents": respondents_band(n),
        "participation": participation_band(n, figures.eligible),
        "constructs": {"trust": {"score": score, "bound": bound}},
    }


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
