"""Doors open no wider than they must: pulses and waves are planned at the poll book."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What nobody uses goes. The code before this plans at the seal's door while it runs, so
# the seal keeps what that takes.
GRANTED = [("INSERT", "waves", "rapport_poll_book")]
REVOKED = [
    ("DELETE", "pulses", "rapport_poll_book"),
    ("SELECT", "audit_entries", "rapport_seal"),
    ("DELETE", "pulses", "rapport_seal"),
    ("INSERT, DELETE", "ballot_keys", "rapport_seal"),
    ("UPDATE, DELETE", "answers", "rapport_seal"),
]


def upgrade() -> None:
    _change("GRANT", GRANTED)
    _change("REVOKE", REVOKED)


def downgrade() -> None:
    _change("GRANT", REVOKED)
    _change("REVOKE", GRANTED)


def _change(verb: str, rights: list[tuple[str, str, str]]) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    word = "TO" if verb == "GRANT" else "FROM"
    for what, table, door in rights:
        op.execute(f"{verb} {what} ON {table} {word} {door}")
