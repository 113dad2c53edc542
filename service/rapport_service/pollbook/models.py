"""Rows of the poll book: who may answer, who has drawn. Never an answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rapport_schemas.enums import Purpose
from rapport_service.agency.models import HASH, ORGANIZATION_ID
from rapport_service.core.db import Base, without_rowid
from rapport_service.registry.models import KID

ISO_WEEK = String(8)


class EnrolmentCode(Base):
    """A one-time code, stored as a keyed hash; the person it enrols.

    Until a device has used it, it can be made anew under the same id.
    """

    __tablename__ = "enrolment_codes"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
        ),
        UniqueConstraint("organization_id", "code_hash"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    code_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(HASH)
    person_id: Mapped[UUID]
    purpose: Mapped[Purpose]
    expires_at: Mapped[datetime]
    device_id: Mapped[UUID | None]


class Device(Base):
    """An enrolled device and its family of refresh tokens.

    ``generation`` and ``refresh_hash`` are of the refresh token in use; its successors
    are random, and nothing of them is stored until one is presented. ``confirmed`` says
    that a token of this device has been used, hence that the reply to its enrolment
    arrived. ``used_week`` is the ISO week in which tokens were last given, and nothing
    finer: a time of day would stand beside the arrival of answers.
    """

    __tablename__ = "devices"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    purpose: Mapped[Purpose]
    device_hash: Mapped[bytes] = mapped_column(HASH)
    generation: Mapped[int]
    refresh_hash: Mapped[bytes | None] = mapped_column(HASH)
    used_week: Mapped[str] = mapped_column(ISO_WEEK)
    confirmed: Mapped[bool]
    revoked: Mapped[bool]


class ClientSecret(Base):
    """A service client's secret as a keyed hash.

    ``expires_at`` is set once another secret has taken its place.
    """

    __tablename__ = "client_secrets"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "client_id"],
            ["clients.organization_id", "clients.client_id"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(HASH, primary_key=True)
    expires_at: Mapped[datetime | None]


class Elector(Base):
    """A person's right to one ballot of a wave, frozen with the charter.

    ``kid`` is forgotten when the wave seals.
    """

    __tablename__ = "electorate"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID]
    kid: Mapped[str | None] = mapped_column(KID)


class Draw(Base):
    """A ballot drawn. The signature stays until the seal, for replies that got lost."""

    __tablename__ = "draws"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id", "person_id"],
            [
                "electorate.organization_id",
                "electorate.wave_id",
                "electorate.person_id",
            ],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    blinded_hash: Mapped[bytes | None] = mapped_column(HASH)
    signature: Mapped[bytes | None]


class PrivateKey(Base):
    """A private ballot key, encrypted; made while planned, destroyed at the close."""

    __tablename__ = "private_keys"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(KID, primary_key=True)
    encrypted: Mapped[bytes]
