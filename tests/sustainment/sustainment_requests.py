"""Requests for the sustainment document of a team."""

from typing import Any

from werkzeug.test import TestResponse

from rapport_service.lifecycle.organization import update_findings
from tests.pollbook.poll_book_requests import bearer
from tests.support.service import Agency


def request_sustainment(
    agency: Agency,
    team: str = "agency",
    marker: str | None = None,
    token: str | None = None,
    **headers: str,
) -> TestResponse:
    """The reply to a request, an administrator's if no token is given."""
    return agency.service.http.get(
        f"/v1/teams/{agency.team_id(team)}/sustainment",
        query_string={} if marker is None else {"marker_id": marker},
        headers=bearer(token or agency.admin_token()) | headers,
    )


def sustainment_document(
    agency: Agency, team: str = "agency", marker: str | None = None
) -> Any:
    """The document, after the worker has updated the findings."""
    update_findings(agency.id)
    reply = request_sustainment(agency, team, marker)
    assert reply.status_code == 200, reply.text
    return reply.get_json()


def codes(document: Any) -> list[str]:
    """The codes of the sentences in the explanation."""
    return [sentence["code"] for sentence in document["explanation"]]


def answer_text(document: Any) -> str:
    """The first sentence of the explanation, which a supervisor reads aloud."""
    sentence: str = document["explanation"][0]["en"]
    return sentence
