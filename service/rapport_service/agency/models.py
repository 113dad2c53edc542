"""Rows of an agency: its team tree, its people, its service clients."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from rapport_service.core.db import Base, without_rowid

ORGANIZATION_ID = String(20)
HASH = LargeBinary(32)


class Organization(Base):
    """An agency. Its public id is chosen once and prefixes every handle.

    ``min_respondents`` (k) is how many respondents a score needs at least, and
    ``min_pool`` (m) how many people share a ballot key at least. Charters freeze both.
    """

    __tablename__ = "organizations"
    __table_args__ = without_rowid()

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    min_respondents: Mapped[int]
    min_pool: Mapped[int]


class Team(Base):
    """A node of the team tree. A team that left the roster stays, unlisted."""

    __tablename__ = "teams"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["teams.organization_id", "teams.team_id"],
        ),
        UniqueConstraint("organization_id", "external_id"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None]
    listed: Mapped[bool]


class Person(Base):
    """A person, by the id that the agency has for them. No name, no address.

    ``admin`` and ``auditor`` are granted on the command line alone; no roster can grant
    them, and a person who leaves the roster loses them. A person who is ``away`` is not
    asked.
    """

    __tablename__ = "people"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["teams.organization_id", "teams.team_id"]
        ),
        UniqueConstraint("organization_id", "external_id"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    team_id: Mapped[UUID | None]
    admin: Mapped[bool]
    auditor: Mapped[bool] = mapped_column(default=False)
    away: Mapped[bool] = mapped_column(default=False)
    listed: Mapped[bool]


class Supervision(Base):
    """A person supervises a team, and with it the whole subtree below."""

    __tablename__ = "supervisions"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["teams.organization_id", "teams.team_id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)


class ServiceClient(Base):
    """A program of the agency's, for all teams or for those of ClientTeam.

    ``scopes`` says what its tokens may do, as RFC 6749 section 3.3 writes it.
    ``confirmed`` says that it has logged in or got another secret, hence that the reply
    to its creation arrived.
    """

    __tablename__ = "clients"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    revoked: Mapped[bool]
    confirmed: Mapped[bool]
    scopes: Mapped[str]


class ClientTeam(Base):
    """A subtree that a service client is limited to; no row means the whole agency."""

    __tablename__ = "client_teams"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "client_id"],
            ["clients.organization_id", "clients.client_id"],
        ),
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["teams.organization_id", "teams.team_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditEntry(Base):
    """A change that a person, a program or the command line made. Append only.

    ``changes`` lists some, as JSON; ``change_count`` counts all of them.
    """

    __tablename__ = "audit_entries"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
        Index("ix_audit_entries_at", "organization_id", "at", "entry_id"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str | None]
    action: Mapped[str] = mapped_column(String(32))
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    change_count: Mapped[int]
