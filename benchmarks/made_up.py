"""Two made-up organizations whose people could be asked everything, and are not."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rapport_service.instrument
from rapport_service.measure.block import Block, Layout

BANK = tuple(f"T{i}" for i in range(6)) + tuple(f"C{i}" for i in range(6))
LAYOUT = Layout(BANK, 5, {"construct": BANK[:6], "overall": BANK}, ())
SHOWN = {"construct": 2, "overall": 4}
DIFFICULTY = np.array([0.3, -0.2, 0.1, 0.4, -0.5, -0.1, 0.2, -0.4, 0.0, 0.3, -0.3, 0.2])


@dataclass(frozen=True)
class Organization:
    """Where people come from, and what was computed once for all of them."""

    name: str
    middle: float
    forms: np.ndarray
    everybody: Block

    def people(self, teams: int, members: int, dice: np.random.Generator) -> np.ndarray:
        """Return (teams, members, items) answers of everybody to everything."""
        return answers(self.middle, teams, members, dice)


def answers(
    middle: float, teams: int, members: int, dice: np.random.Generator
) -> np.ndarray:
    """Draw what people would answer if they were shown every item."""
    team = dice.normal(0, 0.3, (teams, 1, 1))
    person = dice.normal(0, 0.7, (teams, members, 1))
    construct = np.repeat(dice.normal(0, 0.35, (teams, members, 2)), 6, axis=2)
    noise = dice.normal(0, 0.75, (teams, members, 12))
    drawn = middle + DIFFICULTY + team + person + construct + noise
    return np.clip(np.rint(drawn), 1, 5).astype(np.int64)


def masked(
    full: np.ndarray, forms: np.ndarray, dice: np.random.Generator
) -> np.ndarray:
    """Return the answers that are left when each person picks a form at random."""
    shown = forms[dice.integers(len(forms), size=full.shape[0])]
    return np.where(shown, full, 0)


def organization(
    name: str, middle: float, forms: np.ndarray, dice: np.random.Generator
) -> Organization:
    """Draw 2,000 people, whose answers give offsets, dispersion and rotation."""
    full = answers(middle, 200, 10, dice).reshape(-1, 12)
    everybody = block(masked(full, forms, dice))
    return Organization(name, middle, forms, everybody)


def rotation_forms() -> np.ndarray:
    """Return (forms, items): which items of the bank each rotation form shows."""
    folder = Path(rapport_service.instrument.__path__[0])
    document = json.loads(folder.joinpath("pulse_1.json").read_bytes())
    bank = [item["id"] for item in document["items"] if item["construct"] != "anchor"]
    return np.array([[name in form for name in bank] for form in document["forms"]])


def block(codes: np.ndarray) -> Block:
    """Return the statistics of people's answers; 0 is what they were not shown."""
    return Block.from_rows(LAYOUT, codes, [None] * len(codes))
