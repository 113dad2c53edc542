"""``Retry-After``: kept by the monotonic clock, whoever presses what."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from peer.documents import NOW
from peer.faults import at, clear, drop_request, instead, lose_reply
from peer.phone import HeldClock, answer
from peer.service import CODE, problem

from rapport_client import Response, RetryLater
from rapport_client.line import LONGEST_WAIT, retry_after

SUBMISSIONS = "/v1/submissions"
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


def busy(wish, status=503, **headers):
    """A service that asks for patience, in its own words."""
    response = problem(status, "busy", retry="later")
    return instead(
        Response(
            status, {**response.headers, "retry-after": wish, **headers}, response.body
        )
    )


def asked(peer):
    return peer.paths().count(SUBMISSIONS)


def test_pressing_send_does_not_beat_it_and_says_how_long(answered, peer):
    peer.interfere = at(SUBMISSIONS, busy("120"))
    assert answered.sync().retry_after == 120
    peer.interfere = clear
    answered.held.pass_by(seconds=119)

    report = answered.sync()

    assert asked(peer) == 1
    assert (report.waiting, report.retry_after) == (1, 1)
    assert "try again in 1 seconds" in report.problem
    assert not report.offline

    answered.held.pass_by(seconds=1)
    report = answered.sync()
    assert (report.waiting, report.retry_after) == (0, None)


def test_it_outlives_the_process(answered, peer, new_phone):
    peer.interfere = at(SUBMISSIONS, busy("600"))
    answered.sync()
    peer.interfere = clear

    again = new_phone(clock=answered.held)
    assert again.sync().retry_after == 600
    answered.held.pass_by(seconds=600)
    assert again.sync().accepted == 1


@pytest.mark.parametrize("jump", [timedelta(days=18_262), -timedelta(days=18_262)])
def test_a_jump_of_the_wall_clock_neither_shortens_nor_lengthens_it(
    answered, peer, jump
):
    peer.interfere = at(SUBMISSIONS, busy("600"))
    answered.sync()
    peer.interfere = clear
    answered.now += jump

    assert answered.sync().retry_after == 600
    answered.held.monotonic_seconds += 600
    assert answered.sync().accepted == 1


def test_after_a_reboot_the_time_since_the_start_has_certainly_passed(answered, peer):
    peer.interfere = at(SUBMISSIONS, busy("600"))
    answered.sync()
    peer.interfere = clear
    answered.held.pass_by(seconds=100)
    answered.held.reboot()

    assert answered.sync().retry_after == 599  # a second since the start
    answered.held.pass_by(seconds=599)
    assert answered.sync().accepted == 1


def test_it_outlives_the_process_where_nobody_can_tell_a_reboot(
    answered, peer, new_phone
):
    """Where the system names no boot, each process has a name of its own for it."""
    peer.interfere = at(SUBMISSIONS, busy("600"))
    answered.sync()
    peer.interfere = clear

    later = replace(answered.held, boot_name="another process")
    later.pass_by(seconds=1)
    again = new_phone(clock=later)

    assert again.sync().retry_after == 599
    later.pass_by(seconds=598)
    assert again.sync().accepted == 0
    later.pass_by(seconds=1)
    assert again.sync().accepted == 1


def test_it_holds_for_its_own_door(answered, peer, keys):
    peer.add_wave(keys[1])
    peer.interfere = at(SUBMISSIONS, busy("600"))
    answered._clock.source.pass_by(hours=1)

    assert answered.sync().waiting == 1
    peer.interfere = at("/v1/sync", busy("60"))
    answered.sync()
    peer.interfere = clear
    peer.log.clear()
    report = answered.sync()
    assert peer.log == []
    assert report.retry_after == 600


def test_enrolling_keeps_it_too(new_phone, peer):
    phone = new_phone()
    peer.interfere = at("/v1/enrolments", busy("30", status=429))
    with pytest.raises(Exception, match="busy"):
        phone.enrol(CODE)
    peer.interfere = clear

    with pytest.raises(RetryLater) as told:
        phone.enrol(CODE)

    assert told.value.seconds == 30
    phone.held.pass_by(seconds=30)
    phone.enrol(CODE)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "86400"}, 86400),
        ({"retry-after": "999999999"}, LONGEST_WAIT),
        ({"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT", "date": DATE}, 60),
        ({"retry-after": "Tue, 24 Nov 2026 11:59:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Wed, 24 Nov 2027 12:00:00 GMT", "date": DATE}, LONGEST_WAIT),
        ({"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT"}, 0),
        ({"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT", "date": "never"}, 0),
        ({"retry-after": "soon", "date": DATE}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "1.5"}, 0),
        ({"retry-after": "²"}, 0),
        ({"retry-after": ""}, 0),
        ({}, 0),
    ],
)
def test_a_wish_is_read_as_seconds_or_by_the_replys_own_date(headers, seconds):
    assert retry_after(Response(503, headers, b"")) == seconds


def test_a_reply_that_is_no_refusal_asks_for_nothing():
    """A captive portal's page shall silence nobody."""
    assert retry_after(Response(200, {"retry-after": "600"}, b"")) == 0


def test_nobody_silences_a_device_for_more_than_a_day(answered, peer):
    peer.interfere = at(SUBMISSIONS, busy("999999999"))

    assert answered.sync().retry_after == 86400


# Of its own accord: the loop.


@pytest.fixture
def looping(answered):
    """A loop that waits no longer than it must, with an answer to send."""
    loop = answered.loop()
    loop._dice.uniform = lambda low, _: low
    loop._apart = loop._minutes()
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
    looping.step()
    peer.interfere = clear
    peer.log.clear()

    while not asked(peer):
        answered.held.pass_by(seconds=looping.step())

    assert answered.held.monotonic_seconds - 1000 >= 3600


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
    loop, told = answered.loop(), []

    def tell(report):
        told.append(report)
        loop.stop()

    loop.run(tell)

    assert [str(report) for report in told] == ["accepted=1 waiting=0 dead=0"]
    assert answered.status().settled == 1


def test_a_connection_that_comes_back_wakes_the_loop(answered, peer):
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


def test_the_clocks_of_these_tests_are_held():
    clock = HeldClock()
    clock.pass_by(seconds=5)

    assert clock.now == NOW + timedelta(seconds=5)
    assert clock.monotonic() == 1005
