"""Rows of the registry: waves, charters, public keys, markers, releases. No rules."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rapport_schemas.enums import WaveState
from rapport_service.agency.models import ORGANIZATION_ID
from rapport_service.core.db import Base, without_rowid

KID = String(64)
DIGEST = String(43)


class Pulse(Base):
    """A recurring pulse: the rule by which an agency's waves are planned.

    ``first_opens`` is local to the organization, ``YYYY-MM-DDTHH:MM``: a pulse opens at
    nine on Monday, summer and winter. What would have opened before ``created_at`` was
    never due.
    """

    __tablename__ = "pulses"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    pulse_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_opens: Mapped[str]
    every_weeks: Mapped[int]
    open_days: Mapped[int]
    announce_days: Mapped[int]
    grace_days: Mapped[int]
    active: Mapped[bool]
    created_at: Mapped[datetime]


class Wave(Base):
    """One round of asking. All its dates are in its charter once it is announced.

    ``sealing_key`` is the public half, a JSON Web Key; null until it is made.
    ``sealing_delay`` says why the sealing job could not do what is due.
    ``accepts_invalid`` is an operator's word that many invalid envelopes are no fault
    of ours.
    """

    __tablename__ = "waves"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "pulse_id"],
            ["pulses.organization_id", "pulses.pulse_id"],
        ),
        UniqueConstraint("organization_id", "pulse_id", "occurrence"),
        UniqueConstraint("organization_id", "sealing_key"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    pulse_id: Mapped[UUID | None]
    occurrence: Mapped[int | None]
    state: Mapped[WaveState]
    announces_at: Mapped[datetime]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    seals_at: Mapped[datetime]
    retires_at: Mapped[datetime]
    keep_seconds: Mapped[int]
    cancel_reason: Mapped[str | None]
    planned_at: Mapped[datetime]
    sealing_key: Mapped[str | None]
    sealing_delay: Mapped[str | None] = mapped_column(String(32))
    accepts_invalid: Mapped[bool] = mapped_column(default=False)

    @property
    def has_seal_begun(self) -> bool:
        """Whether its seal has begun: what comes now is too late, what is in stays."""
        return self.state in {WaveState.SEALING, WaveState.SEALED}

    @property
    def public_id(self) -> str:
        """The wave's handle outside: ``<organization>.<uuid>``."""
        return f"{self.organization_id}.{self.wave_id}"


class Marker(Base):
    """A date in an agency's history, of all of it or of one team's subtree.

    ``declared_at`` shows later whether it was declared before results were known.
    ``declaration_id`` is the audit entry that says by whom: only those who may read the
    audit can tell. A retracted marker stays on record.
    """

    __tablename__ = "markers"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"]),
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["teams.organization_id", "teams.team_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    marker_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(32))
    effective_on: Mapped[date]
    confirmed: Mapped[bool]
    label: Mapped[str]
    declared_at: Mapped[datetime]
    declaration_id: Mapped[UUID]
    retracted_at: Mapped[datetime | None]


class Charter(Base):
    """The promises for a wave, made before it opens; the bytes as served."""

    __tablename__ = "charters"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(DIGEST)
    document: Mapped[bytes]


class WaveReader(Base):
    """A member or a supervisor of a team when a wave was announced.

    They may read what the wave released of the team, until it retires. The index serves
    the question what one person may read.
    """

    __tablename__ = "readers"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
        ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
        ),
        ForeignKeyConstraint(
            ["organization_id", "team_id"], ["teams.organization_id", "teams.team_id"]
        ),
        Index(None, "organization_id", "person_id", "role"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)


class BallotKey(Base):
    """The public half of a ballot key. The key says which wave and which group.

    ``jwk`` is dropped when the wave retires; the key's id stays, so that a very late
    phone is answered ``expired`` instead of ``unknown key``.
    """

    __tablename__ = "ballot_keys"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    kid: Mapped[str] = mapped_column(KID, primary_key=True)
    wave_id: Mapped[UUID]
    team_id: Mapped[UUID]
    jwk: Mapped[str | None]


class Release(Base):
    """A release: published by a seal, never changed, never computed again.

    ``counted_ballots_digest`` commits to the ballots that were counted.
    ``invalid_band`` is how many envelopes did not open or were invalid.
    ``level_variances`` are published: levels rest on them. ``figures`` are what later
    waves need and no route reads.
    """

    __tablename__ = "releases"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id"], ["waves.organization_id", "waves.wave_id"]
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    counted_ballots_digest: Mapped[str] = mapped_column(DIGEST)
    invalid_band: Mapped[str] = mapped_column(String(16))
    level_variances: Mapped[str]
    figures: Mapped[str]


class Score(Base):
    """One team's document in a release, as presented; its digest is the ETag.

    ``status`` is the document's. The index serves queries for one team through the
    years.
    """

    __tablename__ = "scores"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id", "number"],
            ["releases.organization_id", "releases.wave_id", "releases.number"],
        ),
        Index(None, "organization_id", "team_id", "wave_id", "number"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(DIGEST)
    document: Mapped[bytes]
    figures: Mapped[str | None]


class Reliability(Base):
    """The reliability report of a release; its digest is the ETag.

    One document a release whose root is released, for the administrator.
    """

    __tablename__ = "reliability"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "wave_id", "number"],
            ["releases.organization_id", "releases.wave_id", "releases.number"],
        ),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    wave_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(DIGEST)
    document: Mapped[bytes]


class Finding(Base):
    """The finding on one marker for one team, as presented. Never changed.

    ``basis`` is the digest of the markers and releases that it rests on; another basis
    makes another version, and none comes back. ``ended_by`` is the marker that ends
    the effect of this one. The index is for the tick, which checks each time whether
    all findings rest on the present basis.
    """

    __tablename__ = "findings"
    __table_args__ = without_rowid(
        ForeignKeyConstraint(
            ["organization_id", "marker_id"],
            ["markers.organization_id", "markers.marker_id"],
        ),
        ForeignKeyConstraint(
            ["organization_id", "ended_by"],
            ["markers.organization_id", "markers.marker_id"],
            name="fk_findings_markers_ended_by",
        ),
        Index(None, "organization_id", "basis", "team_id", "marker_id"),
    )

    organization_id: Mapped[str] = mapped_column(ORGANIZATION_ID, primary_key=True)
    team_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ended_by: Mapped[UUID | None]
    analysed: Mapped[bool]
    basis: Mapped[str] = mapped_column(DIGEST)
    digest: Mapped[str] = mapped_column(DIGEST)
    document: Mapped[bytes]
