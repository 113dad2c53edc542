"""Rows of the ballot box: ballots and envelopes, without any person or time.

Order is a trace too: all of these tables are stored in key order, and keys are hashes
of random numbers, or random themselves.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rapport_service.agency.models import HASH, ORGANIZATION_ID
from rapport_service.core.db import Base, without_rowid
from rapport_service.registry.models import DIGEST, KID


class StoredStatus(StrEnum):
    """Status of a stored submission."""

    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Submission(Base):
    """A used ballot and its envelope, until the seal.

    A withdrawn ballot keeps its status and nothing else.
    """

    __tablename__ = "submissions"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "kid"],
            ["ballot_keys.organization_id", "ballot_keys.kid"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    kid: Mapped[str] = mapped_column(KID, primary_key=True)
    ballot_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[str | None] = mapped_column(DIGEST)
    envelope: Mapped[bytes | None]
    status: Mapped[StoredStatus]


class Answer(Base):
    """Answers of one person to one wave after the seal, under a fresh random key.

    ``team_id`` is the atom: the nearest released team at or above the one that the
    ballot's key belongs to. Where nothing is released, no row is written.
    """

    __tablename__ = "answers"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    answer_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID]
    form: Mapped[int]
    answers: Mapped[str]


class SpentBallot(Base):
    """A used ballot after the seal: enough to answer a replay, without key or team.

    Two people who agree on one R can use it under two ballot keys. Their two ballots
    are one here: whichever row was written answers for both.
    """

    __tablename__ = "spent_ballots"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    ballot_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[str | None] = mapped_column(DIGEST)
    status: Mapped[StoredStatus]
