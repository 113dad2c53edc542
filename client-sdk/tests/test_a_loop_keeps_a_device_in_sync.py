"""A loop keeps a device in sync by itself, politely, and never says who answered."""

import signal
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from peer.faults import at, clear, drop_request, lose_reply
from peer.overload import busy
from peer.phone import answer

SUBMISSIONS = "/v1/submissions"


def asked(peer):
    return peer.paths().count(SUBMISSIONS)


@pytest.fixture
def looping(answered):
    """A loop that waits no longer than it must, with an answer to send.

    The person's last sync, which asked the poll book, was a while ago.
    """
    answered.held.pass_by(minutes=5)
    loop = answered.loop()
    loop._dice.uniform = lambda low, _: low
    loop._quiet = loop._apart = loop._minutes()
    return loop


def step_until(loop, phone, peer, path):
    """Steps until a path was asked for; how many seconds passed before that."""
    began = phone.held.monotonic_seconds
    while True:
        wait = loop.step()
        if path in peer.paths():
            return phone.held.monotonic_seconds - began
        phone.held.pass_by(seconds=wait)


def test_the_loop_sends_first(peer, looping):
    looping.step()

    assert peer.paths() == [SUBMISSIONS]
    assert str(looping.report) == "accepted=1 waiting=0 dead=0"


@pytest.mark.parametrize("reply", [clear, lose_reply, busy("1")])
def test_the_loop_does_not_say_who_is_here_in_the_wake_of_a_submission(
    answered, peer, looping, reply
):
    peer.interfere = at(SUBMISSIONS, reply)
    looping.step()
    peer.interfere = at(SUBMISSIONS, drop_request)
    looping._syncing.sender.pace = replace(looping._syncing.sender.pace, not_before=1e9)

    assert step_until(looping, answered, peer, "/v1/sync") >= 120


def test_the_loop_submits_nothing_in_the_wake_of_the_poll_book(
    answered, peer, looping, keys
):
    peer.add_wave(keys[1])
    step_until(looping, answered, peer, "/v1/ballots")
    answer(answered)
    peer.log.clear()

    assert step_until(looping, answered, peer, SUBMISSIONS) >= 120


def test_a_loop_that_begins_anew_keeps_the_minutes_of_the_one_before(
    answered, new_phone, peer, looping, keys
):
    """The app was closed and opened, or a person ran a sync beside the loop."""
    peer.add_wave(keys[1])
    step_until(looping, answered, peer, "/v1/ballots")
    answer(answered)
    peer.log.clear()
    again = new_phone(clock=answered.held).loop()

    assert step_until(again, answered, peer, SUBMISSIONS) >= 120

    peer.log.clear()
    again._draw_at = 0.0
    third = new_phone(clock=answered.held).loop()
    assert step_until(third, answered, peer, "/v1/sync") >= 120


def test_after_a_start_of_the_device_nothing_was_asked_yet(answered, peer):
    answered.held.reboot()

    answered.loop().step()

    assert peer.paths()[0] == SUBMISSIONS


def test_the_loop_backs_off_and_starts_again(answered, peer, looping):
    """T14: no early request during the outage, and a quick start after it."""
    peer.interfere = drop_request
    times = []
    while answered.held.monotonic_seconds < 1000 + 6 * 3600:
        before = asked(peer)
        wait = looping.step()
        if asked(peer) > before:
            times.append(answered.held.monotonic_seconds)
        answered.held.pass_by(seconds=wait)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 2
    assert len(times) < 200

    peer.interfere = clear
    started = answered.held.monotonic_seconds
    while answered.status().queued:
        answered.held.pass_by(seconds=looping.step())
    assert answered.held.monotonic_seconds - started <= 15 * 60 + 240


def test_the_loop_keeps_a_wish_of_the_service(answered, peer, looping):
    peer.interfere = at(SUBMISSIONS, busy("3600"))
    began = answered.held.monotonic_seconds
    looping.step()
    peer.interfere = clear
    peer.log.clear()

    while not asked(peer):
        answered.held.pass_by(seconds=looping.step())

    assert answered.held.monotonic_seconds - began >= 3600


def test_a_connection_that_comes_back_is_used_early_but_not_against_a_wish(
    answered, peer, looping
):
    looping._draw_at = 1e9
    peer.interfere = drop_request
    looping._syncing.sender._dice.random = lambda: 0.99
    for _ in range(8):
        answered.held.pass_by(seconds=looping.step())
    tried = asked(peer)
    peer.interfere = at(SUBMISSIONS, busy("3600"))

    looping.connected()
    looping.step()
    assert asked(peer) == tried + 1

    peer.interfere = clear
    answered.held.pass_by(seconds=60)
    looping.connected()
    looping.step()
    assert asked(peer) == tried + 1


def test_the_loop_ends_when_it_is_told_to(answered):
    answered.held.pass_by(minutes=5)
    loop, told = answered.loop(), []

    def tell(report):
        told.append(report)
        loop.stop()

    loop.run(tell)

    assert [str(report) for report in told] == ["accepted=1 waiting=0 dead=0"]
    assert answered.status().settled == 1


def test_a_signal_that_does_not_interrupt_the_wait_ends_the_loop_as_well(
    answered, monkeypatch
):
    monkeypatch.setattr("rapport_client.sync.loop.LOOK_EVERY", 3600.0)
    loop, overslept = answered.loop(), []

    def give_up():
        overslept.append(True)
        loop.stop()

    # Another thread receives the signal, so that the wait goes on.
    elsewhere = threading.Timer(
        0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
    )
    deadline = threading.Timer(60, give_up)
    before = signal.signal(signal.SIGUSR2, lambda *_: loop.stop())
    try:
        elsewhere.start()
        deadline.start()
        loop.run()
    finally:
        deadline.cancel()
        elsewhere.join()
        signal.signal(signal.SIGUSR2, before)

    assert overslept == []


def test_a_connection_that_comes_back_wakes_the_loop(answered, peer):
    answered.held.pass_by(minutes=5)
    loop = answered.loop()
    peer.interfere = drop_request
    told = []

    def tell(report):
        told.append(report)
        peer.interfere = clear
        answered.held.pass_by(minutes=10)
        loop.connected() if len(told) == 1 else loop.stop()

    loop.run(tell)

    assert [report.waiting for report in told] == [1, 0]
