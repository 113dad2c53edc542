"""What tells whether a service has the secret that this database is kept under."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "installation", sa.Column("secret_check", sa.LargeBinary(32), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("installation", "secret_check")
