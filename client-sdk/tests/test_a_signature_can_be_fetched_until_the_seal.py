"""A draw whose reply was lost is taken up again, also after its wave has closed."""

from datetime import timedelta

import pytest
from peer.faults import at, clear, edited, lose_reply
from peer.service import CODE

BALLOTS = "/v1/ballots"


@pytest.fixture
def lost(new_phone, peer):
    """A phone whose draw was signed, and that never heard of it."""
    phone = new_phone()
    phone.enrol(CODE)
    peer.interfere = at(BALLOTS, lose_reply)
    phone.sync()
    peer.interfere = clear
    peer.log.clear()
    return phone


def answering(status):
    return at(
        BALLOTS,
        edited(lambda reply: reply["results"][0].update(status=status, signature=None)),
    )


def test_it_is_asked_for_with_the_same_blinded_value_after_the_close(lost, wave):
    (blinded,) = wave.signed
    wave.state = "closed"

    assert lost.sync().drawn == 1
    assert list(wave.signed) == [blinded]


def test_it_is_asked_for_until_it_comes(lost, peer, wave):
    wave.state = "closed"
    for _ in range(3):
        peer.interfere = at(BALLOTS, lose_reply)
        assert lost.sync().drawn == 0
    peer.interfere = clear

    assert lost.sync().drawn == 1


@pytest.mark.parametrize("status", ["not-drawable", "already-drawn", "not-eligible"])
def test_it_is_given_up_once_there_is_none_to_come(lost, peer, wave, status):
    wave.state = "closed"
    peer.interfere = answering(status)
    lost.sync()
    peer.interfere = clear
    peer.log.clear()

    lost.sync()

    assert BALLOTS not in peer.paths()
    assert lost._draws.all_pending() == []


def test_while_the_wave_is_listed_it_is_never_given_up(lost, peer):
    peer.interfere = answering("not-drawable")
    lost.sync()
    peer.interfere = clear

    assert lost.sync().drawn == 1


@pytest.mark.parametrize("days", [-18_262, 18_262])
def test_no_clock_stops_the_asking(lost, wave, days):
    wave.state = "closed"
    lost.now += timedelta(days=days)

    assert lost.sync().drawn == 1


def test_a_revoked_device_asks_no_more(lost, peer):
    peer.revoked = True

    lost.sync()

    assert BALLOTS not in peer.paths()
