"""Withdrawals against the seal, against submissions, against each other: at once."""

from functools import partial

import pytest

from rapport_service.ballotbox.models import Answer, Conflict
from rapport_service.ballotbox.submit import submit as take
from rapport_service.db import Door
from rapport_service.waves.seal import begin_seal
from tests.at_once import at_once
from tests.ballotbox.withdrawing import TOO_LATE, WITHDRAWN, told, tombstones
from tests.ballots import hashed
from tests.held_open import held_open
from tests.phone import content, item, withdrawal
from tests.sealing import pass_the_close
from tests.stored import rows_of


def beginning(agency, wave):
    """The first step of the seal, in a transaction that somebody keeps open."""
    return partial(begin_seal, wave=agency.wave(wave), now=agency.house.clock())


def test_sealing_waits_for_a_withdrawal_under_way_and_does_not_count_it(
    house, agency, ballot
):
    told(agency, item(ballot, content()))
    pass_the_close(agency)
    house.clock.turn(days=7)

    def tick():
        with house.app.app_context():
            agency.tick()

    doing = partial(take, raws=[withdrawal(ballot)])
    with held_open(house, Door.BALLOT_BOX, doing) as withdrawing:
        waited, _, (result,) = withdrawing.meanwhile(tick)

    assert waited
    assert result.status == "withdrawn"
    assert rows_of(Answer, agency) == []
    assert tombstones(agency) == {hashed(ballot)}


def test_a_withdrawal_waits_for_a_sealing_under_way_and_is_too_late(
    house, agency, wave, ballot
):
    told(agency, item(ballot, content()))
    pass_the_close(agency)
    house.clock.turn(days=7)

    with held_open(house, Door.SEAL, beginning(agency, wave)) as sealing:
        waited, result, _ = sealing.meanwhile(partial(told, agency, withdrawal(ballot)))
    agency.tick()

    assert waited
    assert result == [TOO_LATE]
    assert len(rows_of(Answer, agency)) == 1


@pytest.mark.parametrize("second", [content(), None], ids=["other content", "again"])
def test_what_comes_while_a_withdrawal_is_under_way_finds_it_done(
    house, agency, ballot, second
):
    told(agency, item(ballot, content()))
    act = withdrawal(ballot) if second is None else item(ballot, second)

    doing = partial(take, raws=[withdrawal(ballot)])
    with held_open(house, Door.BALLOT_BOX, doing) as withdrawing:
        waited, result, _ = withdrawing.meanwhile(partial(told, agency, act))

    assert waited
    assert result == [WITHDRAWN]
    assert tombstones(agency) == {hashed(ballot)}
    assert rows_of(Conflict, agency) == []


def test_a_withdrawal_waits_for_other_content_under_way_and_destroys_it(
    house, agency, ballot
):
    told(agency, item(ballot, content()))

    doing = partial(take, raws=[item(ballot, content())])
    with held_open(house, Door.BALLOT_BOX, doing) as conflicting:
        waited, result, (conflict,) = conflicting.meanwhile(
            partial(told, agency, withdrawal(ballot))
        )

    assert waited
    assert conflict.reason == "content-conflict"
    assert result == [WITHDRAWN]
    assert rows_of(Conflict, agency) == []


def test_however_submissions_and_withdrawals_meet_the_ballots_end_withdrawn(
    house, agency, wave, press
):
    ballots = press.ballots(agency, wave, "a", 12)
    items = [item(ballot, content()) for ballot in ballots]
    others = [item(ballot, content()) for ballot in ballots]
    taken = [withdrawal(ballot) for ballot in ballots]

    at_once(
        house,
        *(
            partial(told, agency, *batch)
            for batch in (items, items[::-1], others, taken, taken[::-1], items)
        ),
    )

    assert tombstones(agency) == {hashed(ballot) for ballot in ballots}
    assert rows_of(Conflict, agency) == []
