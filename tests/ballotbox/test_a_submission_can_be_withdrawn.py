"""What a withdrawal does, by what its ballot did before it, and when."""

import pytest

from rapport_service.ballotbox.models import (
    Answer,
    Conflict,
    Spent,
    Submission,
)
from rapport_service.cli.tick import ORDER_TELLS
from rapport_service.record.models import Release
from rapport_service.tidying import tidy
from rapport_service.waves.publish import commitment
from tests.ballotbox.withdrawing import TOO_LATE, WITHDRAWN, told, tombstones
from tests.ballots import digest_of, hashed
from tests.disk import found
from tests.phone import content, item, withdrawal
from tests.sealing import begin, cancel, finish, pass_the_close, retire
from tests.stored import rows_of

DUPLICATE = ("duplicate", None)


# Before the seal


def test_what_was_accepted_is_erased_and_does_not_come_back(agency, ballot):
    frozen = content()
    told(agency, item(ballot, frozen))

    results = told(agency, withdrawal(ballot), item(ballot, frozen), withdrawal(ballot))

    assert results == [WITHDRAWN] * 3
    assert tombstones(agency) == {hashed(ballot)}


def test_a_ballot_can_be_withdrawn_before_it_has_said_anything(agency, ballot):
    results = told(agency, withdrawal(ballot), item(ballot, content()))

    assert results == [WITHDRAWN] * 2
    assert tombstones(agency) == {hashed(ballot)}


@pytest.mark.parametrize("held", ["{}", content(form=0).replace("0", "99", 1)])
def test_what_is_held_is_erased_too(agency, ballot, held):
    told(agency, item(ballot, held))

    assert told(agency, withdrawal(ballot)) == [WITHDRAWN]
    assert tombstones(agency) == {hashed(ballot)}


def test_other_contents_of_the_ballot_are_destroyed_and_kept_no_more(agency, ballot):
    told(agency, *(item(ballot, content()) for _ in range(4)))

    results = told(agency, withdrawal(ballot), item(ballot, content()))

    assert results == [WITHDRAWN] * 2
    assert rows_of(Conflict, agency) == []


def test_within_one_batch_each_item_hears_how_the_one_before_it_left_the_ballot(
    agency, ballot
):
    frozen, other = content(), content()

    results = told(
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
        ("held", "content-conflict"),
        WITHDRAWN,
        WITHDRAWN,
    ]
    assert tombstones(agency) == {hashed(ballot)}
    assert rows_of(Conflict, agency) == []


def test_a_withdrawal_touches_no_other_ballot(agency, wave, press):
    mine, theirs = press.ballots(agency, wave, "a", 2)
    frozen, other = content(), content()
    told(agency, item(mine, content()), item(theirs, frozen), item(theirs, other))

    told(agency, withdrawal(mine))

    assert told(agency, item(theirs, frozen)) == [DUPLICATE]
    kept = {row.ballot_hash for row in rows_of(Conflict, agency)}
    assert kept == {hashed(theirs)}


def test_no_byte_of_it_is_left_on_the_disk_after_the_next_tidying(agency, ballot):
    frozen, other = content(), content()
    told(agency, item(ballot, frozen), item(ballot, other))
    traces = {digest_of(text).encode() for text in (frozen, other)}
    traces |= {text.encode()[-30:] for text in (frozen, other)}  # their nonces
    before = found(traces)

    told(agency, withdrawal(ballot))
    tidy(ORDER_TELLS)

    assert before == traces
    assert found(traces) == set()


def test_a_withdrawn_ballot_is_not_counted_and_stays_withdrawn_after_the_seal(
    agency, wave, press
):
    counted, taken_back, silent = press.ballots(agency, wave, "a", 3)
    frozen = content()
    told(agency, item(counted, frozen), item(taken_back, frozen))
    told(agency, withdrawal(taken_back), withdrawal(silent))

    agency.seal()

    assert len(rows_of(Answer, agency)) == len(rows_of(Spent, agency)) == 1
    (release,) = rows_of(Release, agency)
    assert release.counted == commitment([hashed(counted)])
    results = told(agency, item(taken_back, frozen), item(silent, frozen))
    assert results == [WITHDRAWN] * 2


# After the seal


def test_what_a_release_counts_can_no_longer_be_withdrawn(agency, ballot):
    frozen = content()
    told(agency, item(ballot, frozen))
    agency.seal()

    results = told(agency, withdrawal(ballot), item(ballot, frozen), withdrawal(ballot))

    assert results == [TOO_LATE, DUPLICATE, TOO_LATE]
    assert len(rows_of(Answer, agency)) == 1


def test_it_is_too_late_as_soon_as_sealing_begins(agency, wave, ballot):
    frozen = content()
    told(agency, item(ballot, frozen))
    pass_the_close(agency)
    begin(agency, wave)

    result = told(agency, withdrawal(ballot))
    finish(agency, wave)

    assert result == told(agency, withdrawal(ballot)) == [TOO_LATE]
    assert len(rows_of(Answer, agency)) == 1


@pytest.mark.parametrize("frozen", [content(), "{}"], ids=["late", "held"])
def test_what_no_release_counts_can_be_withdrawn_at_any_time(agency, ballot, frozen):
    agency.seal()
    told(agency, item(ballot, frozen), item(ballot, content()))

    results = told(agency, withdrawal(ballot), item(ballot, frozen))

    assert results == [WITHDRAWN] * 2
    assert tombstones(agency) == {hashed(ballot)}
    assert rows_of(Conflict, agency) == []


def test_a_ballot_that_was_silent_until_the_seal_can_still_be_withdrawn(agency, ballot):
    agency.seal()

    results = told(agency, withdrawal(ballot), item(ballot, content()))

    assert results == [WITHDRAWN] * 2


# The ends of a wave


def test_in_a_cancelled_wave_everything_is_final(agency, wave, ballot, press):
    (other,) = press.ballots(agency, wave, "a", 1)
    told(agency, withdrawal(other))
    cancel(agency, wave)

    results = told(agency, withdrawal(ballot), withdrawal(other))

    assert results == [("final", "wave-cancelled")] * 2
    assert rows_of(Submission, agency) == []


def test_a_tombstone_answers_until_its_wave_retires(agency, ballot):
    told(agency, withdrawal(ballot))
    agency.seal()
    agency.tick(days=390)
    until = told(agency, item(ballot, content()))

    retire(agency)

    assert until == [WITHDRAWN]
    results = told(agency, withdrawal(ballot), item(ballot, content()))
    assert results == [("final", "expired")] * 2
    assert rows_of(Submission, agency) == []
