"""Rosters as tables (RFC 4180): one row a team or a person."""

import csv
from io import StringIO

from rapport_client.models import Roster

COLUMNS = ("kind", "external_id", "name", "team", "supervises", "away")
SEPARATOR = ";"
_AWAY_WORDS = {"": False, "no": False, "false": False, "yes": True, "true": True}


def format_roster_csv(roster: Roster) -> str:
    """A roster as the text of a CSV file, which ``client.roster.put`` takes.

    Raises:
        ValueError: the id of a team that a person supervises has a semicolon, which
            separates ids there.
    """
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for team in roster["teams"]:
        writer.writerow(
            ("team", team["external_id"], team["name"], team["parent"] or "", "", "")
        )
    for person in roster["people"]:
        supervises = person.get("supervises", [])
        for name in supervises:
            if SEPARATOR in name:
                raise ValueError(f"a table cannot hold the id {name!r}: it has a ;")
        joined = SEPARATOR.join(supervises)
        away = "yes" if person.get("away", False) else "no"
        writer.writerow(
            ("person", person["external_id"], "", person["team"], joined, away)
        )
    return text.getvalue()


def parse_roster_csv(data: str | bytes) -> Roster:
    """The roster of a CSV file that the service would take.

    Raises:
        AttributeError, KeyError, TypeError, ValueError, csv.Error: it would not.
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline=""), strict=True))
    return {
        "teams": [
            {
                "external_id": row["external_id"],
                "name": row["name"],
                "parent": row["team"] or None,
            }
            for row in rows
            if row["kind"] == "team"
        ],
        "people": [
            {
                "external_id": row["external_id"],
                "team": row["team"],
                "supervises": row["supervises"].split(SEPARATOR)
                if row["supervises"]
                else [],
                "away": _AWAY_WORDS[row.get("away", "").lower()],
            }
            for row in rows
            if row["kind"] == "person"
        ],
    }
