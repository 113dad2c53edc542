"""Asking for reports, and waves to report on."""

from collections.abc import Mapping

from werkzeug.test import TestResponse

from tests.ballots import Press
from tests.casting import cast, crowd
from tests.house_under_test import Agency

CSV = {"Accept": "text/csv"}
REPORTS = ("scores", "trend", "heatmap")


def ask(
    agency: Agency,
    report: str,
    team: str = "agency",
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> TestResponse:
    """The reply about a team, to the director where no token is given."""
    return get(
        agency,
        f"/v1/teams/{agency.team_id(team)}/{report}",
        token=token,
        headers=headers,
        **query,
    )


def get(
    agency: Agency,
    path: str,
    *,
    token: str = "",
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> TestResponse:
    """The reply to somebody with a login."""
    token = token or agency.reader_token("director")
    return agency.house.http.get(
        path,
        query_string=query,
        headers={"Authorization": f"Bearer {token}", **(headers or {})},
    )


def sealed(press: Press, agency: Agency, value: object = 4, **people: int) -> str:
    """A whole wave that so many people of each team answered; its id."""
    wave = agency.announce()
    said = {team: crowd(count, value) for team, count in people.items()}
    cast(press, agency, wave, said)
    agency.seal()
    return wave


def logged_in(agency: Agency, *teams: str) -> str:
    """An access token of a service client, limited to teams where any are named."""
    client_id, secret = agency.client(*teams)
    reply = agency.house.http.post(
        "/v1/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": secret,
        },
    )
    return str(reply.get_json()["access_token"])
