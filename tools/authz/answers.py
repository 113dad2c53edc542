"""Answers of the service in the words of the table."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.test import TestResponse

Document = Mapping[str, Any]

NOTHING_MEASURED = "nothing-measured"
NONE = "none"


def describe_answer(
    endpoint: str, reply: TestResponse, waves: Mapping[str, str]
) -> str:
    """The word for a reply.

    Args:
        endpoint: the view that replied.
        reply: its reply.
        waves: the number of each wave that has scores, by its id.
    """
    if reply.status_code >= HTTPStatus.BAD_REQUEST:
        code = str(reply.get_json()["code"])
        return NONE if code == NOTHING_MEASURED else code
    describe = DESCRIBERS.get(endpoint)
    return "ok" if describe is None else describe(reply.get_json(), waves)


def _describe_teams(document: Document, _waves: Mapping[str, str]) -> str:
    return _join(team["external_id"][0] for team in document["teams"])


def _describe_score(document: Document, waves: Mapping[str, str]) -> str:
    if document["status"] == "pending":
        return "pend"
    kind = {"o": "own", "r": "grp", "h": "hid"}[_kind_of(document)]
    return kind + waves[document["wave_id"]]


def _describe_trend(document: Document, waves: Mapping[str, str]) -> str:
    return _join(
        waves[point["wave_id"]] + _kind_of(point) for point in document["waves"]
    )


def _describe_heatmap(document: Document, _waves: Mapping[str, str]) -> str:
    if document["status"] == "pending":
        return "pend"
    return _join(
        row["team"]["external_id"][0] + _kind_of(row) for row in document["rows"]
    )


def _describe_sustainment(document: Document, _waves: Mapping[str, str]) -> str:
    if document["status"] == "pending":
        return "pend"
    kind = {"o": "own", "r": "grp", "h": "hid"}.get(_kind_of(document), "?")
    return f"{kind}{document['version']}"


def _describe_releases(document: Document, waves: Mapping[str, str]) -> str:
    teams = (entry for each in document["releases"] for entry in each["documents"])
    return _join(waves[entry["team_id"]] for entry in teams)


def _describe_markers(document: Document, _waves: Mapping[str, str]) -> str:
    return _join(sorted({marker["label"][0].upper() for marker in document["markers"]}))


def _describe_sync(document: Document, _waves: Mapping[str, str]) -> str:
    return "revoked" if "revoked" in document["directives"] else "ok"


def _describe_draw(document: Document, _waves: Mapping[str, str]) -> str:
    return str(document["results"][0]["status"])


def _kind_of(figures: Document) -> str:
    """The team's own figures, those of a group, or none because of the reader."""
    match figures["status"], figures.get("source_team"), figures.get("constructs"):
        case "released", None, _:
            return "o"
        case "rolled_up", None, None:
            return "h"
        case "rolled_up", dict(), _:
            return "r"
        case _:
            return "?"


def _join(words: Any) -> str:  # any iterable of texts
    return "".join(words) or NONE


DESCRIBERS: Mapping[str, Callable[[Document, Mapping[str, str]], str]] = {
    "teams.list_teams": _describe_teams,
    "teams.get_team_score": _describe_score,
    "teams.get_team_trend": _describe_trend,
    "teams.get_team_heatmap": _describe_heatmap,
    "sustainment.get_team_sustainment": _describe_sustainment,
    "releases.list_wave_releases": _describe_releases,
    "markers.list_markers": _describe_markers,
    "ballots.sync": _describe_sync,
    "ballots.draw_ballots": _describe_draw,
}
