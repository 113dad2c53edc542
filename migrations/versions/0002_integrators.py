"""Integrators: scopes of service clients, secrets that run out."""

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


def downgrade() -> None:
    op.drop_column("client_secrets", "expires_at")
    op.drop_column("clients", "scopes")
