"""Pull requests: the poll book's list of waves, and the documents of a wave."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from rapport_client._http import CONSTANT_HEADERS, Flow, Request
from rapport_client._json import JsonObject, read
from rapport_client._protocol import replies
from rapport_client.errors import UnexpectedReply

SYNC_PATH = "/v1/sync"
_WAVE_ID = re.compile(r"[a-z][a-z0-9]{2,19}\.[0-9a-f-]{36}", re.ASCII)
_DIGEST = re.compile(r"[\w-]{43}", re.ASCII)


@dataclass(frozen=True)
class ListedWave:
    """A wave that may be drawn for.

    Attributes:
        wave_id: its public id.
        charter_digest: the digest that its charter must have.
        voting_team_id: the id of the person's group.
        is_open: whether it can be answered now; if not, it is announced.
    """

    wave_id: str
    charter_digest: str
    voting_team_id: str
    is_open: bool


@dataclass(frozen=True)
class CancelledWave:
    """A wave that was cancelled, and the reason."""

    wave_id: str
    reason: str


@dataclass(frozen=True)
class Limits:
    """The most that one submission may contain.

    Attributes:
        items: in one request.
        bytes: of its body, before compression.
    """

    items: int
    bytes: int


@dataclass(frozen=True)
class WaveList:
    """The poll book's list for one person.

    Attributes:
        epoch: changes when the server was restored from a backup.
        limits: of one submission.
        revoked: this device draws no more ballots; waiting items are still sent.
        is_asked: whether waves to come ask the person, by the roster of now.
        drawable: the announced and the open waves.
        cancelled: the waves that were cancelled.
    """

    epoch: str
    limits: Limits
    revoked: bool
    is_asked: bool
    drawable: tuple[ListedWave, ...]
    cancelled: tuple[CancelledWave, ...]


@dataclass(frozen=True)
class TaggedDocument:
    """The poll book's list as bytes, with its entity tag if it came with one."""

    body: bytes
    etag: str | None


def charter_path(wave_id: str) -> str:
    """The path of a wave's charter."""
    return f"/v1/waves/{quote(wave_id, safe='')}/charter"


def instrument_path(digest: str) -> str:
    """The path of an instrument."""
    return f"/v1/instruments/{quote(digest, safe='')}"


def key_path(kid: str) -> str:
    """The path of a ballot key."""
    return f"/v1/keys/{quote(kid, safe='')}"


def pull_list(
    server: str, access_token: str, stored: TaggedDocument | None
) -> Flow[TaggedDocument]:
    """Asks the poll book for its list.

    Args:
        server: the origin of the poll-book door.
        access_token: identifies the person.
        stored: the list that the device has, if it has one.

    Returns:
        The newest list; the stored one itself if that is the newest.

    Raises:
        ProblemError: refused.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    headers = {**CONSTANT_HEADERS, "Authorization": f"Bearer {access_token}"}
    if stored is not None and stored.etag is not None:
        headers["If-None-Match"] = stored.etag
    response = yield Request("GET", f"{server}{SYNC_PATH}", headers)
    etag = response.headers.get("etag")
    if stored is not None and response.status == HTTPStatus.NOT_MODIFIED:
        if _opaque_tag(etag) != _opaque_tag(stored.etag):
            raise UnexpectedReply("the reply is about another list of pulses")
        return stored
    body = replies.read_body(response)
    read_list(body)
    return TaggedDocument(body, etag)


def fetch(ballot_box: str, path: str) -> Flow[bytes]:
    """Fetches a public document without credentials, on a fresh connection.

    Raises:
        ProblemError: refused.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    response = yield Request("GET", f"{ballot_box}{path}", CONSTANT_HEADERS, fresh=True)
    return replies.read_body(response)


def read_list(body: bytes) -> WaveList:
    """Reads the poll book's list; ignores states and directives not known here.

    Raises:
        UnexpectedReply: the list is malformed.
    """
    members = JsonObject.from_json(body, "the list of pulses", UnexpectedReply)
    waves = [(wave, wave.text("state")) for wave in members.objects("waves")]
    directives = members.list_of_texts("directives")
    return WaveList(
        epoch=members.text("epoch"),
        limits=_read_limits(members.nested("limits")),
        revoked="revoked" in directives,
        is_asked="not_asked" not in directives,
        drawable=tuple(
            ListedWave(
                _read_matching(wave, "wave_id", _WAVE_ID),
                _read_matching(wave, "charter_digest", _DIGEST),
                wave.text("voting_team_id"),
                is_open=state == "open",
            )
            for wave, state in waves
            if state in {"announced", "open"}
        ),
        cancelled=tuple(
            CancelledWave(
                _read_matching(wave, "wave_id", _WAVE_ID),
                wave.text_or_none("reason") or "no reason was given",
            )
            for wave, state in waves
            if state == "cancelled"
        ),
    )


def _opaque_tag(etag: str | None) -> str | None:
    """A tag as a 304 compares it: a proxy that compresses may have made it weak."""
    return None if etag is None else etag.removeprefix("W/")


def _read_limits(members: JsonObject) -> Limits:
    limits = read(Limits, members)
    if limits.items < 1 or limits.bytes < 1:
        raise UnexpectedReply("the list of pulses: the limits are none")
    return limits


def _read_matching(wave: JsonObject, name: str, pattern: re.Pattern[str]) -> str:
    text = wave.text(name)
    if not pattern.fullmatch(text):
        raise UnexpectedReply(f"the list of pulses: {name} is not one")
    return text
