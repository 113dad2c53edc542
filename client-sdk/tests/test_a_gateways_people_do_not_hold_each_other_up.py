"""At the poll book each person of a gateway is by themselves."""

import pytest
from peer.faults import at, drop_request, instead
from peer.overload import busy
from peer.service import problem


def test_a_gateway_draws_for_everybody(gateway, crowd, peer, keys):
    crowd(3)
    peer.add_wave(keys[1])
    for name in gateway.people():
        assert gateway.person(name)._draws.all_pending() == []

    report = gateway.sync()

    assert report.drawn >= 1
    assert peer.paths().count("/v1/sync") == 3


def test_one_persons_trouble_at_the_poll_book_is_not_anothers(gateway, crowd, peer):
    """T15: an enrolment that has ended delays nobody's answer, its own among them."""
    crowd(3)
    peer.good_access.clear()
    peer.good_refresh.clear()

    report = gateway.sync()

    assert report.accepted == 3
    assert sum("may draw no more ballots" in each for each in report.notices) == 3
    assert report.needs_code


def book(fault):
    """A fault of the poll book alone: what waits is still taken."""
    return at("/v1/sync", fault)


@pytest.mark.parametrize("fault", [drop_request, busy("60")])
def test_a_line_that_fails_for_one_is_not_tried_for_all(gateway, crowd, peer, fault):
    """A hundred people would time out one after the other."""
    crowd(3)
    peer.interfere = book(fault)

    assert gateway.sync().accepted == 3
    gateway.sync()

    assert peer.paths().count("/v1/sync") <= 2


def test_a_broken_poll_book_reply_to_one_does_not_stop_the_others(gateway, crowd, peer):
    crowd(3)
    peer.interfere = book(instead(problem(500, "internal")))

    gateway.sync()

    assert peer.paths().count("/v1/sync") == 3


def test_a_poll_book_that_is_broken_is_not_asked_for_everybody(gateway, crowd, peer):
    """T14: a gateway of hundreds would multiply the load of a service that is down."""
    crowd(8)
    peer.interfere = book(instead(problem(500, "internal")))

    gateway.sync()

    assert peer.paths().count("/v1/sync") == 3


def test_rot_in_one_persons_enrolment_is_not_anothers(gateway, crowd, peer):
    crowd(3)
    rotten = gateway.person(gateway.people()[0])
    with rotten._me.space.database.write() as rows:
        rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = 'account'"
            " AND person = ?",
            (rotten._me.space.key,),
        )

    report = gateway.sync()

    assert report.accepted == 3
    assert "enrolment on this device cannot be read any more" in report.problem
    assert peer.paths().count("/v1/sync") == 2


def test_a_name_that_rotted_does_not_stop_a_gateway(gateway, crowd, peer, keys):
    first, *others = crowd(3)
    with gateway._file.database.write() as rows:
        rows.execute(
            "UPDATE people SET name = zeroblob(300) WHERE person = ?",
            (gateway.person(first)._me.space.key,),
        )
    peer.add_wave(keys[1])

    report = gateway.sync()

    assert report.accepted == 3
    assert peer.paths().count("/v1/sync") == 2
    assert gateway.people() == others
    gateway.person(first).sync()
    assert gateway.people() == [first, *others]
