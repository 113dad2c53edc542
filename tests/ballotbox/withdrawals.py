"""Requests to the ballot box, and the rows that withdrawals leave."""

from rapport_service.ballotbox.models import StoredStatus, Submission
from tests.support.ballots import envelope_digest, hash_of
from tests.support.http_phone import submit
from tests.support.rows import rows_of

WITHDRAWN = ("withdrawn", None)
TOO_LATE = ("final", "withdraw_too_late")


def item_results(agency, *batch):
    """Status and reason of each item, its echoes checked."""
    results = submit(agency.service.http, *batch)
    for sent, result in zip(batch, results, strict=True):
        assert result["hash"] == hash_of(sent["ballot"])
        assert result["digest"] == envelope_digest(sent["envelope"])
    return [(result["status"], result["reason"]) for result in results]


def tombstones(agency):
    """The ballots of which only the withdrawal is left."""
    rows = rows_of(Submission, agency)
    assert {(row.status, row.digest, row.envelope) for row in rows} <= {
        (StoredStatus.WITHDRAWN, None, None)
    }
    return {row.ballot_hash for row in rows}
