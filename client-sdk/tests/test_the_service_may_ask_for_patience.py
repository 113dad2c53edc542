"""``Retry-After``: kept by the monotonic clock, whoever presses what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from peer.documents import NOW
from peer.faults import at, clear
from peer.overload import busy
from peer.phone import HeldClock
from peer.service import CODE

from rapport_client import Response, RetryLater
from rapport_client.sync.line import LONGEST_WAIT, retry_after

SUBMISSIONS = "/v1/submissions"
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


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


def test_the_clocks_of_these_tests_are_held():
    clock = HeldClock()
    clock.pass_by(seconds=5)

    assert clock.now == NOW + timedelta(seconds=5)
    assert clock.monotonic() == 1005
