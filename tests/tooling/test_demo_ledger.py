"""The reconciliation of ``make demo``: answers that were lost or counted twice."""

import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest

from demo import reconciliation
from demo.fleet import LostReplies
from demo.reconciliation import Reconciliation
from rapport_client import Request, Response, TransportFailure
from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client._outbox.records import FrozenItem
from rapport_client._protocol import base64url
from rapport_client.device import DEFAULT_PERSON

WAVE = uuid4()
PUBLIC_ID = f"acme.{WAVE}"
BALLOTS = [bytes([number]) * 32 for number in range(3)]


def service_database(folder, counted, answers):
    """The database of a sealed wave, with the tables that are counted."""
    path = folder / "service.db"
    with closing(sqlite3.connect(path)) as rows, rows:
        rows.execute(
            "CREATE TABLE spent_ballots (organization_id, wave_id, ballot_hash, status)"
        )
        rows.execute("CREATE TABLE answers (organization_id, wave_id)")
        rows.executemany(
            "INSERT INTO spent_ballots VALUES ('acme', ?, ?, ?)",
            [(WAVE.hex, ballot, status) for ballot, status in counted.items()],
        )
        rows.executemany(
            "INSERT INTO answers VALUES ('acme', ?)", [(WAVE.hex,)] * answers
        )
    return path


def answer(ballot):
    """An answer under a ballot, as a device freezes it."""
    return FrozenItem(
        op="submit",
        wave_id=PUBLIC_ID,
        ballot="a.b.c",
        hash=base64url.encode(ballot),
        envelope=bytes(337),
        digest=base64url.digest(bytes(337)),
        keep_seconds=0,
        epoch="epoch",
        at=0.0,
        retires_at=1.0,
    )


@pytest.fixture
def outboxes(tmp_path):
    """Three devices, each with one answer given."""
    files = []
    for number, ballot in enumerate(BALLOTS):
        files.append(tmp_path / f"{number}.db")
        with closing(Database(files[-1])) as database:
            Outbox(Namespace.for_person(database, DEFAULT_PERSON)).add(answer(ballot))
    return files


def reconcile(folder, outboxes, statuses, answers):
    counted = dict(zip(BALLOTS, statuses, strict=False))
    database = service_database(folder, counted, answers)
    return reconciliation.reconcile(database, PUBLIC_ID, outboxes)


def test_a_perfect_wave_has_nothing_lost_or_doubled(tmp_path, outboxes):
    result = reconcile(tmp_path, outboxes, ["accepted"] * 3, answers=3)

    assert result == Reconciliation(answered=3, accepted=3, lost=0, doubled=0)


def test_an_answer_that_never_arrived_is_lost(tmp_path, outboxes):
    result = reconcile(tmp_path, outboxes, ["accepted"] * 2, answers=2)

    assert result == Reconciliation(answered=3, accepted=2, lost=1, doubled=0)


def test_an_answer_that_is_not_counted_is_lost(tmp_path, outboxes):
    result = reconcile(tmp_path, outboxes, ["accepted", "accepted", "late"], answers=2)

    assert result == Reconciliation(answered=3, accepted=2, lost=1, doubled=0)


def test_a_second_copy_does_not_hide_a_loss(tmp_path, outboxes):
    result = reconcile(tmp_path, outboxes, ["accepted"] * 2, answers=3)

    assert result == Reconciliation(answered=3, accepted=2, lost=1, doubled=1)


class Echo:
    def __init__(self):
        self.carried = 0

    def send(self, request):
        self.carried += 1
        return Response(200, {}, request.body)


def test_every_tenth_reply_is_lost_after_the_request_was_carried():
    echo, losses = Echo(), LostReplies(every=10)
    transports = [losses(echo), losses(echo)]
    request = Request("GET", "http://127.0.0.1/", {})

    lost = 0
    for turn in range(40):
        try:
            transports[turn % 2].send(request)
        except TransportFailure:
            lost += 1

    assert (echo.carried, lost, losses.lost) == (40, 4, 4)
