"""The first schema: every room's tables, and what each door may do with them."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0001_first_schema"
down_revision = None
branch_labels = None
depends_on = None

AGENCY = "organizations, teams, people, supervisions, clients, client_teams"
READ = "SELECT"
APPEND = "SELECT, INSERT"
CHANGE = "SELECT, UPDATE"
EXTEND = "SELECT, INSERT, UPDATE"
WRITE = "SELECT, INSERT, UPDATE, DELETE"

# On PostgreSQL. On SQLite an authorizer takes the roles' place.
GRANTS = {
    "rapport_poll_book": [
        (WRITE, AGENCY),
        (READ, "installation"),
        (APPEND, "audit_entries, charters, ballot_keys"),
        (EXTEND, "pulses, waves, markers"),
        (WRITE, "enrolment_codes, devices, client_secrets, data_keys"),
        (WRITE, "electorate, draws, private_keys, readers"),
    ],
    "rapport_ballot_box": [
        (READ, "waves, charters, ballot_keys, spent_ballots"),
        # Locking a row in share mode takes UPDATE on some column of it.
        ("UPDATE (organization_id)", "waves"),
        # It puts envelopes in and takes them away. It cannot read them back.
        (
            "SELECT (organization_id, kid, ballot_hash, digest, status),"
            " INSERT, UPDATE",
            "submissions",
        ),
    ],
    "rapport_seal": [
        (READ, "organizations, charters, markers"),
        ("INSERT", "audit_entries"),  # they name people
        (CHANGE, "installation, ballot_keys"),
        (EXTEND, "pulses, waves"),
        (APPEND, "releases, scores, reliability, findings, answers"),
        (WRITE, "submissions, spent_ballots"),
    ],
    "rapport_reports": [
        (READ, f"{AGENCY}, waves, charters, readers, markers, reliability, findings"),
        ("SELECT (epoch, ticked_at, leap_seen_at)", "installation"),
        # Figures are for later waves; no report may read them.
        (
            "SELECT (organization_id, wave_id, number, counted_ballots_digest,"
            " invalid_band, level_variances)",
            "releases",
        ),
        (
            "SELECT (organization_id, wave_id, number, team_id, status, digest,"
            " document)",
            "scores",
        ),
    ],
}

# PostgreSQL would keep samples of these after the seal, for its planner.
UNSAMPLED = {
    "submissions": ("digest", "envelope"),
    "answers": ("form", "answers"),
    "spent_ballots": ("digest",),
    "draws": ("blinded_hash", "signature"),
}


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("installation_id", sa.Uuid(), nullable=False),
        sa.Column("vacuumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("everything_due", sa.Boolean(), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leap_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("epoch", name="pk_installation"),
    )
    op.create_table(
        "data_keys",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_data_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organizations",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("min_respondents", sa.Integer(), nullable=False),
        sa.Column("min_pool", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name="pk_organizations"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_entries",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("change_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_audit_entries_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "entry_id", name="pk_audit_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_audit_entries_at", "audit_entries", ["organization_id", "at", "entry_id"]
    )
    op.create_table(
        "clients",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_clients_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "client_id", name="pk_clients"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulses",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("pulse_id", sa.Uuid(), nullable=False),
        sa.Column("first_opens", sa.String(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("open_days", sa.Integer(), nullable=False),
        sa.Column("announce_days", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_pulses_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "pulse_id", name="pk_pulses"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "teams",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_teams_teams",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_teams_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "team_id", name="pk_teams"),
        sa.UniqueConstraint(
            "organization_id",
            "external_id",
            name="uq_teams_organization_id_external_id",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "client_secrets",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "client_id"],
            ["clients.organization_id", "clients.client_id"],
            name="fk_client_secrets_clients",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "client_id", "secret_hash", name="pk_client_secrets"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "client_teams",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "client_id"],
            ["clients.organization_id", "clients.client_id"],
            name="fk_client_teams_clients",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_client_teams_teams",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "client_id", "team_id", name="pk_client_teams"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "markers",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_markers_teams",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_markers_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "marker_id", name="pk_markers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "people",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("auditor", sa.Boolean(), nullable=False),
        sa.Column("away", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_people_teams",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_people_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "person_id", name="pk_people"),
        sa.UniqueConstraint(
            "organization_id",
            "external_id",
            name="uq_people_organization_id_external_id",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waves",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("pulse_id", sa.Uuid(), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "announced",
                "open",
                "closed",
                "sealing",
                "sealed",
                "cancelled",
                name="wavestate",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("announces_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seals_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_seconds", sa.Integer(), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealing_key", sa.String(), nullable=True),
        sa.Column("sealing_delay", sa.String(length=32), nullable=True),
        sa.Column("accepts_invalid", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "pulse_id"],
            ["pulses.organization_id", "pulses.pulse_id"],
            name="fk_waves_pulses",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_waves_organizations",
        ),
        sa.PrimaryKeyConstraint("organization_id", "wave_id", name="pk_waves"),
        sa.UniqueConstraint(
            "organization_id",
            "pulse_id",
            "occurrence",
            name="uq_waves_organization_id_pulse_id_occurrence",
        ),
        sa.UniqueConstraint(
            "organization_id",
            "sealing_key",
            name="uq_waves_organization_id_sealing_key",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_answers_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "answer_id", name="pk_answers"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_keys",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("jwk", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_ballot_keys_waves",
        ),
        sa.PrimaryKeyConstraint("organization_id", "kid", name="pk_ballot_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "charters",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_charters_waves",
        ),
        sa.PrimaryKeyConstraint("organization_id", "wave_id", name="pk_charters"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "devices",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "answering", "reading", name="purpose", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("device_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("used_week", sa.String(length=8), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
            name="fk_devices_people",
        ),
        sa.PrimaryKeyConstraint("organization_id", "device_id", name="pk_devices"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "electorate",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
            name="fk_electorate_people",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_electorate_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "person_id", name="pk_electorate"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "answering", "reading", name="purpose", native_enum=False, length=16
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
            name="fk_enrolment_codes_people",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "code_id", name="pk_enrolment_codes"
        ),
        sa.UniqueConstraint(
            "organization_id",
            "code_hash",
            name="uq_enrolment_codes_organization_id_code_hash",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "findings",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("analysed", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=43), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "ended_by"],
            ["markers.organization_id", "markers.marker_id"],
            name="fk_findings_markers_ended_by",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "marker_id"],
            ["markers.organization_id", "markers.marker_id"],
            name="fk_findings_markers",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "team_id", "marker_id", "version", name="pk_findings"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_findings_organization_id_basis_team_id_marker_id",
        "findings",
        ["organization_id", "basis", "team_id", "marker_id"],
    )
    op.create_table(
        "private_keys",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_private_keys_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "kid", name="pk_private_keys"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "readers",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
            name="fk_readers_people",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_readers_teams",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_readers_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "wave_id",
            "person_id",
            "team_id",
            "role",
            name="pk_readers",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_readers_organization_id_person_id_role",
        "readers",
        ["organization_id", "person_id", "role"],
    )
    op.create_table(
        "releases",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counted_ballots_digest", sa.String(length=43), nullable=False),
        sa.Column("invalid_band", sa.String(length=16), nullable=False),
        sa.Column("level_variances", sa.String(), nullable=False),
        sa.Column("figures", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_releases_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "number", name="pk_releases"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent_ballots",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("ballot_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "accepted",
                "withdrawn",
                name="storedstatus",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id"],
            ["waves.organization_id", "waves.wave_id"],
            name="fk_spent_ballots_waves",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "ballot_hash", name="pk_spent_ballots"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supervisions",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["people.organization_id", "people.person_id"],
            name="fk_supervisions_people",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_supervisions_teams",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "team_id", "person_id", name="pk_supervisions"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draws",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("blinded_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id", "person_id"],
            [
                "electorate.organization_id",
                "electorate.wave_id",
                "electorate.person_id",
            ],
            name="fk_draws_electorate",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "person_id", name="pk_draws"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reliability",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id", "number"],
            ["releases.organization_id", "releases.wave_id", "releases.number"],
            name="fk_reliability_releases",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "number", name="pk_reliability"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scores",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "wave_id", "number"],
            ["releases.organization_id", "releases.wave_id", "releases.number"],
            name="fk_scores_releases",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "wave_id", "number", "team_id", name="pk_scores"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_scores_organization_id_team_id_wave_id_number",
        "scores",
        ["organization_id", "team_id", "wave_id", "number"],
    )
    op.create_table(
        "submissions",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("ballot_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "accepted",
                "withdrawn",
                name="storedstatus",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "kid"],
            ["ballot_keys.organization_id", "ballot_keys.kid"],
            name="fk_submissions_ballot_keys",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "kid", "ballot_hash", name="pk_submissions"
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        sa.text(
            "INSERT INTO installation (epoch, installation_id, everything_due)"
            " VALUES (:epoch, :id, false)"
        ).bindparams(
            sa.bindparam("epoch", uuid4(), type_=sa.Uuid()),
            sa.bindparam("id", uuid4(), type_=sa.Uuid()),
        )
    )
    if op.get_bind().dialect.name == "postgresql":
        _grant_doors()
        _stop_sampling()


def downgrade() -> None:
    op.drop_table("submissions")
    op.drop_table("scores")
    op.drop_table("reliability")
    op.drop_table("draws")
    op.drop_table("supervisions")
    op.drop_table("spent_ballots")
    op.drop_table("releases")
    op.drop_table("readers")
    op.drop_table("private_keys")
    op.drop_table("findings")
    op.drop_table("enrolment_codes")
    op.drop_table("electorate")
    op.drop_table("devices")
    op.drop_table("charters")
    op.drop_table("ballot_keys")
    op.drop_table("answers")
    op.drop_table("waves")
    op.drop_table("people")
    op.drop_table("markers")
    op.drop_table("client_teams")
    op.drop_table("client_secrets")
    op.drop_table("teams")
    op.drop_table("pulses")
    op.drop_table("clients")
    op.drop_table("audit_entries")
    op.drop_table("organizations")
    op.drop_table("data_keys")
    op.drop_table("installation")


def _grant_doors() -> None:
    for role, rights in GRANTS.items():
        for verbs, tables in rights:
            op.execute(f"GRANT {verbs} ON {tables} TO {role}")


def _stop_sampling() -> None:
    for table, columns in UNSAMPLED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0")
