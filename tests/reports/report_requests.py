"""Requests for reports, and waves to report on."""

from collections.abc import Mapping

from werkzeug.test import TestResponse

from tests.support.ballots import BallotFactory
from tests.support.service import Agency
from tests.support.submissions import identical_contents, submit_contents

CSV = {"Accept": "text/csv"}
REPORTS = ("score", "trend", "heatmap")


def request_report(
    agency: Agency,
    report: str,
    team: str = "agency",
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> TestResponse:
    """The reply about a team; without a token, the director asks."""
    return get_as(
        agency,
        f"/v1/teams/{agency.team_id(team)}/{report}",
        token=token,
        headers=headers,
        **query,
    )


def get_as(
    agency: Agency,
    path: str,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> TestResponse:
    """The reply to a reader; without a token, the director asks."""
    token = token or agency.cached_reader_token("director")
    return agency.service.http.get(
        path,
        query_string=query,
        headers={"Authorization": f"Bearer {token}", **(headers or {})},
    )


def seal_answered_wave(
    ballot_factory: BallotFactory, agency: Agency, value: object = 4, **people: int
) -> str:
    """Runs a whole wave that so many people of each team answer; returns its id."""
    wave = agency.announce()
    contents = {
        team: identical_contents(count, value) for team, count in people.items()
    }
    submit_contents(ballot_factory, agency, wave, contents)
    agency.seal()
    return wave


def client_access_token(agency: Agency, *teams: str) -> str:
    """An access token of a service client, limited to the teams that are named."""
    client_id, secret = agency.client(*teams)
    reply = agency.service.http.post(
        "/v1/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    )
    return str(reply.get_json()["access_token"])
