"""Asking what became of a team around a marker."""

from typing import Any

from werkzeug.test import TestResponse

from rapport_service.cli.tick import find_out
from tests.house_under_test import Agency
from tests.pollbook.wire import bearer


def ask(
    agency: Agency,
    team: str = "agency",
    marker: str | None = None,
    token: str | None = None,
    **headers: str,
) -> TestResponse:
    """The reply to a question, an administrator's where no token is given."""
    return agency.house.http.get(
        f"/v1/teams/{agency.team_id(team)}/sustainment",
        query_string={} if marker is None else {"marker": marker},
        headers=bearer(token or agency.admin_token()) | headers,
    )


def told(agency: Agency, team: str = "agency", marker: str | None = None) -> Any:
    """The document, after the worker has had its turn."""
    find_out(agency.id)
    reply = ask(agency, team, marker)
    assert reply.status_code == 200, reply.text
    return reply.get_json()


def codes(document: Any) -> list[str]:
    """The codes of what is said."""
    return [sentence["code"] for sentence in document["explanation"]]


def answer(document: Any) -> str:
    """What a supervisor reads aloud."""
    said: str = document["explanation"][0]["en"]
    return said
