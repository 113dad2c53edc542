"""Report requests of a program: teams, scores and other documents."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from rapport_client._http import CONSTANT_HEADERS, Flow, Request
from rapport_client._json import JsonObject, read, read_tagged
from rapport_client._protocol import replies
from rapport_client.models import (
    Heatmap,
    NoFinding,
    Pending,
    Released,
    Reliability,
    RolledUp,
    Score,
    Sustainment,
    SustainmentFinding,
    Team,
    Trend,
    WaveReleases,
    Withheld,
)

_SCORES: Mapping[str, type[Score]] = {
    "released": Released,
    "rolled_up": RolledUp,
    "withheld": Withheld,
    "pending": Pending,
}
_HEATMAPS: Mapping[str, type[Heatmap | Pending]] = {
    "sealed": Heatmap,
    "pending": Pending,
}
_SUSTAINMENTS: Mapping[str, type[Sustainment]] = {
    "released": SustainmentFinding,
    "rolled_up": SustainmentFinding,
    "withheld": NoFinding,
    "not_analysed": NoFinding,
    "pending": NoFinding,
}


def list_teams(server: str, access_token: str) -> Flow[list[Team]]:
    """Lists the teams that the caller may read."""
    reply = yield from _get(server, access_token, "teams", "the list of teams")
    return [read(Team, team) for team in reply.objects("teams")]


def read_score(
    server: str, access_token: str, team_id: str, wave_id: str | None
) -> Flow[Score]:
    """Reads a team's score in a wave, or in the newest sealed one."""
    path = f"teams/{quote(team_id, safe='')}/score{_query_string(wave_id=wave_id)}"
    return parse_score((yield from _get(server, access_token, path, "the score")))


def read_trend(server: str, access_token: str, team_id: str) -> Flow[Trend]:
    """Reads a team's scores through the waves."""
    path = f"teams/{quote(team_id, safe='')}/trend"
    return read(Trend, (yield from _get(server, access_token, path, "the trend")))


def read_heatmap(
    server: str, access_token: str, team_id: str, wave_id: str | None
) -> Flow[Heatmap | Pending]:
    """Reads a team and its children side by side in a wave, or in the newest one."""
    path = f"teams/{quote(team_id, safe='')}/heatmap{_query_string(wave_id=wave_id)}"
    return parse_heatmap((yield from _get(server, access_token, path, "the heat map")))


def read_releases(server: str, access_token: str, wave_id: str) -> Flow[WaveReleases]:
    """Reads the releases of a wave."""
    path = f"waves/{quote(wave_id, safe='')}/releases"
    reply = yield from _get(server, access_token, path, "the releases")
    return read(WaveReleases, reply)


def read_sustainment(
    server: str, access_token: str, team_id: str, marker_id: str | None
) -> Flow[Sustainment]:
    """Reads a team's change around a marker, or around the newest one."""
    query = _query_string(marker_id=marker_id)
    path = f"teams/{quote(team_id, safe='')}/sustainment{query}"
    reply = yield from _get(server, access_token, path, "the sustainment")
    return parse_sustainment(reply)


def read_reliability(server: str, access_token: str) -> Flow[Reliability]:
    """Reads whether the agency's questions measure what they should."""
    path = "organization/reliability"
    reply = yield from _get(server, access_token, path, "the reliability report")
    return read(Reliability, reply)


def parse_score(score: JsonObject) -> Score:
    """Parses a score document.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    return read_tagged(score, "status", _SCORES)


def parse_heatmap(heatmap: JsonObject) -> Heatmap | Pending:
    """Parses a heat map, or the notice that its wave is not sealed yet.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    return read_tagged(heatmap, "status", _HEATMAPS)


def parse_sustainment(document: JsonObject) -> Sustainment:
    """Parses a sustainment document.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    if document.text("status") == "rolled_up":
        document.nested("source_team")  # required here: figures of another team name it
    return read_tagged(document, "status", _SUSTAINMENTS)


def _get(server: str, access_token: str, path: str, what: str) -> Flow[JsonObject]:
    response = yield Request("GET", f"{server}/v1/{path}", _headers(access_token))
    return replies.read_document(response, what)


def _query_string(**parameters: str | None) -> str:
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _headers(access_token: str) -> dict[str, str]:
    return {**CONSTANT_HEADERS, "Authorization": f"Bearer {access_token}"}
