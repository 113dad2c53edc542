"""Withdrawals against the seal, against submissions, against each other: at once."""

from functools import partial

import pytest

from rapport_service.ballotbox.models import SpentBallot, StoredStatus
from rapport_service.ballotbox.service import submit as take
from rapport_service.core.db import Door
from rapport_service.releases.seal import begin_seal
from tests.ballotbox.withdrawals import TOO_LATE, WITHDRAWN, item_results, tombstones
from tests.support.ballots import stored_hash
from tests.support.concurrency import open_transaction, run_concurrently
from tests.support.http_phone import content, item, withdrawal
from tests.support.lifecycle import advance_past_close
from tests.support.rows import rows_of


def beginning(agency, wave):
    """The first step of the seal, in a transaction that stays open."""
    return partial(begin_seal, wave=agency.wave(wave), now=agency.service.clock())


def spent(agency):
    """Status and digest of the ballots that the seal parted from their keys."""
    return [(row.status, row.digest) for row in rows_of(SpentBallot, agency)]


def test_sealing_waits_for_a_withdrawal_under_way_and_does_not_count_it(
    service, agency, ballot
):
    item_results(agency, item(ballot, content()))
    advance_past_close(agency)
    service.clock.advance(days=7)

    def tick():
        with service.app.app_context():
            agency.tick()

    doing = partial(take, raw_items=[withdrawal(ballot)])
    with open_transaction(service, Door.BALLOT_BOX, doing) as withdrawing:
        waited, _, (result,) = withdrawing.run_meanwhile(tick)

    assert waited
    assert result.status == "withdrawn"
    assert spent(agency) == [(StoredStatus.WITHDRAWN, None)]


def test_a_withdrawal_waits_for_a_sealing_under_way_and_is_too_late(
    service, agency, wave, ballot
):
    item_results(agency, item(ballot, content()))
    advance_past_close(agency)
    service.clock.advance(days=7)

    with open_transaction(service, Door.SEAL, beginning(agency, wave)) as sealing:
        waited, result, _ = sealing.run_meanwhile(
            partial(item_results, agency, withdrawal(ballot))
        )
    agency.tick()

    assert waited
    assert result == [TOO_LATE]
    assert [status for status, _ in spent(agency)] == [StoredStatus.ACCEPTED]


@pytest.mark.parametrize("second", [content(), None], ids=["other envelope", "again"])
def test_item_that_comes_during_a_withdrawal_is_withdrawn(
    service, agency, ballot, second
):
    item_results(agency, item(ballot, content()))
    act = withdrawal(ballot) if second is None else item(ballot, second)

    doing = partial(take, raw_items=[withdrawal(ballot)])
    with open_transaction(service, Door.BALLOT_BOX, doing) as withdrawing:
        waited, result, _ = withdrawing.run_meanwhile(
            partial(item_results, agency, act)
        )

    assert waited
    assert result == [WITHDRAWN]
    assert tombstones(agency) == {stored_hash(ballot)}


def test_a_withdrawal_waits_for_another_envelope_under_way_and_erases_the_first(
    service, agency, ballot
):
    item_results(agency, item(ballot, content()))

    doing = partial(take, raw_items=[item(ballot, content())])
    with open_transaction(service, Door.BALLOT_BOX, doing) as conflicting:
        waited, result, (conflict,) = conflicting.run_meanwhile(
            partial(item_results, agency, withdrawal(ballot))
        )

    assert waited
    assert conflict.reason == "envelope_conflict"
    assert result == [WITHDRAWN]
    assert tombstones(agency) == {stored_hash(ballot)}


def test_however_submissions_and_withdrawals_meet_the_ballots_end_withdrawn(
    service, agency, wave, ballot_factory
):
    ballots = ballot_factory.ballots(agency, wave, "a", 12)
    items = [item(ballot, content()) for ballot in ballots]
    others = [item(ballot, content()) for ballot in ballots]
    taken = [withdrawal(ballot) for ballot in ballots]

    run_concurrently(
        service,
        *(
            partial(item_results, agency, *batch)
            for batch in (items, items[::-1], others, taken, taken[::-1], items)
        ),
    )

    assert tombstones(agency) == {stored_hash(ballot) for ballot in ballots}
