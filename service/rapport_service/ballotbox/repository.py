"""Repository of submissions and ballots, within the rights of the ballot-box door.

That door can store envelopes and delete them, but cannot read one back: no query here
names that column but to write it.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_, update
from sqlalchemy.orm import Session

from rapport_service.ballotbox.ballot_state import (
    WITHDRAWN,
    BallotState,
    first_state,
)
from rapport_service.ballotbox.models import SpentBallot, StoredStatus, Submission
from rapport_service.ballotbox.parsing import SubmittedItem
from rapport_service.core.db import insert_new

BallotId = tuple[str, str, bytes]
"""A ballot's identity: organization, key id, hash of its R."""


def ballot_id(item: SubmittedItem) -> BallotId:
    """The identity of an item's ballot."""
    return item.ballot.organization_id, item.ballot.kid, item.ballot.hash


def insert_first(
    session: Session, first_items: Mapping[BallotId, SubmittedItem]
) -> set[BallotId]:
    """Stores the first items of ballots that have no row yet; returns these ballots."""
    rows = []
    for ballot, item in sorted(first_items.items(), key=lambda pair: pair[0]):
        state = first_state(item)
        organization_id, kid, hashed = ballot
        rows.append(
            {
                "organization_id": organization_id,
                "kid": kid,
                "ballot_hash": hashed,
                "digest": state.digest,
                "envelope": None if state == WITHDRAWN else item.envelope,
                "status": state.status,
            }
        )
    inserted = insert_new(session, Submission, rows)
    return {(organization, kid, hashed) for organization, kid, hashed in inserted}


def lock_states(
    session: Session, ballots: Collection[BallotId]
) -> dict[BallotId, BallotState]:
    """The states of the stored ballots, whose rows stay locked until the commit.

    Rows are locked in key order, after all insertions of the same batch were made in
    key order: no two batches wait for each other in a circle.
    """
    return _read_states(session, _select_stored(ballots).with_for_update())


def stored_states(
    session: Session, ballots: Collection[BallotId]
) -> dict[BallotId, BallotState]:
    """The states of ballots whose seal has begun, after which no row changes."""
    return _read_states(session, _select_stored(ballots))


def spent_states(
    session: Session, ballots: Mapping[BallotId, UUID]
) -> dict[BallotId, BallotState]:
    """The states of ballots of sealed waves, which are kept without their key.

    Args:
        session: behind the ballot-box door.
        ballots: to look up, with their waves.
    """
    wanted = {
        (organization_id, wave_id, hashed)
        for (organization_id, _, hashed), wave_id in ballots.items()
    }
    rows = session.execute(
        select(
            SpentBallot.organization_id,
            SpentBallot.wave_id,
            SpentBallot.ballot_hash,
            SpentBallot.status,
            SpentBallot.digest,
        ).where(
            tuple_(
                SpentBallot.organization_id,
                SpentBallot.wave_id,
                SpentBallot.ballot_hash,
            ).in_(sorted(wanted))
        )
    )
    states = {
        (row.organization_id, row.wave_id, row.ballot_hash): BallotState(
            row.status, row.digest
        )
        for row in rows
    }
    return {
        ballot: states[ballot[0], wave_id, ballot[2]]
        for ballot, wave_id in ballots.items()
        if (ballot[0], wave_id, ballot[2]) in states
    }


def erase(session: Session, ballots: Collection[BallotId]) -> None:
    """Deletes the envelopes of withdrawn ballots; only their status stays."""
    if not ballots:
        return
    session.execute(
        update(Submission)
        .where(_is_among(ballots))
        .values(status=WITHDRAWN.status, digest=WITHDRAWN.digest, envelope=None)
        .execution_options(synchronize_session=False)
    )


def _select_stored(
    ballots: Collection[BallotId],
) -> Select[str, str, bytes, StoredStatus, str | None]:
    return (
        select(
            Submission.organization_id,
            Submission.kid,
            Submission.ballot_hash,
            Submission.status,
            Submission.digest,
        )
        .where(_is_among(ballots))
        .order_by(Submission.organization_id, Submission.kid, Submission.ballot_hash)
    )


def _read_states(
    session: Session, query: Select[str, str, bytes, StoredStatus, str | None]
) -> dict[BallotId, BallotState]:
    return {
        (row.organization_id, row.kid, row.ballot_hash): BallotState(
            row.status, row.digest
        )
        for row in session.execute(query)
    }


def _is_among(ballots: Collection[BallotId]) -> ColumnElement[bool]:
    return tuple_(
        Submission.organization_id, Submission.kid, Submission.ballot_hash
    ).in_(sorted(ballots))
