"""The roster: read it, put it, learn what became of a put.

A put changes a whole agency and may take long. If its reply is lost, the exchange asks
for the roster that the service has: after the put, that is the one that was sent.
"""

import csv
import json
import unicodedata
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeVar

from rapport_client._json import JsonObject, read
from rapport_client._protocol import base64url, replies
from rapport_client._resources.operation import (
    Call,
    Exchange,
    R_co,
    Resource,
    operation,
)
from rapport_client._resources.roster_csv import parse_roster_csv
from rapport_client.errors import (
    OutcomeUnknown,
    ProblemError,
    TransportFailure,
    UnexpectedReply,
    Unreachable,
)
from rapport_client.models import (
    CurrentRoster,
    PersonDifference,
    Roster,
    RosterChanges,
    RosterDifferences,
    RosterPerson,
    RosterTeam,
    TeamDifference,
)

Row = TypeVar("Row")

NONE: Mapping[str, Any] = MappingProxyType({})

ROSTER_SECONDS = 120.0
"""The longest that a service may take for the largest roster."""

MAX_ROSTER_BYTES = 64 * 1024 * 1024
"""The largest roster as a service writes it, in bytes."""

QUESTION_DELAYS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds before each question about a lost reply: as long as a put may take."""


class RosterResource(Resource[R_co]):
    """The agency's whole roster. For programs with the scope ``roster``."""

    @operation("get_roster")
    def get(self) -> Exchange[CurrentRoster]:
        """The roster as it is now, and the ETag of this version."""
        response = yield _call("GET", read_seconds=ROSTER_SECONDS, is_repeatable=True)
        document = replies.read_document(response, "the roster", MAX_ROSTER_BYTES)
        etag = response.headers.get("etag")
        if etag is None:
            raise UnexpectedReply("the roster has no ETag")
        roster: Roster = {
            "teams": [_read_team(team) for team in document.objects("teams")],
            "people": [_read_person(each) for each in document.objects("people")],
        }
        return CurrentRoster(roster, etag.removeprefix("W/"))  # a proxy may weaken it

    @operation("put_roster")
    def put(
        self,
        roster: Roster | str | bytes,
        *,
        confirm_removals: int | None = None,
        if_match: str | None = None,
    ) -> Exchange[RosterChanges]:
        """Puts the whole roster; the same roster again changes nothing.

        Waits up to two minutes for the service. If its reply is lost, asks the service
        whether it has this roster, for two minutes and the time that it takes to reply.

        Args:
            roster: every team and person, as they are now; or the text or the bytes of
                a CSV file (``format_roster_csv``), whose rows errors then name.
            confirm_removals: how many people are to be removed, if they are more than
                ten and more than a tenth of the agency.
            if_match: the ETag of the roster that this one is to replace.

        Raises:
            OutcomeUnknown: the reply was lost, and the service has another roster now,
                or could not be asked.
            PreconditionFailed: the roster is not the one that ``if_match`` names.
                Nothing was changed.
            LastAdministrator: it leaves out every administrator. Nothing was changed.
            RemovalsUnconfirmed: many people would be removed, and ``confirm_removals``
                is not their number. Nothing was changed.
            RequestInvalid: ``errors`` names each row that breaks rules.
            TypeError: it is no roster.
        """
        etags = _list_etags(roster)
        try:
            response = yield _put(
                roster, confirm_removals=confirm_removals, if_match=if_match
            )
            reply = replies.read_document(response, "the reply to the roster")
            return read(RosterChanges, reply)
        except (TransportFailure, UnexpectedReply) as failure:
            if not _is_lost_reply(failure):
                raise
            lost = failure
        was_answered = False
        for delay in QUESTION_DELAYS if etags else ():
            current = yield from _is_current(", ".join(etags), delay)
            if current:
                return RosterChanges(teams=None, people=None)
            was_answered = was_answered or current is not None
        raise OutcomeUnknown(was_answered=was_answered) from lost

    @operation("put_roster")
    def preview(self, roster: Roster | str | bytes) -> Exchange[RosterDifferences]:
        """The changes that a put would make; nothing is changed.

        Args:
            roster: every team and person, or the text or the bytes of a CSV file.

        Raises:
            RequestInvalid: ``errors`` names each row that breaks rules.
            TypeError: it is no roster.
        """
        response = yield _put(roster, dry_run="true")
        reply = replies.read_document(
            response, "the reply to the roster", MAX_ROSTER_BYTES
        )
        rows = reply.nested("diff")
        return RosterDifferences(
            changes=read(RosterChanges, reply),
            teams=tuple(
                TeamDifference(*_read_both(row, _read_team))
                for row in rows.objects("teams")
            ),
            people=tuple(
                PersonDifference(*_read_both(row, _read_person))
                for row in rows.objects("people")
            ),
            administrators=_read_ids(rows, "administrators"),
            auditors=_read_ids(rows, "auditors"),
        )


def _read_ids(members: JsonObject, name: str) -> tuple[str, ...]:
    """External ids; none if the service is older than the member."""
    if name not in members.raw:
        return ()
    ids = members.elements(name)
    return tuple(ids.text(index) for index in ids.raw)


def _put(
    roster: Roster | str | bytes,
    *,
    confirm_removals: int | None = None,
    if_match: str | None = None,
    dry_run: str | None = None,
) -> Call:
    """A put of a roster, or of a CSV file."""
    if not isinstance(roster, dict | str | bytes):
        raise TypeError(
            "a roster is a dict with teams and people, or the text or bytes of a CSV"
            f" file, not {type(roster).__name__}"
        )
    number = None if confirm_removals is None else str(confirm_removals)
    return _call(
        "PUT",
        {"confirm_removals": number, "dry_run": dry_run},
        {} if if_match is None else {"If-Match": if_match},
        roster.encode() if isinstance(roster, str) else roster,
        read_seconds=ROSTER_SECONDS,
    )


def _read_team(team: JsonObject) -> RosterTeam:
    return RosterTeam(
        external_id=team.text("external_id"),
        name=team.text("name"),
        parent=team.text_or_none("parent"),
    )


def _read_person(person: JsonObject) -> RosterPerson:
    return RosterPerson(
        external_id=person.text("external_id"),
        team=person.text("team"),
        supervises=[*person.list_of_texts("supervises")],
        away=person.flag("away"),
    )


def _read_both(
    row: JsonObject, read_one: Callable[[JsonObject], Row]
) -> tuple[Row | None, Row | None]:
    """A row as it is now (None: added), and as it would be (None: removed)."""
    before, after = (
        None if row.raw.get(name) is None else read_one(row.nested(name))
        for name in ("before", "after")
    )
    return before, after


def _is_lost_reply(failure: TransportFailure | UnexpectedReply) -> bool:
    """Whether the service may have had the request; a proxy replies with 5xx."""
    if isinstance(failure, UnexpectedReply):
        return (
            failure.status is None or failure.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return not isinstance(failure, Unreachable)


def _is_current(etags: str, delay: float) -> Exchange[bool | None]:
    """Whether the service's roster has one of the ETags; None if it did not answer."""
    try:
        response = yield _call("GET", headers={"If-None-Match": etags}, delay=delay)
        if response.status == HTTPStatus.NOT_MODIFIED:
            return True
        replies.read_body(response, MAX_ROSTER_BYTES)
    except (TransportFailure, UnexpectedReply):
        return None
    except ProblemError as problem:
        if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return None
    return False


def _list_etags(roster: Roster | str | bytes) -> tuple[str, ...]:
    """The ETags that the service gives this roster, plain and gzipped.

    There are none of one that breaks rules, which the service refuses.
    """
    try:
        if isinstance(roster, str | bytes):
            roster = parse_roster_csv(roster)
        return _compute_etags(roster)
    except (AttributeError, KeyError, TypeError, ValueError, csv.Error):
        return ()


def _compute_etags(roster: Roster) -> tuple[str, str]:
    """The ETags of a roster as the service writes it.

    It writes rows by external id, the teams that a person supervises once and in order,
    in UTF-8 without white space, and all text in Unicode's normal form C.
    """
    roster = _in_normal_form(roster)
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
                "away": person.get("away", False),
            }
            for person in sorted(
                roster["people"], key=lambda person: person["external_id"]
            )
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    digest = base64url.digest(text.encode())
    return f'"{digest}"', f'"{digest}-gz"'


def _in_normal_form(value: Any) -> Any:  # noqa: ANN401  # any part of a document
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            return {name: _in_normal_form(each) for name, each in value.items()}
        case list() | tuple():
            return [_in_normal_form(each) for each in value]
        case _:
            return value


def _call(
    method: str,
    query: Mapping[str, str | None] = NONE,
    headers: Mapping[str, str] = NONE,
    body: object = None,
    *,
    delay: float = 0.0,
    read_seconds: float | None = None,
    is_repeatable: bool = False,
) -> Call:
    return Call(
        method,
        "/v1/roster",
        query,
        body,
        headers,
        is_repeatable=is_repeatable,
        delay=delay,
        read_seconds=read_seconds,
        max_reply_bytes=MAX_ROSTER_BYTES,
    )
