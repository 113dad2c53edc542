"""Roster requests of a program: read it, put it, learn what became of a put.

A put changes a whole agency and may take long. If its reply is lost, the flow asks for
the roster that the service has: once the put is made, that is the roster that was sent.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from rapport_client._http import CONSTANT_HEADERS, Flow, Request
from rapport_client._json import read
from rapport_client._protocol import base64url, replies
from rapport_client.errors import (
    OutcomeUnknown,
    ProblemError,
    TransportFailure,
    UnexpectedReply,
    Unreachable,
)
from rapport_client.models import (
    CurrentRoster,
    Roster,
    RosterChanges,
    RosterPerson,
    RosterTeam,
)

ROSTER_SECONDS = 120.0
"""The longest that a service may take for the largest roster."""

MAX_ROSTER_BYTES = 64 * 1024 * 1024
"""The largest roster as a service writes it, in bytes."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
QUESTION_DELAYS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before each question about a lost reply: as long as a put may take."""


def get_roster(server: str, access_token: str) -> Flow[CurrentRoster]:
    """Reads the roster as it is now."""
    response = yield _request("GET", server, access_token)
    document = replies.read_document(response, "the roster", MAX_ROSTER_BYTES)
    roster: Roster = {
        "teams": [
            RosterTeam(
                external_id=team.text("external_id"),
                name=team.text("name"),
                parent=team.text_or_none("parent"),
            )
            for team in document.objects("teams")
        ],
        "people": [
            RosterPerson(
                external_id=person.text("external_id"),
                team=person.text("team"),
                supervises=[*person.list_of_texts("supervises")],
            )
            for person in document.objects("people")
        ],
    }
    etag = response.headers.get("etag")
    if etag is None:
        raise UnexpectedReply("the roster has no ETag")
    return CurrentRoster(roster, etag.removeprefix("W/"))  # as a proxy may weaken it


def put_roster(
    server: str,
    access_token: str,
    roster: Roster,
    *,
    confirm_removals: int | None = None,
    if_match: str | None = None,
) -> Flow[RosterChanges]:
    """Puts the roster in the place of the earlier one.

    Raises:
        OutcomeUnknown: the reply was lost, and the service did not get this roster in
            the time that it may take.
    """
    query = "" if confirm_removals is None else f"?confirm_removals={confirm_removals}"
    headers = {"Content-Type": replies.JSON_MEDIA_TYPE}
    if if_match is not None:
        headers["If-Match"] = if_match
    body = json.dumps(roster, ensure_ascii=False).encode()
    try:
        response = yield _request("PUT", server, access_token, headers, query, body)
        reply = replies.read_document(response, "the reply to the roster")
        return read(RosterChanges, reply)
    except (TransportFailure, UnexpectedReply) as failure:
        if not _is_lost_reply(failure):
            raise
        lost = failure
    etags = ", ".join(_list_etags(roster))
    for delay in QUESTION_DELAYS:
        if (yield from _is_current(server, access_token, etags, delay)):
            return RosterChanges(teams=None, people=None)
    raise OutcomeUnknown from lost


def _is_lost_reply(failure: TransportFailure | UnexpectedReply) -> bool:
    """Whether the service may have had the request; a proxy replies with 5xx."""
    if isinstance(failure, UnexpectedReply):
        return (
            failure.status is None or failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return not isinstance(failure, Unreachable)


def _is_current(server: str, access_token: str, etags: str, delay: float) -> Flow[bool]:
    """Whether the service says that its roster has one of the ETags."""
    headers = {"If-None-Match": etags}
    try:
        response = yield _request("GET", server, access_token, headers, delay=delay)
        if response.status == HTTPStatus.NOT_MODIFIED:
            return True
        replies.read_body(response, MAX_ROSTER_BYTES)
    except (TransportFailure, UnexpectedReply):
        pass
    except ProblemError as problem:
        if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
    return False


def _list_etags(roster: Roster) -> tuple[str, str]:
    """The ETags that the service gives this roster, plain and gzipped.

    It writes rows by external id, the teams that a person supervises once and in order,
    in UTF-8 without white space.
    """
    document = {
        "teams": [
            {
                "external_id": team["external_id"],
                "name": team["name"],
                "parent": team["parent"],
            }
            for team in sorted(roster["teams"], key=lambda team: team["external_id"])
        ],
        "people": [
            {
                "external_id": person["external_id"],
                "team": person["team"],
                "supervises": sorted(set(person.get("supervises", ()))),
            }
            for person in sorted(
                roster["people"], key=lambda person: person["external_id"]
            )
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    digest = base64url.digest(text.encode())
    return f'"{digest}"', f'"{digest}-gz"'


def _request(
    method: str,
    server: str,
    access_token: str,
    headers: Mapping[str, str] = NO_HEADERS,
    query: str = "",
    body: bytes = b"",
    *,
    delay: float = 0.0,
) -> Request:
    return Request(
        method,
        f"{server}/v1/roster{query}",
        {**CONSTANT_HEADERS, "Authorization": f"Bearer {access_token}", **headers},
        body,
        delay=delay,
        read_seconds=ROSTER_SECONDS,
        max_reply_bytes=MAX_ROSTER_BYTES,
    )
