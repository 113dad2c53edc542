"""A device whose requests another program carries, such as curl.

The flows of the SDK yield requests and are sent responses, so any time may pass between
the two: a request is printed now, its reply comes from a file later. The state between
them is in the outbox, as with any device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from rapport_client._ballots import minting
from rapport_client._ballots.minting import Draw
from rapport_client._cli.outcome import RefusedError
from rapport_client._http import Response, drive
from rapport_client._json import JsonObject
from rapport_client._outbox.database import Database
from rapport_client._outbox.draws import Draws
from rapport_client._outbox.keys import KeyFile
from rapport_client._outbox.namespace import Documents, Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client._outbox.queue import Queue
from rapport_client._outbox.retention import UNKNOWN_KEY
from rapport_client._outbox.seen_charters import SeenCharters
from rapport_client._protocol import replies, send
from rapport_client._protocol.draw import DrawRequest, draw
from rapport_client._protocol.pull import (
    ListedWave,
    WaveList,
    charter_path,
    instrument_path,
    key_path,
    read_list,
)
from rapport_client._protocol.send import SubmissionItem, SubmissionResult
from rapport_client._pulses import charter as charters
from rapport_client._sync.ballot_drawer import commit_draw
from rapport_client._sync.clock import SystemClock
from rapport_client._sync.document_cache import DocumentCache
from rapport_client._sync.sender import new_batch_id
from rapport_client.errors import UnexpectedReply


@dataclass(frozen=True)
class CheckedCharter:
    """A charter that passed its checks, and the documents to fetch next.

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


def check_charter(wave_id: str, sync: bytes, charter: bytes) -> CheckedCharter:
    """Checks the charter of a wave for the group that the poll book names.

    Raises:
        CharterRefused: names the check that failed.
        RefusedError: the poll book does not list the wave.
        UnexpectedReply: the list is malformed.
    """
    listed = _find_wave(read_list(sync), wave_id)
    checked = charters.parse_charter(charter, listed.charter_digest, wave_id)
    kid = checked.key_for(listed.voting_team_id)
    return CheckedCharter(
        checked.fingerprint,
        checked.pools[kid],
        key_path(kid),
        instrument_path(checked.instrument_digest),
    )


class ManualDevice:
    """The outbox of a device that never uses the network itself.

    Args:
        outbox: the file; made if missing, readable by its owner alone.
        person: the name of a namespace.
        key: the path of the key file; the one next to the outbox if None.

    Raises:
        OutboxLocked: the key is missing, or is not the one of this outbox.
        OutboxUnusable: the file cannot be opened, or was written by another version.
    """

    def __init__(self, outbox: str, person: str, key: str | None) -> None:
        self._database = Database(Path(outbox), KeyFile(Path(key)) if key else None)
        namespace = Namespace.for_person(self._database, person)
        shared = Namespace.shared(self._database)
        self._documents = Documents(shared)
        self._seen_charters = SeenCharters(shared)
        self._draws = Draws(namespace)
        self._outbox = Outbox(namespace)
        self._queue = Queue(self._database, namespace.key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def blind(
        self, wave_id: str, sync: bytes, charter: bytes, key: bytes, instrument: bytes
    ) -> bytes:
        """Commits a draw, or uses the one that was committed.

        Returns:
            The body that asks for its signature.

        Raises:
            DocumentRefused: names the check that failed.
            RefusedError: the poll book does not list the wave, or its ballot is here.
            UnexpectedReply: the list is malformed.
        """
        listed = read_list(sync)
        document_cache = self._document_cache(
            {
                charter_path(wave_id): charter,
                key_path(""): key,
                instrument_path(""): instrument,
            }
        )
        committed = commit_draw(
            document_cache, self._draws, _find_wave(listed, wave_id), listed.epoch
        )
        if committed is None:
            raise RefusedError("the ballot for this pulse is finished already")
        return next(draw("", "", [_draw_request(committed.draw)])).body

    def finish(self, wave_id: str, reply: bytes) -> str:
        """Makes a ballot from the draw and the reply to it; a finished one stays.

        Raises:
            ProblemError: the service refused.
            RefusedError: it signed nothing, or no draw was made for this wave.
            SignatureInvalid: it signed something else.
            UnexpectedReply: the reply is not one to this draw.
        """
        if (ballot := self._draws.ballot(wave_id)) is not None:
            return ballot.ballot
        pending = self._draws.pending(wave_id)
        if pending is None:
            raise RefusedError(
                "no ballot was blinded for this pulse: run `rapport-field ballot blind`"
            )
        flow = draw("", "", [_draw_request(pending)])
        signed = drive(flow, lambda _: _saved_response(reply))[wave_id]
        if signed.status != "signed":
            raise RefusedError(f"the service signed no ballot: {signed.status}")
        key = self._document_cache({}).key(pending.kid)
        finished = minting.finish(pending, key, signed.signature)
        self._draws.finish(pending, finished)
        return finished

    def submission(self, wave_id: str) -> bytes:
        """The body that sends the answers, each time with another batch id.

        Raises:
            RefusedError: the wave was not answered.
        """
        _, item = self._find_answer(wave_id)
        return send.encode_request([item], new_batch_id())

    def settle(self, wave_id: str, submission: bytes, reply: bytes) -> SubmissionResult:
        """Records the result of the answers, if the reply is the exact one.

        Answers whose ballot key the service does not know still wait.

        Raises:
            ProblemError: the service refused the request; send it again.
            RefusedError: the wave was not answered.
            UnexpectedReply: the reply is not the exact one to this submission.
        """
        seq, item = self._find_answer(wave_id)
        sent = JsonObject.from_json(submission, "the submission", UnexpectedReply)
        (result,) = send.read_reply(_saved_response(reply), [item], sent.text("batch"))
        # Who carries the requests by hand may have asked another service.
        if result.reason != UNKNOWN_KEY:
            now = SystemClock().wall()
            self._queue.settle([(seq, result)], now=now, at=None)
        return result

    def _find_answer(self, wave_id: str) -> tuple[int, SubmissionItem]:
        answer = self._outbox.find_answer(wave_id)
        if answer is None:
            raise RefusedError(
                "this pulse was not answered on this device: run `rapport-field answer`"
            )
        return answer

    def _document_cache(self, files: Mapping[str, bytes]) -> DocumentCache:
        """The documents of the outbox, and of files by the start of their paths."""

        def fetch(path: str) -> bytes:
            for prefix, body in files.items():
                if path.startswith(prefix):
                    return replies.read_body(_saved_response(body))
            raise RefusedError(f"{path} is not in the outbox")

        return DocumentCache(
            self._documents, self._seen_charters, fetch, lambda: datetime.now(UTC)
        )


def _find_wave(listed: WaveList, wave_id: str) -> ListedWave:
    for each in listed.drawable:
        if each.wave_id == wave_id:
            return each
    raise RefusedError(
        "the poll book lists no wave with this id that you can draw for;"
        " see the ids in the reply of GET /v1/sync"
    )


def _draw_request(pending: Draw) -> DrawRequest:
    return DrawRequest(pending.wave_id, pending.kid, pending.blinded)


def _saved_response(body: bytes) -> Response:
    """The response of a saved body: a problem has its own status, others are 200."""
    saved = JsonObject.from_json(body, "the saved reply", UnexpectedReply)
    status = saved.raw.get("status")
    if isinstance(status, int) and isinstance(saved.raw.get("code"), str):
        return Response(status, {"content-type": replies.PROBLEM_MEDIA_TYPE}, body)
    return Response(200, {"content-type": replies.JSON_MEDIA_TYPE}, body)
