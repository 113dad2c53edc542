"""Simulated organizations, whose people are shown some of the items."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rapport_service.instrument
from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics

BANK = tuple(f"T{i}" for i in range(6)) + tuple(f"C{i}" for i in range(6))
LAYOUT = Layout(BANK, 5, {"construct": BANK[:6], "overall": BANK}, ())
ITEMS_SHOWN = {"construct": 2, "overall": 4}
DIFFICULTY = np.array([0.3, -0.2, 0.1, 0.4, -0.5, -0.1, 0.2, -0.4, 0.0, 0.3, -0.3, 0.2])


@dataclass(frozen=True)
class Organization:
    """Simulated organization, with the statistics of everybody in it."""

    name: str
    mean_answer: float
    forms: np.ndarray
    everybody: SufficientStatistics

    def people(self, teams: int, members: int, rng: np.random.Generator) -> np.ndarray:
        """Return (teams, members, items) answers of everybody to everything."""
        return simulate_answers(self.mean_answer, teams, members, rng)


def simulate_answers(
    middle: float, teams: int, members: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw what people would answer if they were shown every item."""
    team = rng.normal(0, 0.3, (teams, 1, 1))
    person = rng.normal(0, 0.7, (teams, members, 1))
    construct = np.repeat(rng.normal(0, 0.35, (teams, members, 2)), 6, axis=2)
    noise = rng.normal(0, 0.75, (teams, members, 12))
    drawn = middle + DIFFICULTY + team + person + construct + noise
    return np.clip(np.rint(drawn), 1, 5).astype(np.int64)


def mask_unshown(
    full: np.ndarray, forms: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the answers that are left when each person picks a form at random."""
    shown = forms[rng.integers(len(forms), size=full.shape[0])]
    return np.where(shown, full, 0)


def simulate_organization(
    name: str, middle: float, forms: np.ndarray, rng: np.random.Generator
) -> Organization:
    """Draw 2,000 people, whose answers give offsets, dispersion and rotation."""
    full = simulate_answers(middle, 200, 10, rng).reshape(-1, 12)
    everybody = statistics_of(mask_unshown(full, forms, rng))
    return Organization(name, middle, forms, everybody)


def rotation_forms() -> np.ndarray:
    """Return (forms, items): which items of the bank each rotation form shows."""
    folder = Path(rapport_service.instrument.__path__[0])
    document = json.loads(folder.joinpath("pulse_1.json").read_bytes())
    bank = [item["id"] for item in document["items"] if item["construct"] != "anchor"]
    return np.array([[name in form for name in bank] for form in document["forms"]])


def statistics_of(codes: np.ndarray) -> SufficientStatistics:
    """Return the statistics of people's answers; 0 is what they were not shown."""
    return SufficientStatistics.from_rows(LAYOUT, codes, [None] * len(codes))
