"""Integrators: scopes of service clients, secrets that run out, markers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default is for the code before this, which runs until it is replaced.
    op.add_column(
        "clients",
        sa.Column(
            "scopes", sa.String(), server_default="reports roster", nullable=False
        ),
    )
    # A roster is the whole agency: a client limited to teams never could put one.
    op.execute(
        "UPDATE clients SET scopes = 'reports' WHERE EXISTS (SELECT 1 FROM client_teams"
        " WHERE client_teams.organization_id = clients.organization_id"
        " AND client_teams.client_id = clients.client_id)"
    )
    op.add_column(
        "client_secrets",
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.Column("declared_by", sa.String(length=16), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name="fk_markers_organizations",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "team_id"],
            ["teams.organization_id", "teams.team_id"],
            name="fk_markers_teams",
        ),
        sa.PrimaryKeyConstraint("organization_id", "marker_id", name="pk_markers"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT, UPDATE ON markers TO rapport_poll_book")
        op.execute("GRANT SELECT ON markers TO rapport_reports")


def downgrade() -> None:
    op.drop_table("markers")
    op.drop_column("client_secrets", "expires_at")
    op.drop_column("clients", "scopes")
