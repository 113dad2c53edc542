"""Sends what waits: one answer after another, until one has an unknown outcome."""

import secrets
from collections.abc import Callable

from rapport_client import b64
from rapport_client.errors import RapportError
from rapport_client.flows.send import Verdict, submit
from rapport_client.report import Tally
from rapport_client.store.outbox import Outbox
from rapport_client.wire import Request, Response, drive

_BATCH_BYTES = 16


def send_waiting(
    outbox: Outbox, ballot_box: str, send: Callable[[Request], Response], tally: Tally
) -> None:
    """Sends the queued answers, oldest first, each in a request of its own.

    An answer leaves the queue only by an exact reply. Whatever else happens, its
    outcome is unknown: it is queued again and the rest waits with it, since the next
    request would most likely fare no better.

    Args:
        outbox: the queue.
        ballot_box: the origin of the ballot-box door.
        send: carries a request.
        tally: what the service says is added to it.
    """
    while taken := outbox.take():
        seq, item = taken
        try:
            verdict = drive(submit(ballot_box, item, new_batch()), send)
            outbox.conclude(seq, verdict)
        except RapportError as problem:
            tally.stopped_by(problem)
            return
        finally:
            outbox.put_back(seq)
        tally.statuses.append(verdict.status)
        tally.notices += _notices(verdict)


def new_batch() -> str:
    """A fresh random text for one request, which its reply must echo."""
    return b64.encode(secrets.token_bytes(_BATCH_BYTES))


def _notices(verdict: Verdict) -> list[str]:
    reason = verdict.reason or "no reason was given"
    match verdict.status:
        case "final":
            return [f"An answer can no longer be counted: {reason}"]
        case "rejected":
            return [f"An answer was refused and stays on this device: {reason}"]
        case _:
            return []
