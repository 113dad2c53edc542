"""Reconciliation of a sealed wave: the answers sent against the answers counted."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client._protocol import base64url
from rapport_client.device import DEFAULT_PERSON


@dataclass(frozen=True)
class Reconciliation:
    """The answers of a wave, counted at both ends.

    Attributes:
        answered: answers that devices hold as given.
        accepted: of these, the ballots that the service counted.
        lost: of these, the ballots that the service does not know.
        doubled: counted answers beyond one for each counted ballot.
    """

    answered: int
    accepted: int
    lost: int
    doubled: int


def reconcile(
    database: Path,
    wave: str,
    outboxes: Iterable[Path],
    other_ballots: Iterable[str] = (),
) -> Reconciliation:
    """Counts the answers of a wave after its seal.

    Args:
        database: the service's SQLite file.
        wave: the wave's public id.
        outboxes: the files of all devices.
        other_ballots: hashes of ballots that browsers sent.
    """
    sent = {ballot for file in outboxes for ballot in _sent_ballots(file, wave)}
    sent |= set(other_ballots)
    organization, _, number = wave.partition(".")
    key = organization, UUID(number).hex
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        counted = {
            base64url.encode(ballot)
            for (ballot,) in rows.execute(
                "SELECT ballot_hash FROM spent_ballots WHERE organization_id = ?"
                " AND wave_id = ? AND status = 'accepted'",
                key,
            )
        }
        ((answers,),) = rows.execute(
            "SELECT count(*) FROM answers WHERE organization_id = ? AND wave_id = ?",
            key,
        )
    return Reconciliation(
        answered=len(sent),
        accepted=len(sent & counted),
        lost=len(sent - counted),
        doubled=answers - len(sent & counted),
    )


def _sent_ballots(outbox: Path, wave: str) -> list[str]:
    with closing(Database(outbox)) as database:
        entries = Outbox(Namespace.for_person(database, DEFAULT_PERSON)).entries()
    frozen = [entry.frozen for entry in entries if entry.frozen is not None]
    return [
        item.hash for item in frozen if item.wave_id == wave and item.op == "submit"
    ]
