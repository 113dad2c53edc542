"""Reads teams and reports, and puts the roster, with a program's access token."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from rapport_client._http import CONSTANT_HEADERS, Flow, Request
from rapport_client._json import JsonObject
from rapport_client._protocol import replies
from rapport_client._reports import (
    heatmap,
    releases,
    reliability_documents,
    roster,
    score_documents,
    sustainment,
    trend,
)
from rapport_client._reports.heatmap import Heatmap
from rapport_client._reports.releases import WaveReleases
from rapport_client._reports.reliability import Reliability
from rapport_client._reports.roster import Roster, RosterChanges
from rapport_client._reports.scores import Pending, Score
from rapport_client._reports.sustainment import Sustainment
from rapport_client._reports.trend import Trend


@dataclass(frozen=True)
class Team:
    """A team that the caller may read.

    Attributes:
        id: Rapport's id, a UUID.
        external_id: the agency's id.
        name: as people know it.
        parent: the id of the team above, None at the top; whoever may read only some
            teams may find one that is not among them.
    """

    id: str
    external_id: str
    name: str
    parent: str | None


def list_teams(server: str, access_token: str) -> Flow[list[Team]]:
    """Lists the teams that the caller may read."""
    reply = yield from _get(server, access_token, "teams", "the list of teams")
    return [
        Team(
            id=team.text("id"),
            external_id=team.text("external_id"),
            name=team.text("name"),
            parent=team.text_or_none("parent"),
        )
        for team in reply.objects("teams")
    ]


def read_score(
    server: str, access_token: str, team: str, wave: str | None
) -> Flow[Score]:
    """Reads a team's score in a wave, or in the newest sealed one."""
    path = f"teams/{quote(team, safe='')}/scores{_query_string(wave=wave)}"
    return score_documents.read(
        (yield from _get(server, access_token, path, "the score"))
    )


def read_trend(server: str, access_token: str, team: str) -> Flow[Trend]:
    """Reads a team's scores through the waves."""
    path = f"teams/{quote(team, safe='')}/trend"
    return trend.read((yield from _get(server, access_token, path, "the trend")))


def read_heatmap(
    server: str, access_token: str, team: str, wave: str | None
) -> Flow[Heatmap | Pending]:
    """Reads a team and its children side by side in a wave, or in the newest one."""
    path = f"teams/{quote(team, safe='')}/heatmap{_query_string(wave=wave)}"
    return heatmap.read((yield from _get(server, access_token, path, "the heat map")))


def read_releases(server: str, access_token: str, wave: str) -> Flow[WaveReleases]:
    """Reads what came out of a wave."""
    path = f"waves/{quote(wave, safe='')}/releases"
    return releases.read((yield from _get(server, access_token, path, "the releases")))


def read_sustainment(
    server: str, access_token: str, team: str, marker: str | None
) -> Flow[Sustainment]:
    """Reads what became of a team around a marker, or around the newest one."""
    path = f"teams/{quote(team, safe='')}/sustainment{_query_string(marker=marker)}"
    return sustainment.read(
        (yield from _get(server, access_token, path, "the sustainment"))
    )


def read_reliability(server: str, access_token: str) -> Flow[Reliability]:
    """Reads whether the agency's questions measure what they should."""
    path = "organization/reliability"
    return reliability_documents.read(
        (yield from _get(server, access_token, path, "the reliability report"))
    )


def put_roster(server: str, access_token: str, people: Roster) -> Flow[RosterChanges]:
    """Puts the roster in the place of the earlier one."""
    response = yield Request(
        "PUT",
        f"{server}/v1/roster",
        {**_headers(access_token), "Content-Type": replies.JSON_MEDIA_TYPE},
        json.dumps(people, ensure_ascii=False).encode(),
    )
    return roster.read(replies.read_document(response, "the reply to the roster"))


def _get(server: str, access_token: str, path: str, what: str) -> Flow[JsonObject]:
    response = yield Request("GET", f"{server}/v1/{path}", _headers(access_token))
    return replies.read_document(response, what)


def _query_string(**asked: str | None) -> str:
    given = {name: value for name, value in asked.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _headers(access_token: str) -> dict[str, str]:
    return {**CONSTANT_HEADERS, "Authorization": f"Bearer {access_token}"}
