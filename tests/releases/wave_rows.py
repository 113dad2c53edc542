"""Rows of waves of the seven groups, with teams at given levels."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.releases.scoring.trends import ScoredWave
from tests.releases.seven_groups import GROUPS, agency_of, release_documents
from tests.support.service import NOON

CONSTRUCTS = ("trust", "communication", "overall")

Team = tuple[int, float]
"""The number of people who answer, and the points of their level."""

Documents = dict[str, dict[str, Any]]


def people_at(count: int, level: float, seed: int) -> list[tuple[int, list[int]]]:
    """People whose answers are drawn around a level, each with some form."""
    rng = random.Random(seed)
    people = []
    for _ in range(count):
        form = rng.randrange(45)
        mood = min(max(level + rng.gauss(0, 12), 0), 100)
        values = [
            1 + sum(rng.random() < mood / 100 for _ in range(4)) for _ in range(5)
        ]
        items = CURRENT_INSTRUMENT.items_on_form(form)
        people.append(
            (
                form,
                [
                    6 - value if item.reversed else value
                    for item, value in zip(items, values, strict=True)
                ],
            )
        )
    return people


def play_waves(
    waves: Sequence[Mapping[str, Team]],
    gaps: Sequence[int] = (),
    seed: int = 1,
    silent: int = 3,
) -> tuple[list[Documents], list[ScoredWave]]:
    """The documents of each wave, fourteen days or the given ones apart."""
    documents: list[Documents] = []
    past: list[ScoredWave] = []
    opens = NOON
    for number, teams in enumerate(waves):
        if number:
            opens += timedelta(days=gaps[number - 1] if gaps else 14)
        raw = {group: [] for group in GROUPS} | {
            team: people_at(count, level, hash((seed, number, place)))
            for place, (team, (count, level)) in enumerate(teams.items())
        }
        shown, wave = release_documents(raw, agency_of(raw, silent=silent), past, opens)
        documents.append(shown)
        past.append(wave)
    return documents, past


def member(document: Mapping[str, Any], name: str) -> list[Any]:
    """One member of each construct of a document."""
    return [document["constructs"][construct][name] for construct in CONSTRUCTS]
