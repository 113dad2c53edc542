"""Commands of a person who reads scores: read, results."""

import csv
import json
import os
import shlex
from collections.abc import Iterable
from dataclasses import asdict
from io import StringIO

from rapport_client._cli.outcome import (
    Options,
    Outcome,
    UsageError,
    escape_control_characters,
)
from rapport_client._compression import decode_body
from rapport_client._wording import bilingual_wording, read_locale
from rapport_client.client import Client
from rapport_client.errors import NothingMeasured
from rapport_client.models import (
    Figures,
    GroupHidden,
    Pending,
    Released,
    RolledUp,
    Score,
    Team,
    Withheld,
)
from rapport_client.models._score_lines import (
    format_group_hidden,
    format_not_measured,
    format_pending,
    format_released,
    format_rolled_up,
    format_withheld,
)

DEFAULT_TOKENS = "rapport-reading.json"
"""The file of tokens of a command that names none."""

NOT_MEASURED = "not_measured"
"""Status of a team that no wave has asked yet."""

NO_SERVER = bilingual_wording(
    "say which service the code is for: --server URL",
    "diga de qué servicio es el código: --server URL",
)
READABLE_TEAMS = bilingual_wording(
    "you can read these teams: {}\nnext:\n    {}",
    "usted puede leer estos equipos: {}\nahora:\n    {}",
)
NO_TEAM_YET = bilingual_wording("none yet", "ninguno por ahora")

CONSTRUCTS = ("trust", "communication", "overall")
FIGURE_PARTS = ("_bound", "_low", "_high")
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that a spreadsheet would compute."""

COLUMNS = (
    *("external_id", "name", "status", "source_team", "wave_id", "closes_at"),
    *(f"{name}{part}" for name in CONSTRUCTS for part in ("", *FIGURE_PARTS)),
    *("respondents", "participation"),
)
"""Columns of ``results --csv``."""


def read(options: Options) -> Outcome:
    """Takes a code for reading, and keeps its tokens in a file."""
    if options.server is None:
        raise UsageError(NO_SERVER)
    with Client.from_reading_code(
        options.server, options.code, options.tokens, device=options.device
    ) as client:
        teams = client.teams.list()
    names = ", ".join(team.name for team in teams) or NO_TEAM_YET
    text = READABLE_TEAMS.format(names, _format_results_command(options))
    return Outcome(
        {"teams": [team.external_id for team in teams]},
        escape_control_characters(text.in_language(options.language)),
    )


def _format_results_command(options: Options) -> str:
    """The command that shows scores with the tokens of this one."""
    words = ["rapport-field", "results"]
    if options.tokens != DEFAULT_TOKENS:
        words += ["--tokens", options.tokens]
    if options.language != read_locale(os.environ):
        words += ["--language", options.language]
    return shlex.join(words)


def results(options: Options) -> Outcome:
    """Shows the scores of the teams that the person may read, or of one of them."""
    if options.csv and options.json:
        raise UsageError("choose --csv or --json")
    with Client.from_token_file(options.tokens) as client:
        teams = (
            client.teams.list()
            if options.team is None
            else (client.teams.get(options.team),)
        )
        scores = [(team, *_read_score(client, team, options.wave)) for team in teams]
    read = [(team, score) for team, score, _ in scores]
    if options.csv:
        text = format_table(read)
    else:
        lines = [_format_line(team, score, options.language) for team, score in read]
        if options.team is not None:
            lines += _explain(read[0][1], options.language)
        text = escape_control_characters("\n".join(lines))
    return Outcome({"results": [document for *_, document in scores]}, text)


def format_table(scores: Iterable[tuple[Team, Score | None]]) -> str:
    """The scores as CSV (RFC 4180): a row a team; what is not shown is empty."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for team, score in scores:
        row = _format_row(team, score)
        writer.writerow({name: _format_cell(cell) for name, cell in row.items()})
    return text.getvalue().rstrip("\n")


def _read_score(
    client: Client, team: Team, wave: str | None
) -> tuple[Score | None, object]:
    """A team's score, and its document; None where no wave has asked the team."""
    try:
        score = client.teams.score(team, wave)
    except NothingMeasured:
        return None, {"status": NOT_MEASURED, "team": asdict(team)}
    assert client.last_response is not None
    return score, json.loads(decode_body(client.last_response))


def _format_line(team: Team, score: Score | None, language: str) -> str:
    match score:
        case None:
            return format_not_measured(team.name, language)
        case Released():
            return format_released(score, language)
        case RolledUp():
            return format_rolled_up(score, language)
        case GroupHidden():
            return format_group_hidden(score, language)
        case Withheld():
            return format_withheld(score, language)
        case Pending():
            return format_pending(score, language)


def _format_row(team: Team, score: Score | None) -> dict[str, object]:
    row: dict[str, object] = {
        "external_id": team.external_id,
        "name": team.name,
        "status": NOT_MEASURED if score is None else score.status,
    }
    if score is not None:
        row["wave_id"] = score.wave_id
    if isinstance(score, Figures | GroupHidden | Withheld):
        row["closes_at"] = f"{score.closes_at:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(score, RolledUp):
        row["source_team"] = score.source_team.external_id
    if isinstance(score, Figures):
        for name in CONSTRUCTS:
            figure = getattr(score.constructs, name)
            row[name] = figure.score
            row[f"{name}_bound"] = figure.bound
            row[f"{name}_low"] = figure.interval.low
            row[f"{name}_high"] = figure.interval.high
        row["respondents"] = score.respondents
        row["participation"] = score.participation
    return row


def _format_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    prefix = "'" if value.startswith(FORMULA_PREFIXES) else ""
    return prefix + escape_control_characters(value).replace("\n", "\\n")


def _explain(score: Score | None, language: str) -> list[str]:
    """The sentences of a score document."""
    if not isinstance(score, Figures | GroupHidden | Withheld):
        return []
    return [f"  {each.in_language(language)}" for each in score.explanation]
