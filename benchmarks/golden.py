"""Real answers, and the scores that an independent implementation in R makes of them.

The data are the 2,042 people in 49 teams of the Leadership Quarterly's dataset of 2002
as the R package ``multilevel`` gives them, each masked by one of the rotation forms.
They are not part of the project: RAPPORT_GOLDEN names the folder that has them.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rapport_client import Answer, Roster, RosterTeam

ANSWERS = "lq2002_rotation12.csv"
REFERENCE = "reference_values.json"

COLUMNS = {
    "A0": "TSIG01",
    "T1": "LEAD01",
    "T2": "LEAD03",
    "T3": "LEAD05",
    "T4": "LEAD07",
    "T5R": "LEAD09",
    "T6": "LEAD11",
    "C1": "LEAD02",
    "C2R": "LEAD04",
    "C3": "LEAD06",
    "C4": "LEAD08",
    "C5": "LEAD10",
    "C6": "TSIG02",
}
"""Column of the data for each question."""

STATISTICS = {
    "trust": "lq2002_rotation12.trust",
    "communication": "lq2002_rotation12.comm",
}
ROOT = "everybody"


@dataclass(frozen=True)
class Respondent:
    """Person of the data: the team, the form they saw, and their raw answers to it."""

    team: str
    form: int
    answers: Mapping[str, Answer]


def load_respondents(golden: Path) -> dict[str, Respondent]:
    """Load every person, by a name made of their place in the file."""
    with golden.joinpath(ANSWERS).open(newline="") as file:
        return {
            f"person-{place:04}": Respondent(
                team=row["COMPID"],
                form=int(row["FORM"]),
                answers={
                    item: _raw_answer(item, row[column])
                    for item, column in COLUMNS.items()
                },
            )
            for place, row in enumerate(csv.DictReader(file))
        }


def roster(people: Mapping[str, Respondent]) -> Roster:
    """Return the roster: the teams below one root, and their people."""
    teams = dict.fromkeys(person.team for person in people.values())
    return {
        "teams": [
            {"external_id": ROOT, "name": "Everybody", "parent": None},
            *(
                RosterTeam(external_id=team, name=f"Company {team}", parent=ROOT)
                for team in teams
            ),
        ],
        "people": [
            {"external_id": name, "team": person.team}
            for name, person in people.items()
        ],
    }


def load_reference_scores(golden: Path) -> dict[tuple[str, str], float]:
    """Load the expected scores on the scale of the answers, by team and construct."""
    values = json.loads(golden.joinpath(REFERENCE).read_text())["values"]
    by_id = {value["id"]: value["value"] for value in values}
    return {
        (team, construct): score
        for construct, statistic in STATISTICS.items()
        for team, score in zip(
            by_id[statistic]["group"], by_id[statistic]["score"], strict=True
        )
    }


def _raw_answer(item: str, keyed: str) -> Answer:
    """Return the answer as ticked: in the data, reversed items are turned already."""
    if not keyed:
        return "skip"
    return 6 - int(keyed) if item.endswith("R") else int(keyed)
