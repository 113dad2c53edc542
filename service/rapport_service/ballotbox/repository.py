"""Repository of submissions and ballots, within the rights of the ballot-box door.

That door can store content and delete it, but cannot read it back: no query here names
a column of content or answers.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import SubmissionReason
from rapport_service.ballotbox.ballot_state import BallotState
from rapport_service.ballotbox.content_check import WITHDRAWN_VERDICT, Verdict
from rapport_service.ballotbox.models import (
    Conflict,
    CountedBallot,
    StoredStatus,
    Submission,
)
from rapport_service.ballotbox.parsing import SubmittedItem
from rapport_service.core.db import insert_missing, insert_new

CONFLICT_SLOTS = (1, 2)
"""Slots for a ballot's conflicting contents: two, and no more."""

BallotId = tuple[str, str, bytes]
"""A ballot's identity: organization, key id, hash of its R."""


def ballot_id(item: SubmittedItem) -> BallotId:
    """The identity of an item's ballot."""
    return item.ballot.organization_id, item.ballot.kid, item.ballot.hash


def counted_states(
    session: Session, ballots: Collection[BallotId]
) -> dict[BallotId, BallotState]:
    """The states of those of the ballots that a release counts."""
    rows = session.execute(
        select(
            CountedBallot.organization_id,
            CountedBallot.kid,
            CountedBallot.ballot_hash,
            CountedBallot.digest,
            CountedBallot.status,
        ).where(_is_among(CountedBallot, ballots))
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
    """Stores the first items of ballots that have no row yet; returns these ballots."""
    rows = [
        {
            **_id_columns(ballot),
            "digest": item.digest,
            "content": item.content,
            **verdict,
        }
        for ballot, (item, verdict) in sorted(
            first_items.items(), key=lambda pair: pair[0]
        )
    ]
    inserted = insert_new(session, Submission, rows)
    return {(organization, kid, hashed) for organization, kid, hashed in inserted}


def lock_states(
    session: Session, ballots: Collection[BallotId], *, late_key_ids: Collection[str]
) -> dict[BallotId, BallotState]:
    """The states of the stored ballots, whose rows stay locked until the commit.

    Rows are locked in key order, after all insertions of the same batch were made in
    key order: no two batches wait for each other in a circle.

    Args:
        session: behind the ballot-box door.
        ballots: to look up.
        late_key_ids: of ballot keys whose wave's seal has begun.
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
        .where(_is_among(Submission, ballots))
        .order_by(Submission.organization_id, Submission.kid, Submission.ballot_hash)
        .with_for_update()
    )
    return {
        (row.organization_id, row.kid, row.ballot_hash): BallotState(
            row.status,
            None if row.reason is None else SubmissionReason(row.reason),
            row.digest,
            counted=row.status == StoredStatus.ACCEPTED and row.kid in late_key_ids,
        )
        for row in rows
    }


def store_conflicts(session: Session, items: Sequence[SubmittedItem]) -> None:
    """Stores up to two conflicting contents of a ballot; more are not kept.

    Each is inserted into both slots. A content that has a slot already, or finds none
    free, is refused by the index, never by a query beforehand.
    """
    rows = [
        {
            **_id_columns(ballot_id(item)),
            "digest": item.digest,
            "content": item.content,
        }
        for item in sorted(items, key=ballot_id)
    ]
    for slot in CONFLICT_SLOTS:
        insert_missing(session, Conflict, [row | {"slot": slot} for row in rows])


def erase(session: Session, ballots: Collection[BallotId]) -> None:
    """Deletes all content of withdrawn ballots; only their status stays."""
    if not ballots:
        return
    session.execute(
        update(Submission)
        .where(_is_among(Submission, ballots))
        .values(digest=None, content=None, **WITHDRAWN_VERDICT)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Conflict)
        .where(_is_among(Conflict, ballots))
        .execution_options(synchronize_session=False)
    )


def _id_columns(ballot: BallotId) -> dict[str, object]:
    return dict(zip(("organization_id", "kid", "ballot_hash"), ballot, strict=True))


def _is_among(
    table: type[Submission | Conflict | CountedBallot], ballots: Collection[BallotId]
) -> ColumnElement[bool]:
    return tuple_(table.organization_id, table.kid, table.ballot_hash).in_(
        sorted(ballots)
    )
