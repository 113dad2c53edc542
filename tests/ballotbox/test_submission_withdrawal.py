"""Withdrawals, by the state of their ballot and the phase of their wave."""

from rapport_service.ballotbox.models import SpentBallot, Submission
from rapport_service.core.vacuum import vacuum
from rapport_service.encoding import base64url
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from rapport_service.registry.models import Release
from rapport_service.releases.publish import digest_counted_ballots
from tests.ballotbox.withdrawals import TOO_LATE, WITHDRAWN, item_results, tombstones
from tests.support.ballots import envelope_digest, stored_hash
from tests.support.http_phone import content, item, withdrawal
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
    retire_waves,
)
from tests.support.rows import find_on_disk, rows_of

DUPLICATE = ("duplicate", None)


# Before the seal


def test_accepted_answer_is_erased_and_does_not_come_back(agency, ballot):
    frozen = content()
    item_results(agency, item(ballot, frozen))

    results = item_results(
        agency, withdrawal(ballot), item(ballot, frozen), withdrawal(ballot)
    )

    assert results == [WITHDRAWN] * 3
    assert tombstones(agency) == {stored_hash(ballot)}


def test_an_unused_ballot_can_be_withdrawn(agency, ballot):
    results = item_results(agency, withdrawal(ballot), item(ballot, content()))

    assert results == [WITHDRAWN] * 2
    assert tombstones(agency) == {stored_hash(ballot)}


def test_item_sees_the_state_after_the_item_before_it_in_its_batch(agency, ballot):
    frozen, other = content(), content()

    results = item_results(
        agency,
        item(ballot, frozen),
        item(ballot, frozen),
        item(ballot, other),
        withdrawal(ballot),
        item(ballot, frozen),
    )

    assert results == [
        ("accepted", None),
        DUPLICATE,
        ("final", "envelope_conflict"),
        WITHDRAWN,
        WITHDRAWN,
    ]
    assert tombstones(agency) == {stored_hash(ballot)}


def test_a_withdrawal_touches_no_other_ballot(agency, wave, ballot_factory):
    mine, theirs = ballot_factory.ballots(agency, wave, "a", 2)
    frozen = content()
    item_results(agency, item(mine, content()), item(theirs, frozen))

    item_results(agency, withdrawal(mine))

    assert item_results(agency, item(theirs, frozen)) == [DUPLICATE]
    (other,) = (row for row in rows_of(Submission, agency) if row.envelope)
    assert other.ballot_hash == stored_hash(theirs)


def test_no_byte_of_it_is_left_on_the_disk_after_the_next_vacuum(agency, ballot):
    frozen = content()
    item_results(agency, item(ballot, frozen))
    sealed = frozen.envelope(ballot)
    traces = {envelope_digest(sealed).encode(), base64url.decode(sealed)[-48:]}
    before = find_on_disk(traces)

    item_results(agency, withdrawal(ballot))
    vacuum(ORDER_SENSITIVE_TABLES)

    assert before == traces
    assert find_on_disk(traces) == set()


def test_a_withdrawn_ballot_is_not_counted_and_stays_withdrawn_after_the_seal(
    agency, wave, ballot_factory
):
    counted, taken_back, silent = ballot_factory.ballots(agency, wave, "a", 3)
    frozen = content()
    item_results(agency, item(counted, frozen), item(taken_back, frozen))
    item_results(agency, withdrawal(taken_back), withdrawal(silent))

    agency.seal()

    statuses = {row.ballot_hash: row.status for row in rows_of(SpentBallot, agency)}
    assert statuses == {
        stored_hash(counted): "accepted",
        stored_hash(taken_back): "withdrawn",
        stored_hash(silent): "withdrawn",
    }
    (release,) = rows_of(Release, agency)
    assert release.counted_ballots_digest == digest_counted_ballots(
        [stored_hash(counted)]
    )
    results = item_results(agency, item(taken_back, frozen), item(silent, frozen))
    assert results == [WITHDRAWN] * 2


# After the seal


def test_answer_in_a_release_can_no_longer_be_withdrawn(agency, ballot):
    frozen = content()
    item_results(agency, item(ballot, frozen))
    agency.seal()

    results = item_results(
        agency, withdrawal(ballot), item(ballot, frozen), withdrawal(ballot)
    )

    assert results == [TOO_LATE, DUPLICATE, TOO_LATE]
    assert [row.status for row in rows_of(SpentBallot, agency)] == ["accepted"]


def test_withdrawal_is_too_late_as_soon_as_sealing_begins(agency, wave, ballot):
    frozen = content()
    item_results(agency, item(ballot, frozen))
    advance_past_close(agency)
    begin_sealing(agency, wave)

    result = item_results(agency, withdrawal(ballot))
    finish_sealing(agency, wave)

    assert result == item_results(agency, withdrawal(ballot)) == [TOO_LATE]
    assert [row.status for row in rows_of(SpentBallot, agency)] == ["accepted"]


def test_withdrawal_of_an_unused_ballot_is_too_late_too(agency, ballot):
    """The same answer as to a used one, so that it tells nothing of the two."""
    agency.seal()

    results = item_results(agency, withdrawal(ballot), item(ballot, content()))

    assert results == [TOO_LATE, ("final", "too_late")]
    assert rows_of(Submission, agency) == rows_of(SpentBallot, agency) == []


# The ends of a wave


def test_results_in_a_cancelled_wave_are_final(agency, wave, ballot, ballot_factory):
    (other,) = ballot_factory.ballots(agency, wave, "a", 1)
    item_results(agency, withdrawal(other))
    cancel_wave(agency, wave)

    results = item_results(agency, withdrawal(ballot), withdrawal(other))

    assert results == [("final", "wave_cancelled")] * 2
    assert rows_of(Submission, agency) == []


def test_a_tombstone_answers_until_its_wave_retires(agency, ballot):
    item_results(agency, withdrawal(ballot))
    agency.seal()
    agency.tick(days=390)
    until = item_results(agency, item(ballot, content()))

    retire_waves(agency)

    assert until == [WITHDRAWN]
    results = item_results(agency, withdrawal(ballot), item(ballot, content()))
    assert results == [("final", "expired")] * 2
    assert rows_of(Submission, agency) == []
