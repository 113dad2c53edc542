"""Ways to break the service or the SDK, each of which the harness must notice.

A break is patched in from outside when a program starts. The products know nothing of
it, and imports wait until a break is wanted, so that the others load nothing.
"""
# ruff: noqa: PLC0415

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self

COMMIT_DELAY_SECONDS = 2.5
"""Seconds by which a broken commit comes too late."""

SEAL_WINDOW_SECONDS = 5.0
"""Seconds before a seal in which a submission that looks at its wave stays behind."""

MAX_SEAL_WAIT_SECONDS = 20.0
"""Seconds for which it waits to see the seal go by."""

POLL_SECONDS = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True)
class Mutation:
    """One way to break a product.

    Attributes:
        patch: does it, in the program that it is called in.
        against: the invariants that it breaks by its nature; one of them has to notice.
            Others may break beside them, but would not prove that it was understood.
    """

    apply: Callable[[], None]
    target_invariants: frozenset[str]

    @classmethod
    def of(cls, patch: Callable[[], None], *against: str) -> Self:
        """A break and the names of the invariants it is against."""
        return cls(patch, frozenset(against))


def result_before_commit() -> None:
    """Answers are acknowledged first and committed afterwards."""
    from rapport_service.api.resources import ballot_box

    honest = vars(ballot_box)["transaction"]

    @contextmanager
    def hasty(door: Any) -> Iterator[Any]:
        block = honest(door)
        yield block.__enter__()
        threading.Timer(
            COMMIT_DELAY_SECONDS, block.__exit__, (None, None, None)
        ).start()

    vars(ballot_box)["transaction"] = hasty


def dedupe_off() -> None:
    """A ballot that has spoken may speak again, and counts again."""
    import secrets

    from rapport_service.ballotbox import repository
    from rapport_service.ballotbox.models import Submission

    honest = vars(repository)["insert_new"]

    def again(session: Any, table: Any, rows: list[dict[str, Any]]) -> set[Any]:
        inserted: set[Any] = honest(session, table, rows)
        if table is not Submission:
            return inserted
        for row in rows:
            key = (row["organization_id"], row["kid"], row["ballot_hash"])
            if key not in inserted:
                honest(session, table, [row | {"ballot_hash": secrets.token_bytes(32)}])
                inserted.add(key)
        return inserted

    vars(repository)["insert_new"] = again


def last_content_wins() -> None:
    """Whoever speaks last under a ballot is believed."""
    from sqlalchemy import update

    from rapport_service.ballotbox import repository
    from rapport_service.ballotbox.models import Submission

    honest = vars(repository)["insert_new"]

    def replace(session: Any, table: Any, rows: list[dict[str, Any]]) -> set[Any]:
        inserted: set[Any] = honest(session, table, rows)
        for row in rows if table is Submission else []:
            key = {n: row[n] for n in ("organization_id", "kid", "ballot_hash")}
            session.execute(update(Submission).filter_by(**key).values(**row))
        return inserted

    vars(repository)["insert_new"] = replace


def seal_without_the_lock() -> None:
    """The seal does not wait for submissions that have looked at their wave."""
    from sqlalchemy import Select, select

    from rapport_service.ballotbox import service
    from rapport_service.registry.models import Wave, WaveState

    honest = service._lock_waves

    def look(session: Any, named: Any) -> Any:
        waves = honest(session, named)
        for wave in waves.values():
            left = (wave.seals_at - datetime.now(UTC)).total_seconds()
            if not 0 < left < SEAL_WINDOW_SECONDS:
                continue
            state = select(Wave.state).filter_by(wave_id=wave.wave_id)
            for _ in range(int(MAX_SEAL_WAIT_SECONDS / POLL_SECONDS)):
                if session.scalar(state) == WaveState.SEALED:
                    break
                time.sleep(POLL_SECONDS)
        return waves

    vars(service)["_lock_waves"] = look
    _replace(Select, "with_for_update", lambda select, **_: select)


def last_answer_left_out() -> None:
    """The seal counts one answer less than there are."""
    from rapport_service.releases import seal

    honest = seal._load_accepted
    vars(seal)["_load_accepted"] = lambda *arguments: honest(*arguments)[:-1]


def withdrawal_forgotten() -> None:
    """A withdrawal is granted, and the answer stays."""
    from rapport_service.ballotbox import repository

    vars(repository)["erase"] = lambda *_: None


def poison_spoils_its_batch() -> None:
    """Where one item cannot be read, none of its request is."""
    from rapport_service.api.resources import ballot_box
    from rapport_service.ballotbox.parsing import Status

    honest = vars(ballot_box)["submit"]

    def all_or_nothing(session: Any, raws: Any) -> Any:
        results = honest(session, raws)
        bad = [result for result in results if result.status == Status.REJECTED]
        return bad[:1] * len(results) or results

    vars(ballot_box)["submit"] = all_or_nothing


def signatures_not_checked() -> None:
    """Whoever knows a key's name may make ballots."""
    from rapport_service.ballotbox import service

    vars(service)["verify"] = lambda *_: None


def release_on_any_200() -> None:
    """A phone lets go of its items on any reply that looks like success."""
    from rapport_client._protocol import send

    honest = send.read_reply

    def trusting(response: Any, items: Any, batch: str) -> Any:
        if response.status == HTTPStatus.OK:
            return [send.SubmissionResult("accepted", None) for _ in items]
        return honest(response, items, batch)

    vars(send)["read_reply"] = trusting


def echoes_not_compared() -> None:
    """A phone takes results in the order in which they come, whosever they are."""
    from rapport_client._protocol import send

    vars(send)["_check_echo"] = lambda *_: None


def in_flight_forgotten() -> None:
    """A phone that died while it was sending never takes that item up again."""
    from rapport_client._outbox.queue import Queue

    _replace(Queue, "recover", lambda _: None)


def epoch_ignored() -> None:
    """A phone hears that the service was restored, and offers nothing again."""
    from rapport_client._outbox import retention

    vars(retention)["reoffer"] = lambda *_: 0


def answers_kept_in_memory() -> None:
    """An answer is on disk only when the phone is put away in order."""
    from rapport_client import FieldDevice
    from rapport_client._outbox.outbox import Outbox

    honest, close = Outbox.add, FieldDevice.close
    kept: list[Any] = []

    def put_away(device: Any) -> None:
        for outbox, frozen in kept:
            honest(outbox, frozen)
        kept.clear()
        close(device)

    _replace(Outbox, "add", lambda outbox, frozen: kept.append((outbox, frozen)))
    _replace(FieldDevice, "close", put_away)


def _replace(owner: Any, name: str, by: Any) -> None:
    setattr(owner, name, by)


SERVICE_MUTATIONS: Mapping[str, Mutation] = {
    "result before commit": Mutation.of(result_before_commit, "I3"),
    "dedupe off": Mutation.of(dedupe_off, "I2"),
    "last content wins": Mutation.of(last_content_wins, "I3", "I7"),
    "seal without the lock": Mutation.of(seal_without_the_lock, "I2", "I18"),
    "an answer left out at the seal": Mutation.of(last_answer_left_out, "I1", "I3"),
    "withdrawal forgotten": Mutation.of(withdrawal_forgotten, "I11"),
    "poison spoils its batch": Mutation.of(poison_spoils_its_batch, "I6"),
    "signatures not checked": Mutation.of(signatures_not_checked, "I19"),
}

SDK_MUTATIONS: Mapping[str, Mutation] = {
    "release on any 200": Mutation.of(release_on_any_200, "I1", "I17"),
    "echoes not compared": Mutation.of(echoes_not_compared, "I17"),
    "in_flight forgotten on open": Mutation.of(in_flight_forgotten, "I1"),
    "epoch ignored": Mutation.of(epoch_ignored, "I20"),
    "answers kept in memory": Mutation.of(answers_kept_in_memory, "I1"),
}
