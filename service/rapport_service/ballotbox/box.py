"""The rows of the ballot box, as its door may touch them.

That door can put content in and take it away, but cannot read it back: it never asks
for the columns that hold what people said.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.orm import Session

from rapport_service.ballotbox.fate import Stand
from rapport_service.ballotbox.items import Item, Reason
from rapport_service.ballotbox.models import Conflict, Spent, Standing, Submission
from rapport_service.ballotbox.verdict import NOTHING_SAID, Verdict
from rapport_service.db import insert_missing, insert_new

PLACES = (1, 2)
"""Where a ballot's other contents are kept: two, and no more."""

Key = tuple[str, str, bytes]
"""A ballot's identity: organization, key id, hash of its R."""


def key_of(item: Item) -> Key:
    """The identity of an item's ballot."""
    return item.ballot.organization_id, item.ballot.kid, item.ballot.hash


def spent(session: Session, keys: Collection[Key]) -> dict[Key, Stand]:
    """How those of the ballots stand that a release counts."""
    rows = session.execute(
        select(
            Spent.organization_id,
            Spent.kid,
            Spent.ballot_hash,
            Spent.digest,
            Spent.standing,
        ).where(_is_among(Spent, keys))
    )
    return {
        (row.organization_id, row.kid, row.ballot_hash): Stand(
            row.standing, None, row.digest, counted=True
        )
        for row in rows
    }


def insert(session: Session, firsts: Mapping[Key, tuple[Item, Verdict]]) -> set[Key]:
    """Stores the first items of ballots that have no row yet; the keys of these."""
    rows = [
        {
            **_named(key),
            "digest": item.digest,
            "content": item.content,
            **verdict,
        }
        for key, (item, verdict) in sorted(firsts.items(), key=lambda pair: pair[0])
    ]
    inserted = insert_new(session, Submission, rows)
    return {(organization, kid, hashed) for organization, kid, hashed in inserted}


def locked(
    session: Session, keys: Collection[Key], *, late: Collection[str]
) -> dict[Key, Stand]:
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
            Submission.standing,
            Submission.reason,
        )
        .where(_is_among(Submission, keys))
        .order_by(Submission.organization_id, Submission.kid, Submission.ballot_hash)
        .with_for_update()
    )
    return {
        (row.organization_id, row.kid, row.ballot_hash): Stand(
            row.standing,
            None if row.reason is None else Reason(row.reason),
            row.digest,
            counted=row.standing == Standing.ACCEPTED and row.kid in late,
        )
        for row in rows
    }


def keep_conflicts(session: Session, items: Sequence[Item]) -> None:
    """Takes two other contents of a ballot into custody; more are only answered.

    Each is offered both places. One that has a place already, or finds none free, is
    turned away by the index, never by a look beforehand.
    """
    rows = [
        {**_named(key_of(item)), "digest": item.digest, "content": item.content}
        for item in sorted(items, key=key_of)
    ]
    for place in PLACES:
        insert_missing(session, Conflict, [row | {"place": place} for row in rows])


def erase(session: Session, keys: Collection[Key]) -> None:
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


def _named(key: Key) -> dict[str, object]:
    return dict(zip(("organization_id", "kid", "ballot_hash"), key, strict=True))


def _is_among(
    table: type[Submission | Conflict | Spent], keys: Collection[Key]
) -> ColumnElement[bool]:
    return tuple_(table.organization_id, table.kid, table.ballot_hash).in_(sorted(keys))
