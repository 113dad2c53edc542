"""The rows of the ballot box, as its door may touch them.

That door can put content in and take it away, but cannot read it back: it never asks
for the columns that hold what people said.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.orm import Session

from rapport_service.ballotbox.ballot_state import BallotState
from rapport_service.ballotbox.models import (
    Conflict,
    CountedBallot,
    StoredStatus,
    Submission,
)
from rapport_service.ballotbox.parsing import Reason, SubmittedItem
from rapport_service.ballotbox.verdict import NOTHING_SAID, Verdict
from rapport_service.core.db import insert_missing, insert_new

CONFLICT_SLOTS = (1, 2)
"""Where a ballot's other contents are kept: two, and no more."""

BallotId = tuple[str, str, bytes]
"""A ballot's identity: organization, key id, hash of its R."""


def ballot_id(item: SubmittedItem) -> BallotId:
    """The identity of an item's ballot."""
    return item.ballot.organization_id, item.ballot.kid, item.ballot.hash


def counted_states(
    session: Session, keys: Collection[BallotId]
) -> dict[BallotId, BallotState]:
    """How those of the ballots stand that a release counts."""
    rows = session.execute(
        select(
            CountedBallot.organization_id,
            CountedBallot.kid,
            CountedBallot.ballot_hash,
            CountedBallot.digest,
            CountedBallot.status,
        ).where(_is_among(CountedBallot, keys))
    )
    return {
        (row.organization_id, row.kid, row.ballot_hash): BallotState(
            row.status, None, row.digest, counted=True
        )
        for row in rows
    }


def insert_first(
    session: Session, first_items: Mapping[BallotId, tuple[SubmittedItem, Verdict]]
) -> set[BallotId]:
    """Stores the first items of ballots that have no row yet; the keys of these."""
    rows = [
        {
            **_key_columns(key),
            "digest": item.digest,
            "content": item.content,
            **verdict,
        }
        for key, (item, verdict) in sorted(
            first_items.items(), key=lambda pair: pair[0]
        )
    ]
    inserted = insert_new(session, Submission, rows)
    return {(organization, kid, hashed) for organization, kid, hashed in inserted}


def lock_states(
    session: Session, keys: Collection[BallotId], *, late_key_ids: Collection[str]
) -> dict[BallotId, BallotState]:
    """How the ballots stand that lie in the box; nobody else changes them until commit.

    Rows are locked in key order, after all insertions of the same batch were made in
    key order: no two batches wait for each other in a circle.

    Args:
        session: behind the ballot-box door.
        keys: of the ballots.
        late: the key ids of waves whose seal has begun.
    """
    rows = session.execute(
        select(
            Submission.organization_id,
            Submission.kid,
            Submission.ballot_hash,
            Submission.digest,
            Submission.status,
            Submission.reason,
        )
        .where(_is_among(Submission, keys))
        .order_by(Submission.organization_id, Submission.kid, Submission.ballot_hash)
        .with_for_update()
    )
    return {
        (row.organization_id, row.kid, row.ballot_hash): BallotState(
            row.status,
            None if row.reason is None else Reason(row.reason),
            row.digest,
            counted=row.status == StoredStatus.ACCEPTED and row.kid in late_key_ids,
        )
        for row in rows
    }


def store_conflicts(session: Session, items: Sequence[SubmittedItem]) -> None:
    """Takes two other contents of a ballot into custody; more are only answered.

    Each is offered both slots. One that has a slot already, or finds none free, is
    turned away by the index, never by a look beforehand.
    """
    rows = [
        {
            **_key_columns(ballot_id(item)),
            "digest": item.digest,
            "content": item.content,
        }
        for item in sorted(items, key=ballot_id)
    ]
    for slot in CONFLICT_SLOTS:
        insert_missing(session, Conflict, [row | {"slot": slot} for row in rows])


def erase(session: Session, keys: Collection[BallotId]) -> None:
    """Leaves of these ballots that they were withdrawn, and nothing else."""
    if not keys:
        return
    session.execute(
        update(Submission)
        .where(_is_among(Submission, keys))
        .values(digest=None, content=None, **NOTHING_SAID)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Conflict)
        .where(_is_among(Conflict, keys))
        .execution_options(synchronize_session=False)
    )


def _key_columns(key: BallotId) -> dict[str, object]:
    return dict(zip(("organization_id", "kid", "ballot_hash"), key, strict=True))


def _is_among(
    table: type[Submission | Conflict | CountedBallot], keys: Collection[BallotId]
) -> ColumnElement[bool]:
    return tuple_(table.organization_id, table.kid, table.ballot_hash).in_(sorted(keys))
