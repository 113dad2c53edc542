"""Mutations: ways to break the service or the SDK, which chaos must detect.

A mutation is patched in from outside when a program starts; the products know nothing
of it. Imports wait until a mutation is wanted, so that the others load nothing.
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
"""Seconds by which a delayed commit comes too late."""

SEAL_WINDOW_SECONDS = 5.0
"""Seconds before a seal in which a submission that has read its wave is held back."""

MAX_SEAL_WAIT_SECONDS = 20.0
"""Seconds for which that submission waits to see its wave sealed."""

POLL_SECONDS = 0.1
"""Seconds between two reads of the wave's state."""


@dataclass(frozen=True)
class Mutation:
    """One way to break a product.

    Attributes:
        apply: patches the product, in the program that calls it.
        target_invariants: the invariants that it breaks by its nature; one of them has
            to detect it. Others may break as well, but would prove nothing.
    """

    apply: Callable[[], None]
    target_invariants: frozenset[str]

    @classmethod
    def of(cls, apply: Callable[[], None], *target_invariants: str) -> Self:
        """A mutation and the names of its target invariants."""
        return cls(apply, frozenset(target_invariants))


def replace_attribute(owner: Any, name: str, replacement: object) -> None:
    """Replaces an attribute of a module or class, which has to exist.

    Raises:
        AttributeError: the owner has no such attribute: it was renamed or has moved, so
            that the mutation would change nothing.
    """
    getattr(owner, name)
    setattr(owner, name, replacement)


def result_before_commit() -> None:
    """Answers are acknowledged first and committed afterwards."""
    from rapport_service.api.resources import ballot_box

    original = vars(ballot_box)["transaction"]

    @contextmanager
    def delayed_transaction(door: Any) -> Iterator[Any]:
        block = original(door)
        yield block.__enter__()
        threading.Timer(
            COMMIT_DELAY_SECONDS, block.__exit__, (None, None, None)
        ).start()

    replace_attribute(ballot_box, "transaction", delayed_transaction)


def used_ballot_counts_again() -> None:
    """A ballot that was used may be used again, and counts again."""
    import secrets

    from rapport_service.ballotbox import repository
    from rapport_service.ballotbox.models import Submission

    original = vars(repository)["insert_new"]

    def insert_always(
        session: Any, table: Any, rows: list[dict[str, Any]]
    ) -> set[tuple[Any, ...]]:
        inserted: set[tuple[Any, ...]] = original(session, table, rows)
        if table is not Submission:
            return inserted
        for row in rows:
            key = (row["organization_id"], row["kid"], row["ballot_hash"])
            if key not in inserted:
                copy = row | {"ballot_hash": secrets.token_bytes(32)}
                original(session, table, [copy])
                inserted.add(key)
        return inserted

    replace_attribute(repository, "insert_new", insert_always)


def last_envelope_wins() -> None:
    """The last envelope under a ballot replaces the first."""
    from sqlalchemy import update

    from rapport_service.ballotbox import repository
    from rapport_service.ballotbox.models import Submission

    original = vars(repository)["insert_new"]

    def insert_or_replace(
        session: Any, table: Any, rows: list[dict[str, Any]]
    ) -> set[tuple[Any, ...]]:
        inserted: set[tuple[Any, ...]] = original(session, table, rows)
        for row in rows if table is Submission else []:
            key = {n: row[n] for n in ("organization_id", "kid", "ballot_hash")}
            session.execute(update(Submission).filter_by(**key).values(**row))
        return inserted

    replace_attribute(repository, "insert_new", insert_or_replace)


def seal_without_the_lock() -> None:
    """The seal does not wait for submissions that have read their wave."""
    from sqlalchemy import Select, select

    from rapport_schemas.enums import WaveState
    from rapport_service.ballotbox import service
    from rapport_service.registry.models import Wave

    original = service._lock_waves

    def read_waves(session: Any, items: Any) -> Any:
        waves = original(session, items)
        for wave in waves.values():
            seconds_left = (wave.seals_at - datetime.now(UTC)).total_seconds()
            if not 0 < seconds_left < SEAL_WINDOW_SECONDS:
                continue
            state = select(Wave.state).filter_by(wave_id=wave.wave_id)
            for _ in range(int(MAX_SEAL_WAIT_SECONDS / POLL_SECONDS)):
                if session.scalar(state) == WaveState.SEALED:
                    break
                time.sleep(POLL_SECONDS)
        return waves

    replace_attribute(service, "_lock_waves", read_waves)
    replace_attribute(Select, "with_for_update", lambda select, **_: select)


def answer_left_out_at_the_seal() -> None:
    """The seal counts one answer less than there are."""
    from rapport_service.releases import publish

    original = publish._open_ballots

    def open_all_but_one(*arguments: Any) -> Iterator[Any]:
        ballots = original(*arguments)
        next(ballots, None)
        return ballots

    replace_attribute(publish, "_open_ballots", open_all_but_one)


def release_not_kept() -> None:
    """The sealing job keeps no release in its folder."""
    from rapport_service.releases.sealing_keys import SealingFolders

    replace_attribute(SealingFolders, "store_release", lambda *_: None)


def withdrawal_forgotten() -> None:
    """A withdrawal is granted, and the answer stays."""
    from rapport_service.ballotbox import repository

    replace_attribute(repository, "erase", lambda *_: None)


def bad_item_spoils_its_batch() -> None:
    """One unreadable item makes its whole request unreadable."""
    from rapport_schemas.enums import SubmissionStatus
    from rapport_service.api.resources import ballot_box

    original = vars(ballot_box)["submit"]

    def submit_all_or_nothing(session: Any, items: Any) -> Any:
        results = original(session, items)
        rejected = [
            result for result in results if result.status == SubmissionStatus.REJECTED
        ]
        return rejected[:1] * len(results) or results

    replace_attribute(ballot_box, "submit", submit_all_or_nothing)


def signatures_not_checked() -> None:
    """A ballot needs no signature, only the name of a key."""
    from rapport_service.ballotbox import service

    replace_attribute(service, "verify", lambda *_: None)


def settled_on_any_200() -> None:
    """A phone settles its items on any reply that looks like success."""
    from rapport_client._protocol import send

    original = send.read_reply

    def accept_any_200(response: Any, items: Any, batch: str) -> Any:
        if response.status == HTTPStatus.OK:
            return [send.SubmissionResult("accepted", None) for _ in items]
        return original(response, items, batch)

    replace_attribute(send, "read_reply", accept_any_200)


def echoes_not_compared() -> None:
    """A phone takes results in the order of arrival, without comparing echoes."""
    from rapport_client._protocol import send

    replace_attribute(send, "_check_echo", lambda *_: None)


def in_flight_forgotten() -> None:
    """A phone that died while it was sending never sends that item again."""
    from rapport_client._outbox.queue import Queue

    replace_attribute(Queue, "recover", lambda _: None)


def new_epoch_ignored() -> None:
    """A phone learns that the service was restored, and offers nothing again."""
    from rapport_client._outbox import retention

    replace_attribute(retention, "reoffer", lambda *_: 0)


def answers_kept_in_memory() -> None:
    """An answer is on disk only when the phone is closed in order."""
    from rapport_client import FieldDevice
    from rapport_client._outbox.outbox import Outbox

    original_insert, original_close = Outbox.insert, FieldDevice.close
    kept: list[Any] = []

    def add_on_close(device: Any) -> None:
        for outbox, frozen in kept:
            with outbox._namespace.write() as rows:
                original_insert(outbox, rows, frozen)
        kept.clear()
        original_close(device)

    replace_attribute(
        Outbox, "insert", lambda outbox, _, frozen: kept.append((outbox, frozen))
    )
    replace_attribute(FieldDevice, "close", add_on_close)


def origin_forgotten() -> None:
    """A phone speaks to whatever address it is opened with, once it is enrolled."""
    from rapport_client._outbox.origins import Origins
    from rapport_client._sync.account import DeviceFile

    original = DeviceFile.enrolled_origins

    def take_given(file: DeviceFile) -> Origins | None:
        given, file._server = file._server, None
        try:
            stored = original(file)
        finally:
            file._server = given
        return Origins(given, given) if stored and given else stored

    replace_attribute(DeviceFile, "enrolled_origins", take_given)


def any_date_believed() -> None:
    """A phone believes every ``Date`` that a reply has, and asks no other witness."""
    from rapport_client._sync import clock
    from rapport_client._sync.time_evidence import TimeSource

    original = vars(clock)["choose_time"]

    def believe(window: Any, date: Any, corrected: Any, wall: Any) -> Any:
        if date is not None:
            return TimeSource.DATE
        return original(window, date, corrected, wall)

    replace_attribute(clock, "choose_time", believe)


def clock_leap_followed() -> None:
    """A tick believes its clock, however far it has leapt since the last one."""
    from rapport_service.registry import due_steps

    replace_attribute(due_steps, "must_wait", lambda *_: False)


def any_roster_put() -> None:
    """A roster is put without a question, however many people it removes."""
    from rapport_service.agency import roster

    replace_attribute(roster, "require_confirmed_removals", lambda *_: None)


def right_kept_with_the_token() -> None:
    """A removed administrator goes on until the token and the device end."""
    from rapport_service.api import auth
    from rapport_service.pollbook import administrators

    replace_attribute(auth, "keep_rights", lambda _, bearer: bearer)
    replace_attribute(administrators, "end_access", lambda *_: None)


def any_successor_taken() -> None:
    """Any genuine refresh token is good, however old."""
    from rapport_service.pollbook import enrolment

    replace_attribute(enrolment, "is_successor", lambda *_: True)


def next_token_alone_taken() -> None:
    """Only the token in use and the very next one are good."""
    from rapport_service.pollbook import enrolment

    def follows(in_use: Any, presented: Any) -> bool:
        return bool(presented == in_use or presented[0] == in_use[0] + 1)

    replace_attribute(enrolment, "is_successor", follows)


SERVICE_MUTATIONS: Mapping[str, Mutation] = {
    "result before commit": Mutation.of(result_before_commit, "I3"),
    "used ballot counts again": Mutation.of(used_ballot_counts_again, "I2"),
    "last envelope wins": Mutation.of(last_envelope_wins, "I3", "I7"),
    "seal without the lock": Mutation.of(seal_without_the_lock, "I2", "I18"),
    "answer left out at the seal": Mutation.of(answer_left_out_at_the_seal, "I18"),
    "release not kept": Mutation.of(release_not_kept, "I27"),
    "withdrawal forgotten": Mutation.of(withdrawal_forgotten, "I11"),
    "bad item spoils its batch": Mutation.of(bad_item_spoils_its_batch, "I6"),
    "signatures not checked": Mutation.of(signatures_not_checked, "I19"),
    "clock leap followed": Mutation.of(clock_leap_followed, "I25"),
    "any roster put": Mutation.of(any_roster_put, "I26"),
    "right kept with the token": Mutation.of(right_kept_with_the_token, "I28"),
    "any successor taken": Mutation.of(any_successor_taken, "I29"),
    "next token alone taken": Mutation.of(next_token_alone_taken, "I30"),
}

SDK_MUTATIONS: Mapping[str, Mutation] = {
    "settled on any 200": Mutation.of(settled_on_any_200, "I1", "I17"),
    "echoes not compared": Mutation.of(echoes_not_compared, "I17"),
    "in-flight items forgotten": Mutation.of(in_flight_forgotten, "I1"),
    "new epoch ignored": Mutation.of(new_epoch_ignored, "I20"),
    "answers kept in memory": Mutation.of(answers_kept_in_memory, "I1"),
    "origin forgotten": Mutation.of(origin_forgotten, "I23"),
    "any date believed": Mutation.of(any_date_believed, "I24"),
}
