"""Rows of the ballot box: ballots and answers, without any person or time.

Order is a trace too: all of these tables are stored in key order, and keys are hashes
of random numbers, or random themselves.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rapport_service.agency.models import HASH, ORGANIZATION_ID
from rapport_service.core.db import Base, without_rowid
from rapport_service.registry.models import DIGEST, KID


class StoredStatus(StrEnum):
    """Status of a stored submission."""

    ACCEPTED = "accepted"
    LATE = "late"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Submission(Base):
    """A ballot's content, until the seal; longer while it is held or late.

    ``form`` and ``answers`` are null for held content, which is never shown. A
    withdrawn ballot keeps its status and nothing else. Held content that was discarded
    leaves its digest, which still binds the ballot.
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
    status: Mapped[StoredStatus]
    reason: Mapped[str | None]
    content: Mapped[bytes | None]
    form: Mapped[int | None]
    answers: Mapped[str | None]


class Conflict(Base):
    """Other content under a ballot that was used already. Stored, never counted.

    ``slot`` is part of the key and has two values, so that the database itself refuses
    a third one, also from concurrent requests.
    """

    __tablename__ = "conflicts"
    __table_args__ = without_rowid(
        CheckConstraint("slot IN (1, 2)", name="slot"),
        UniqueConstraint("organization_id", "kid", "ballot_hash", "digest"),
        ForeignKeyConstraint(
            ["organization_id", "kid"],
            ["ballot_keys.organization_id", "ballot_keys.kid"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    kid: Mapped[str] = mapped_column(KID, primary_key=True)
    ballot_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(DIGEST)
    content: Mapped[bytes]


class Answer(Base):
    """Answers of one person to one wave after the seal, under a fresh random key."""

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


class CountedBallot(Base):
    """A counted ballot after the seal: enough to answer a replay, without content."""

    __tablename__ = "counted_ballots"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "kid"],
            ["ballot_keys.organization_id", "ballot_keys.kid"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    kid: Mapped[str] = mapped_column(KID, primary_key=True)
    ballot_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)
    status: Mapped[StoredStatus]
