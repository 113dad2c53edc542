"""Ways to break the service or the SDK, each of which the harness must notice.

A break is patched in from outside when a program starts. The products know nothing of
it, and imports wait until a break is wanted, so that the others load nothing.
"""
# ruff: noqa: PLC0415

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Break = Callable[[], None]

LATER = 1.0
"""Seconds by which a broken commit comes too late."""


def result_before_commit() -> None:
    """Answers are acknowledged first and committed afterwards."""
    from rapport_service.api import ballot_box

    honest = ballot_box.transaction

    @contextmanager
    def hasty(door: Any) -> Iterator[Any]:
        block = honest(door)
        yield block.__enter__()
        threading.Timer(LATER, block.__exit__, (None, None, None)).start()

    vars(ballot_box)["transaction"] = hasty


def dedupe_off() -> None:
    """A ballot that has spoken may speak again, and counts again."""
    import secrets

    from rapport_service.ballotbox import box
    from rapport_service.ballotbox.models import Submission

    honest = box.insert_new

    def again(session: Any, table: Any, rows: list[dict[str, Any]]) -> set[Any]:
        inserted = honest(session, table, rows)
        if table is not Submission:
            return inserted
        for row in rows:
            key = (row["organization_id"], row["kid"], row["ballot_hash"])
            if key not in inserted:
                honest(session, table, [row | {"ballot_hash": secrets.token_bytes(32)}])
                inserted.add(key)
        return inserted

    vars(box)["insert_new"] = again


def last_content_wins() -> None:
    """Whoever speaks last under a ballot is believed."""
    from sqlalchemy import update

    from rapport_service.ballotbox import box
    from rapport_service.ballotbox.models import Submission

    honest = box.insert_new

    def replace(session: Any, table: Any, rows: list[dict[str, Any]]) -> set[Any]:
        inserted = honest(session, table, rows)
        for row in rows if table is Submission else []:
            key = {n: row[n] for n in ("organization_id", "kid", "ballot_hash")}
            session.execute(update(Submission).filter_by(**key).values(**row))
        return inserted

    vars(box)["insert_new"] = replace


def seal_without_the_lock() -> None:
    """The seal does not wait for submissions that have looked at their wave."""
    from sqlalchemy import Select

    from rapport_service.ballotbox import submit

    honest = submit._lock_waves

    def look(*arguments: Any) -> Any:
        waves = honest(*arguments)
        time.sleep(LATER)
        return waves

    vars(submit)["_lock_waves"] = look
    vars_of_select: Any = Select
    vars_of_select.with_for_update = lambda self, **_: self


def last_answer_left_out() -> None:
    """The seal counts one answer less than there are."""
    from rapport_service.waves import seal

    honest = seal._accepted
    vars(seal)["_accepted"] = lambda *arguments: honest(*arguments)[:-1]


def release_on_any_200() -> None:
    """A phone lets go of an answer on any reply that looks like success."""
    from rapport_client.flows import send

    honest = send.read

    def trusting(response: Any, *arguments: Any) -> Any:
        if response.status == 200:
            return send.Verdict("accepted", None)
        return honest(response, *arguments)

    vars(send)["read"] = trusting


def in_flight_forgotten() -> None:
    """A phone that died while it was sending never takes that answer up again."""
    from rapport_client.store import outbox

    def nothing_to_do(self: Any, database: Any) -> None:
        self._database = database

    vars_of_outbox: Any = outbox.Outbox
    vars_of_outbox.__init__ = nothing_to_do


SERVICE: dict[str, Break] = {
    "result before commit": result_before_commit,
    "dedupe off": dedupe_off,
    "last content wins": last_content_wins,
    "seal without the lock": seal_without_the_lock,
    "an answer left out at the seal": last_answer_left_out,
}

PHONES: dict[str, Break] = {
    "release on any 200": release_on_any_200,
    "in_flight forgotten on open": in_flight_forgotten,
}
