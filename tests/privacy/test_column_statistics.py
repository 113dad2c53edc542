"""PostgreSQL samples columns for its planner, and keeps the samples.

A sample of answers would outlive the seal and a withdrawal: content, and through its
digest the ballot that it came under.
"""

import pytest
from sqlalchemy import text

from rapport_service.core.db import Base, db
from tests.support.submissions import identical_contents, submit_contents

KEYS = {
    *("organization_id", "kid", "ballot_hash", "wave_id", "team_id", "person_id"),
    *("answer_id", "slot"),
}
"""Columns that find a row; samples of them hold nothing that the rows do not."""

STATUS_COLUMNS = {"status", "reason"}
"""The status of content, in words of a closed list."""


def sampled_columns():
    """Columns of which the planner has samples, and may take them again."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as raw:
        raw.execute(text("ANALYZE"))
        return {
            (row.tablename, row.attname)
            for row in raw.execute(
                text("SELECT tablename, attname FROM pg_stats WHERE null_frac < 1")
            )
        }


@pytest.mark.postgresql  # SQLite collects nothing unless it is asked to
def test_samples_are_taken_of_keys_alone(service, ballot_factory):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})

    personal = {
        (name, column.name)
        for name in ("submissions", "answers", "spent_ballots", "draws")
        for column in Base.metadata.tables[name].columns
        if column.name not in KEYS | STATUS_COLUMNS
    }

    assert {("submissions", "envelope"), ("draws", "signature")} <= personal
    assert ("submissions", "ballot_hash") in sampled_columns()
    assert personal & sampled_columns() == set()


@pytest.mark.postgresql  # SQLite collects nothing unless it is asked to
def test_planted_samples_of_envelopes_are_detected(service, ballot_factory):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})
    planted = "ALTER TABLE submissions ALTER envelope SET STATISTICS {}"
    with db.engine.begin() as raw:
        raw.execute(text(planted.format(-1)))

    sampled = sampled_columns()

    with db.engine.begin() as raw:
        raw.execute(text(planted.format(0)))
        # The samples themselves go with the column's type.
        raw.execute(text("ALTER TABLE submissions ALTER envelope TYPE bytea"))
    assert ("submissions", "envelope") in sampled
