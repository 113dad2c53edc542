"""Withdrawal, and room for two other contents of a ballot and no more."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _submissions(nullable=True)
    _conflicts(
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_conflicts_place")),
        sa.UniqueConstraint(
            "organization_id",
            "kid",
            "ballot_hash",
            "digest",
            name=op.f("uq_conflicts_organization_id_kid_ballot_hash_digest"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "kid", "ballot_hash", "place", name="pk_conflicts"
        ),
        kept="row_number() OVER"
        " (PARTITION BY organization_id, kid, ballot_hash ORDER BY digest) AS place,",
        back="WHERE place <= 2",
    )
    if op.get_bind().dialect.name == "postgresql":
        # The door of the ballot box takes content away, and no longer reads it.
        op.execute("REVOKE SELECT ON submissions FROM rapport_ballot_box")
        op.execute(
            "GRANT SELECT (organization_id, kid, ballot_hash, digest, standing, reason),"
            " UPDATE ON submissions TO rapport_ballot_box"
        )
        op.execute(
            "GRANT SELECT (organization_id, kid, ballot_hash, place, digest),"
            " INSERT, DELETE ON conflicts TO rapport_ballot_box"
        )


def downgrade() -> None:
    op.execute("DELETE FROM submissions WHERE content IS NULL")
    _submissions(nullable=False)
    _conflicts(
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "kid", "ballot_hash", "digest", name="pk_conflicts"
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("REVOKE ALL ON submissions FROM rapport_ballot_box")
        op.execute("GRANT SELECT, INSERT ON submissions TO rapport_ballot_box")
        op.execute("GRANT SELECT, INSERT ON conflicts TO rapport_ballot_box")


def _submissions(*, nullable: bool) -> None:
    with op.batch_alter_table(
        "submissions", table_kwargs={"sqlite_with_rowid": False}
    ) as table:
        table.alter_column(
            "digest", existing_type=sa.String(length=43), nullable=nullable
        )
        table.alter_column(
            "content", existing_type=sa.LargeBinary(), nullable=nullable
        )


def _conflicts(*parts: sa.schema.SchemaItem, kept: str = "", back: str = "") -> None:
    """The table made anew with other parts of its key; its rows come along."""
    columns = "organization_id, kid, ballot_hash, digest, content"
    if kept:
        columns += ", place"
    op.execute(
        f"CREATE TABLE conflicts_before AS SELECT {kept} organization_id, kid,"
        " ballot_hash, digest, content FROM conflicts"
    )
    op.drop_table("conflicts")
    op.create_table(
        "conflicts",
        sa.Column("organization_id", sa.String(length=20), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("ballot_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["organization_id", "kid"],
            ["ballot_keys.organization_id", "ballot_keys.kid"],
            name="fk_conflicts_ballot_keys",
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO conflicts ({columns}) SELECT {columns}"
        f" FROM conflicts_before {back}"
    )
    op.drop_table("conflicts_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON conflicts TO rapport_seal"
        )
