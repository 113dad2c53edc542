"""Reads teams and scores, and puts the roster, with a program's access token."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from rapport_client import roster, score_documents
from rapport_client.flows import replies
from rapport_client.roster import Roster, RosterChanges
from rapport_client.scores import Score
from rapport_client.wire import CONSTANT_HEADERS, Flow, Request


@dataclass(frozen=True)
class Team:
    """A team that the caller may read.

    Attributes:
        id: Rapport's id, a UUID.
        external_id: the agency's id.
        name: as people know it.
        parent: the id of the team above, None at the top.
    """

    id: str
    external_id: str
    name: str
    parent: str | None


def list_teams(server: str, access_token: str) -> Flow[list[Team]]:
    """Lists the teams that the caller may read."""
    response = yield Request("GET", f"{server}/v1/teams", _headers(access_token))
    reply = replies.document(response, "the list of teams")
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
    query = f"?{urlencode({'wave': wave})}" if wave is not None else ""
    response = yield Request(
        "GET",
        f"{server}/v1/teams/{quote(team, safe='')}/scores{query}",
        _headers(access_token),
    )
    return score_documents.read(replies.document(response, "the score"))


def put_roster(server: str, access_token: str, people: Roster) -> Flow[RosterChanges]:
    """Puts the roster in the place of the earlier one."""
    response = yield Request(
        "PUT",
        f"{server}/v1/roster",
        {**_headers(access_token), "Content-Type": replies.JSON},
        json.dumps(people, ensure_ascii=False).encode(),
    )
    return roster.read(replies.document(response, "the reply to the roster"))


def _headers(access_token: str) -> dict[str, str]:
    return {**CONSTANT_HEADERS, "Authorization": f"Bearer {access_token}"}
