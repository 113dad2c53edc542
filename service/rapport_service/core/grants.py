"""Table of grants: the privacy promise as data.

Each door is a database role. On PostgreSQL the migrations grant exactly this map
(a test compares the two); on SQLite an authorizer enforces it statement by
statement, see ``rapport_service.core.sqlite_authorizer``.
"""

from dataclasses import dataclass
from enum import StrEnum

READ = frozenset({"SELECT"})
ADD = frozenset({"INSERT"})
APPEND = frozenset({"SELECT", "INSERT"})
CHANGE = frozenset({"SELECT", "UPDATE"})
WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


class Door(StrEnum):
    """A way into the database, named after the role that it opens."""

    POLL_BOOK = "rapport_poll_book"
    BALLOT_BOX = "rapport_ballot_box"
    SEAL = "rapport_seal"
    REPORTS = "rapport_reports"


@dataclass(frozen=True)
class Grant:
    """The rights of a door on one table.

    Attributes:
        verbs: the SQL verbs it may use.
        hidden: columns that it may not read although it reads the table.
        lockable: it may lock rows in share mode, which PostgreSQL ties to UPDATE on
            at least one column; that column is the key's first, which no row can
            change without losing its parent.
    """

    verbs: frozenset[str]
    hidden: frozenset[str] = frozenset()
    lockable: bool = False


AGENCY_TABLES = (
    "organizations",
    "teams",
    "people",
    "supervisions",
    "clients",
    "client_teams",
)

GRANTS: dict[Door, dict[str, Grant]] = {
    Door.POLL_BOOK: {
        **{table: Grant(WRITE) for table in AGENCY_TABLES},
        "audit_entries": Grant(APPEND),
        "installation": Grant(READ),
        "pulses": Grant(APPEND | CHANGE),
        "waves": Grant(APPEND | CHANGE),
        "charters": Grant(APPEND),
        "readers": Grant(WRITE),
        "ballot_keys": Grant(APPEND),
        "enrolment_codes": Grant(WRITE),
        "devices": Grant(WRITE),
        "client_secrets": Grant(WRITE),
        "data_keys": Grant(WRITE),
        "electorate": Grant(WRITE),
        "draws": Grant(WRITE),
        "private_keys": Grant(WRITE),
        "markers": Grant(APPEND | CHANGE),
    },
    Door.BALLOT_BOX: {
        "waves": Grant(READ, lockable=True),
        "charters": Grant(READ),
        "ballot_keys": Grant(READ),
        # It puts envelopes in and, for a withdrawal, takes them away. It cannot read
        # them back.
        "submissions": Grant(APPEND | CHANGE, hidden=frozenset({"envelope"})),
        "spent_ballots": Grant(READ),
    },
    Door.SEAL: {
        "organizations": Grant(READ),
        "audit_entries": Grant(ADD),  # they name people
        "installation": Grant(CHANGE),
        "pulses": Grant(APPEND | CHANGE),
        "waves": Grant(APPEND | CHANGE),
        "charters": Grant(READ),
        "ballot_keys": Grant(CHANGE),
        "releases": Grant(APPEND),
        "scores": Grant(APPEND),
        "reliability": Grant(APPEND),
        "markers": Grant(READ),
        "findings": Grant(APPEND),
        "submissions": Grant(WRITE),
        "answers": Grant(APPEND),
        "spent_ballots": Grant(WRITE),
    },
    Door.REPORTS: {
        **{table: Grant(READ) for table in AGENCY_TABLES},
        "installation": Grant(
            READ,
            hidden=frozenset({"installation_id", "vacuumed_at", "everything_due"}),
        ),
        "waves": Grant(READ),
        "charters": Grant(READ),
        "readers": Grant(READ),
        "markers": Grant(READ),
        "releases": Grant(READ, hidden=frozenset({"figures"})),
        "scores": Grant(READ, hidden=frozenset({"figures"})),
        "reliability": Grant(READ),
        "findings": Grant(READ),
    },
}
