"""Findings: what can be said of a marker to a team."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
            ["organization_id", "marker_id"],
            ["markers.organization_id", "markers.marker_id"],
            name="fk_findings_markers",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "ended_by"],
            ["markers.organization_id", "markers.marker_id"],
            name="fk_findings_markers_ended_by",
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
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT ON markers TO rapport_seal")
        op.execute("GRANT SELECT, INSERT ON findings TO rapport_seal")
        op.execute("GRANT SELECT ON findings TO rapport_reports")


def downgrade() -> None:
    op.drop_table("findings")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("REVOKE SELECT ON markers FROM rapport_seal")
