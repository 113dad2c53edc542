"""Scores as a table of text, one line a team."""

from collections.abc import Mapping

from rapport_client import (
    ConstructScore,
    ConstructScores,
    Figures,
    Released,
    RolledUp,
    Score,
    Team,
)

COLUMNS = ("team", "score of", "trust", "communication", "overall", "answered", "share")
BOUNDS = {None: "", "at_most": "<= ", "at_least": ">= "}


def format_table(scores: Mapping[Team, Score]) -> str:
    """The scores of some teams, each team before the teams below it."""
    rows = [COLUMNS, *_rows(scores, parent=None, depth=0)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def format_explanation(scores: Mapping[Team, Score]) -> str:
    """The explanation of the whole agency's score, as a supervisor may read it."""
    team, score = next((t, s) for t, s in scores.items() if t.parent_id is None)
    sentences = score.explanation if isinstance(score, Figures) else ()
    return "\n".join([f"{team.name}:", *(f"  {sentence.en}" for sentence in sentences)])


def _rows(
    scores: Mapping[Team, Score], parent: str | None, depth: int
) -> list[tuple[str, ...]]:
    rows = []
    for team, score in scores.items():
        if team.parent_id == parent:
            rows.append(("  " * depth + team.name, *_cells(score)))
            rows += _rows(scores, team.id, depth + 1)
    return rows


def _cells(score: Score) -> tuple[str, ...]:
    match score:
        case Released():
            source = "the team"
        case RolledUp():
            source = score.source_team.name
        case _:
            return (type(score).__name__.lower(), *[""] * (len(COLUMNS) - 2))
    figures = _construct_cells(score.constructs)
    return (source, *figures, score.respondents, f"{score.participation} %")


def _construct_cells(constructs: ConstructScores) -> tuple[str, ...]:
    return tuple(
        map(
            _score_cell,
            (constructs.trust, constructs.communication, constructs.overall),
        )
    )


def _score_cell(figure: ConstructScore) -> str:
    favourable = "" if figure.favourable is None else f" ({figure.favourable} %)"
    return f"{BOUNDS[figure.bound]}{figure.score}{favourable}"
