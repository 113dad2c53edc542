"""A device whose requests somebody else carries, with curl for instance.

The flows of the SDK yield requests and are sent responses, so whoever carries both may
take as long as they like: a request is printed now, its reply comes from a file later.
What lies between is in the outbox, as with any device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from rapport_client.ballots import minting
from rapport_client.ballots.minting import Draw
from rapport_client.cli.outcome import RefusedError
from rapport_client.errors import UnexpectedReply
from rapport_client.flows import replies, send
from rapport_client.flows.draw import Ask, draw
from rapport_client.flows.pull import (
    ListedWave,
    WaveList,
    charter_path,
    instrument_path,
    key_path,
    read_list,
)
from rapport_client.flows.send import Item, Verdict
from rapport_client.members import Members
from rapport_client.pulses import charter as charters
from rapport_client.store.database import Database
from rapport_client.store.documents import Documents
from rapport_client.store.draws import Draws
from rapport_client.store.keys import KeyFile
from rapport_client.store.outbox import Outbox
from rapport_client.store.queue import Queue
from rapport_client.store.space import Space
from rapport_client.sync.clock import SystemClock
from rapport_client.sync.drawing import draft
from rapport_client.sync.library import Library
from rapport_client.sync.sending import new_batch
from rapport_client.wire import Request, Response, drive


@dataclass(frozen=True)
class Checked:
    """A charter that passed its checks, and what to fetch next, without credentials.

    Attributes:
        fingerprint: for comparing with colleagues.
        pool: how many people vote under the group's key.
        key: the path of the group's ballot key.
        instrument: the path of the questions.
    """

    fingerprint: str
    pool: int
    key: str
    instrument: str


def check(wave: str, sync: bytes, charter: bytes) -> Checked:
    """Checks the charter of a wave for the group that the poll book names.

    Raises:
        CharterRefused: names the check that failed.
        RefusedError: the poll book does not list the wave.
        UnexpectedReply: the list is malformed.
    """
    listed = _find(read_list(sync), wave)
    checked = charters.check(charter, listed.charter, wave)
    kid = checked.key_for(listed.group)
    return Checked(
        checked.fingerprint,
        checked.pools[kid],
        key_path(kid),
        instrument_path(checked.instrument),
    )


class ByHand:
    """The outbox of a device that never uses the network itself.

    Args:
        outbox: the file; made if missing, readable by its owner alone.
        person: whose namespace.
        key: the path of the key file; the one beside the outbox if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one of this outbox.
        OutboxUnusable: the file cannot be opened, or was written by another version.
    """

    def __init__(self, outbox: str, person: str, key: str | None) -> None:
        self._database = Database(Path(outbox), KeyFile(Path(key)) if key else None)
        space = Space.of(self._database, person)
        self._documents = Documents(Space.shared(self._database))
        self._draws = Draws(space)
        self._outbox = Outbox(space)
        self._queue = Queue(self._database, space.key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def blind(
        self, wave: str, sync: bytes, charter: bytes, key: bytes, instrument: bytes
    ) -> bytes:
        """Commits a draw, or takes up the one that was committed.

        Returns:
            The body that asks for its signature.

        Raises:
            DocumentRefused: names the check that failed.
            RefusedError: the poll book does not list the wave, or its ballot is here.
            UnexpectedReply: the list is malformed.
        """
        listed = read_list(sync)
        library = self._library(
            {
                charter_path(wave): charter,
                key_path(""): key,
                instrument_path(""): instrument,
            }
        )
        drafted = draft(library, self._draws, _find(listed, wave), listed.epoch)
        if drafted is None:
            raise RefusedError("the ballot for this pulse is finished already")
        return next(draw("", "", [_ask(drafted.draw)])).body

    def finish(self, wave: str, reply: bytes) -> str:
        """Makes a ballot of the draw and the reply to it; a finished one stays.

        Raises:
            ProblemError: the service refused.
            RefusedError: it signed nothing, or no draw was made for this wave.
            SignatureInvalid: it signed something else.
            UnexpectedReply: the reply is not one to this draw.
        """
        if (held := self._draws.ballot(wave)) is not None:
            return held.ballot
        pending = self._draws.pending(wave)
        if pending is None:
            raise RefusedError(
                "no ballot was blinded for this pulse: run `rapport-field ballot blind`"
            )
        flow = draw("", "", [_ask(pending)])
        signed = drive(flow, lambda _: _response(reply))[wave]
        if signed.status != "signed":
            raise RefusedError(f"the service signed no ballot: {signed.status}")
        key = self._library({}).key(pending.kid)
        finished = minting.finish(pending, key, signed.signature)
        self._draws.finish(pending, finished)
        return finished

    def submission(self, wave: str) -> bytes:
        """The body that sends the answers, each time in a batch of another name.

        Raises:
            RefusedError: the wave was not answered.
        """
        _, item = self._answered(wave)
        return send.body_of([item], new_batch())

    def settle(self, wave: str, submission: bytes, reply: bytes) -> Verdict:
        """Notes what the service said of the answers, on the word of an exact reply.

        Raises:
            ProblemError: the service refused the request; send it again.
            RefusedError: the wave was not answered.
            UnexpectedReply: the reply is not the exact one to this submission.
        """
        seq, item = self._answered(wave)
        sent = Members.of_json(submission, "the submission", UnexpectedReply)
        (verdict,) = send.read(_response(reply), [item], sent.text("batch"))
        now = SystemClock().wall()
        self._queue.conclude([(seq, verdict)], now=now, at=None)
        return verdict

    def _answered(self, wave: str) -> tuple[int, Item]:
        found = self._outbox.find(wave)
        if found is None:
            raise RefusedError(
                "this pulse was not answered on this device: run `rapport-field answer`"
            )
        return found

    def _library(self, files: Mapping[str, bytes]) -> Library:
        """The documents of the outbox and, by the beginning of their path, of files."""

        def fetch(request: Request) -> Response:
            path = urlsplit(request.url).path
            for beginning, body in files.items():
                if path.startswith(beginning):
                    return _response(body)
            raise RefusedError(f"{path} is not in the outbox")

        return Library(self._documents, "", fetch)


def _find(listed: WaveList, wave: str) -> ListedWave:
    for each in listed.drawable:
        if each.wave == wave:
            return each
    raise RefusedError(
        "the poll book lists no such wave that may be drawn for;"
        " the reply of GET /v1/sync has the ids"
    )


def _ask(pending: Draw) -> Ask:
    return Ask(pending.wave, pending.kid, pending.blinded)


def _response(body: bytes) -> Response:
    """The response that somebody saved: a file has no status, but a problem tells its.

    Bodies are told apart as RFC 9457 has them; anything else was an answer.
    """
    saved = Members.of_json(body, "the saved reply", UnexpectedReply)
    status = saved.raw.get("status")
    if isinstance(status, int) and isinstance(saved.raw.get("code"), str):
        return Response(status, {"content-type": replies.PROBLEM}, body)
    return Response(200, {"content-type": replies.JSON}, body)
