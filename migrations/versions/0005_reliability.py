"""The reliability report of each release."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    if op.get_bind().dialect.name == "postgresql":
        op.execute("GRANT SELECT, INSERT ON reliability TO rapport_seal")
        op.execute("GRANT SELECT ON reliability TO rapport_reports")


def downgrade() -> None:
    op.drop_table("reliability")
