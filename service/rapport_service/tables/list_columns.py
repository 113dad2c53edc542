"""Tables of the lists and results that commands print, besides reports and rosters."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rapport_service.tables.table import Column, Row, Table, member_columns

Document = Mapping[str, Any]


def _rows_of(member: str) -> Callable[[Document], Iterable[Row]]:
    return lambda document: document[member]


def _single_row(document: Document) -> Iterable[Row]:
    return [document]


def _marker_status(row: Row) -> str:
    parts = {
        "provisional": not row["confirmed"],
        "retracted": row["retracted_at"] is not None,
    }
    return " ".join(word for word, applies in parts.items() if applies)


def _epoch_rows(document: Document) -> Iterator[Row]:
    for name in ("before", "after"):
        yield {"epoch": name, "value": document[name]}
    for wave in document["postponed"]:
        yield {"epoch": wave["wave_id"], "value": f"seals at {wave['seals_at']}"}


ORGANIZATION = Table(
    _single_row,
    member_columns(
        *("id", "name", "time_zone", "min_respondents", "min_pool", "can_be_asked")
    ),
)
TEAMS_WITHOUT_SCORE = Table(
    _rows_of("teams_without_score"),
    (
        Column("team", "team.external_id"),
        Column("name", "team.name"),
        *member_columns("reason", "eligible", "needed", "supervisors"),
        Column("answers_with", "answers_with.external_id"),
    ),
)
CREATED = Table(_single_row, member_columns("id"))
CODE = Table(_single_row, member_columns("code"))
PEOPLE = Table(_rows_of("people"), member_columns("external_id"))
CODES = Table(_rows_of("codes"), member_columns("person", "code"))
CLIENT_SECRET = Table(_single_row, member_columns("id", "secret"))
NEW_SECRET = Table(_single_row, member_columns("secret"))
CLIENTS = Table(
    _rows_of("clients"),
    (
        *member_columns("id"),
        Column("scopes", lambda row: " ".join(row["scopes"])),
        *member_columns("name"),
        Column("teams", lambda row: " ".join(row["team_names"])),
        *member_columns("revoked"),
    ),
)
PULSES = Table(
    _rows_of("pulses"),
    member_columns(
        *("id", "first_opens", "every_weeks", "open_days"),
        *("announce_days", "grace_days", "active", "time_zone"),
    ),
)
WAVES = Table(
    _rows_of("waves"),
    member_columns("id", "state", "opens_at", "closes_at", "seals_at", "reason"),
)
MARKERS = Table(
    _rows_of("markers"),
    (
        *member_columns("id", "effective_on", "kind"),
        Column("team", "team_name"),
        *member_columns("label"),
        Column("status", _marker_status),
    ),
)
KEY_RENEWAL = Table(_rows_of("effects"), member_columns("what", "effect"))
EPOCH = Table(_epoch_rows, member_columns("epoch", "value"))
CHECKS = Table(
    _rows_of("checks"),
    (
        Column("result", lambda row: "ok" if row["ok"] else "FAIL"),
        *member_columns("check", "detail"),
    ),
)
