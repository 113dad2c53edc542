"""``Retry-After`` is kept by the monotonic clock, whichever command is used."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fake_service.documents import NOW
from fake_service.faults import no_fault, on_path, reply_with
from fake_service.overload import busy
from fake_service.phone import ManualClock
from fake_service.service import CODE

from rapport_client import Response, RetryLater
from rapport_client._sync.gated_transport import MAX_RETRY_AFTER, parse_retry_after

SUBMISSIONS = "/v1/submissions"
DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


def count_submissions(service):
    return service.paths().count(SUBMISSIONS)


def test_send_button_does_not_override_retry_after_and_says_how_long(
    answered_phone, service
):
    service.intercept = on_path(SUBMISSIONS, busy("120"))
    assert answered_phone.sync().retry_after == 120
    service.intercept = no_fault
    answered_phone.held.advance(seconds=119)

    report = answered_phone.sync()

    assert count_submissions(service) == 1
    assert (report.waiting, report.retry_after) == (1, 1)
    assert "try again in 1 seconds" in report.problem
    assert not report.offline

    answered_phone.held.advance(seconds=1)
    report = answered_phone.sync()
    assert (report.waiting, report.retry_after) == (0, None)


def test_retry_after_outlives_the_process(answered_phone, service, new_phone):
    service.intercept = on_path(SUBMISSIONS, busy("600"))
    answered_phone.sync()
    service.intercept = no_fault

    again = new_phone(clock=answered_phone.held)
    assert again.sync().retry_after == 600
    answered_phone.held.advance(seconds=600)
    assert again.sync().accepted == 1


@pytest.mark.parametrize("jump", [timedelta(days=18_262), -timedelta(days=18_262)])
def test_a_jump_of_the_wall_clock_neither_shortens_nor_lengthens_it(
    answered_phone, service, jump
):
    service.intercept = on_path(SUBMISSIONS, busy("600"))
    answered_phone.sync()
    service.intercept = no_fault
    answered_phone.now += jump

    assert answered_phone.sync().retry_after == 600
    answered_phone.held.monotonic_seconds += 600
    assert answered_phone.sync().accepted == 1


def test_after_a_reboot_the_time_since_the_start_has_certainly_passed(
    answered_phone, service
):
    service.intercept = on_path(SUBMISSIONS, busy("600"))
    answered_phone.sync()
    service.intercept = no_fault
    answered_phone.held.advance(seconds=100)
    answered_phone.held.reboot()

    assert answered_phone.sync().retry_after == 599  # a second since the start
    answered_phone.held.advance(seconds=599)
    assert answered_phone.sync().accepted == 1


def test_retry_after_outlives_the_process_where_reboots_are_undetectable(
    answered_phone, service, new_phone
):
    """Each process has a boot name of its own where the system gives none."""
    service.intercept = on_path(SUBMISSIONS, busy("600"))
    answered_phone.sync()
    service.intercept = no_fault

    later = replace(answered_phone.held, boot_name="another process")
    later.advance(seconds=1)
    again = new_phone(clock=later)

    assert again.sync().retry_after == 599
    later.advance(seconds=598)
    assert again.sync().accepted == 0
    later.advance(seconds=1)
    assert again.sync().accepted == 1


def test_retry_after_holds_for_its_own_door(answered_phone, service, keys):
    service.add_wave(keys[1])
    service.intercept = on_path(SUBMISSIONS, busy("600"))
    answered_phone._clock.source.advance(hours=1)

    assert answered_phone.sync().waiting == 1
    service.intercept = on_path("/v1/sync", busy("60"))
    answered_phone.sync()
    service.intercept = no_fault
    service.log.clear()
    report = answered_phone.sync()
    assert service.log == []
    assert report.retry_after == 600


def test_enrolling_keeps_it_too(new_phone, service):
    phone = new_phone()
    service.intercept = on_path("/v1/enrolments", busy("30", status=429))
    with pytest.raises(Exception, match="busy"):
        phone.enrol(CODE)
    service.intercept = no_fault

    with pytest.raises(RetryLater) as refused:
        phone.enrol(CODE)

    assert refused.value.seconds == 30
    phone.held.advance(seconds=30)
    phone.enrol(CODE)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "86400"}, 86400),
        ({"retry-after": "999999999"}, MAX_RETRY_AFTER),
        ({"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT", "date": DATE}, 60),
        ({"retry-after": "Tue, 24 Nov 2026 11:59:00 GMT", "date": DATE}, 0),
        (
            {"retry-after": "Wed, 24 Nov 2027 12:00:00 GMT", "date": DATE},
            MAX_RETRY_AFTER,
        ),
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
def test_retry_after_is_read_as_seconds_or_by_the_replys_own_date(headers, seconds):
    assert parse_retry_after(Response(503, headers, b"")) == seconds


@pytest.mark.parametrize("status", [200, 429, 503])
def test_a_stranger_silences_no_device(answered_phone, service, status):
    """A captive portal, or a proxy on the way, may not keep an answer for a day."""
    headers = {"retry-after": "86400", "content-type": "text/html"}
    service.intercept = on_path(
        SUBMISSIONS, reply_with(Response(status, headers, b"<html>"))
    )
    assert answered_phone.sync().retry_after is None
    service.intercept = no_fault

    assert answered_phone.sync().accepted == 1


def test_retry_after_silences_a_device_for_a_day_at_most(answered_phone, service):
    service.intercept = on_path(SUBMISSIONS, busy("999999999"))

    assert answered_phone.sync().retry_after == 86400


# Of its own accord: the loop.


def test_the_clocks_of_these_tests_are_held():
    clock = ManualClock()
    clock.advance(seconds=5)

    assert clock.now == NOW + timedelta(seconds=5)
    assert clock.monotonic() == 1005
