"""The tables of an outbox. What identifies or answers is sealed; see ``vault``."""

VERSION = 2

STATEMENTS = (
    """
    CREATE TABLE vault (             -- one row: opens with the right key alone
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        proof  BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE people (            -- whose namespaces there are
        person  BLOB PRIMARY KEY,    -- a keyed hash of the name
        name    BLOB NOT NULL        -- sealed
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE records (           -- enrolment, draws, ballots, documents, clock
        kind    TEXT NOT NULL,
        person  BLOB NOT NULL,       -- empty where the whole file shares a record
        name    BLOB NOT NULL,       -- a keyed hash
        value   BLOB NOT NULL,       -- sealed
        PRIMARY KEY (kind, person, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox (
        seq       INTEGER PRIMARY KEY AUTOINCREMENT,  -- a counter that never goes back
        person    BLOB NOT NULL,
        wave      BLOB NOT NULL,     -- a keyed hash of the person and the wave
        op        TEXT NOT NULL CHECK (op IN ('submit', 'withdraw')),
        state     TEXT NOT NULL
            CHECK (state IN ('queued', 'in_flight', 'settled', 'dead')),
        place     INTEGER,           -- in the queue; behind all others once set
        failures  INTEGER NOT NULL DEFAULT 0,
        item      BLOB NOT NULL,     -- sealed: what was frozen
        fate      BLOB,              -- sealed: what the service said
        UNIQUE (wave, op)
    )
    """,
    "CREATE INDEX queue ON outbox (state, place, seq)",
)
