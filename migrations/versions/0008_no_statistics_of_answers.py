"""No statistics of what people said: PostgreSQL would keep samples after the seal."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SAID = {
    "submissions": ("digest", "content", "form", "answers"),
    "conflicts": ("digest", "content"),
    "answers": ("form", "answers"),
    "spent": ("digest",),
    "draws": ("blinded_hash", "signature"),
}


def upgrade() -> None:
    _collect(0)


def downgrade() -> None:
    _collect(-1)


def _collect(most: int) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in SAID.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS {most}")
