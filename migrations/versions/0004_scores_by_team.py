"""Scores by team: one team's documents are found without reading those of others."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEX = "ix_scores_organization_id_team_id_wave_id_number"


def upgrade() -> None:
    op.create_index(
        INDEX, "scores", ["organization_id", "team_id", "wave_id", "number"]
    )


def downgrade() -> None:
    op.drop_index(INDEX, "scores")
