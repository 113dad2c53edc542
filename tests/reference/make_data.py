"""Draws the answers and series that reference values are computed from.

Run once, from here: ``python make_data.py && Rscript reference.R``. Everything is made
up; the seed makes it the same each time.
"""

import csv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FORMS = [(i, j) for i in range(4) for j in range(i + 1, 4)]


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    """Write a table; None is an empty cell."""
    with HERE.joinpath(name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def people(rng: np.random.Generator) -> None:
    """Draw 18 unequal teams: five answers on 1..7, some missing, the last turned."""
    rows: list[list[object]] = []
    for team in range(18):
        level = rng.normal(4.4, 0.5)
        for _ in range(int(rng.integers(2, 21))):
            person = rng.normal(0, 0.9)
            slopes = np.array([1.0, 0.8, 1.1, 0.6, -0.9])
            drawn = level * np.sign(slopes) + 8 * (slopes < 0) + slopes * person
            answers = np.clip(np.rint(drawn + rng.normal(0, 1, 5)), 1, 7).astype(int)
            cells: list[object] = [
                None if rng.random() < 0.07 else int(answer) for answer in answers
            ]
            rows.append([f"team-{team:02}", *cells])
    write("people.csv", ["team", "a", "b", "c", "d", "e"], rows)


def rotated(rng: np.random.Generator) -> None:
    """Draw 12 teams on 1..5 whose members saw an anchor and two of four items."""
    rows: list[list[object]] = []
    for team in range(12):
        level = rng.normal(3.5, 0.4)
        for _ in range(int(rng.integers(5, 26))):
            drawn = level + rng.normal(0, 0.7) + rng.normal(0, 0.8, 5)
            drawn += np.array([0.0, 0.4, -0.3, 0.2, -0.6])
            answers = np.clip(np.rint(drawn), 1, 5).astype(int)
            shown = FORMS[rng.integers(len(FORMS))]
            rows.append(
                [
                    f"team-{team:02}",
                    int(answers[0]),
                    *(int(answers[1 + i]) if i in shown else None for i in range(4)),
                ]
            )
    write("rotated.csv", ["team", "anchor", "p", "q", "r", "s"], rows)


def series(rng: np.random.Generator) -> None:
    """Draw 18 waves at irregular dates, six before, six during and six after."""
    gaps = rng.integers(10, 25, 18)
    days = np.cumsum(gaps) - gaps[0]
    level = np.repeat([50.0, 60.0, 55.0], 6)
    noise = np.zeros(18)
    for t in range(18):
        noise[t] = 0.4 * noise[t - 1] + rng.normal(0, 2.5)
    scores = (level + noise).round(2)
    errors = rng.uniform(2, 6, 18).round(2)
    write(
        "series.csv",
        ["day", "phase", "score", "se"],
        [
            [int(day), ("before", "during", "after")[t // 6], score, error]
            for t, (day, score, error) in enumerate(
                zip(days, scores.tolist(), errors.tolist(), strict=True)
            )
        ],
    )


if __name__ == "__main__":
    rng = np.random.default_rng(20261124)
    people(rng)
    rotated(rng)
    series(rng)
