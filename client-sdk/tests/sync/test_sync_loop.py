"""A loop keeps a device in sync with polite pacing, and never says who answered."""

import signal
import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from fake_service.faults import drop_request, lose_reply, no_fault, on_path
from fake_service.overload import busy
from fake_service.phone import answer_first_pulse

SUBMISSIONS = "/v1/submissions"


def count_submissions(service):
    return service.paths().count(SUBMISSIONS)


@pytest.fixture
def answered_loop(answered_phone):
    """A loop that waits no longer than it must, with an answer to send.

    The person's last sync, which asked the poll book, was a while ago.
    """
    answered_phone.held.advance(minutes=5)
    loop = answered_phone.loop()
    loop._rng.uniform = lambda low, _: low
    loop._gap_before_send = loop._gap_before_draw = loop._random_gap()
    return loop


def step_until(loop, phone, service, path):
    """Steps until a path was asked for; how many seconds passed before that."""
    began = phone.held.monotonic_seconds
    while True:
        wait = loop.step()
        if path in service.paths():
            return phone.held.monotonic_seconds - began
        phone.held.advance(seconds=wait)


def test_the_loop_sends_first(service, answered_loop):
    answered_loop.step()

    assert service.paths() == [SUBMISSIONS]
    assert str(answered_loop.report) == "accepted=1 waiting=0 dead=0"


@pytest.mark.parametrize("reply", [no_fault, lose_reply, busy("1")])
def test_the_loop_does_not_say_who_is_here_in_the_wake_of_a_submission(
    answered_phone, service, answered_loop, reply
):
    service.intercept = on_path(SUBMISSIONS, reply)
    answered_loop.step()
    service.intercept = on_path(SUBMISSIONS, drop_request)
    answered_loop._engine.sender.pace = replace(
        answered_loop._engine.sender.pace, not_before=1e9
    )

    assert step_until(answered_loop, answered_phone, service, "/v1/sync") >= 120


def test_the_loop_submits_nothing_in_the_wake_of_the_poll_book(
    answered_phone, service, answered_loop, keys
):
    service.add_wave(keys[1])
    step_until(answered_loop, answered_phone, service, "/v1/ballots")
    answer_first_pulse(answered_phone)
    service.log.clear()

    assert step_until(answered_loop, answered_phone, service, SUBMISSIONS) >= 120


def test_a_loop_that_begins_anew_keeps_the_minutes_of_the_one_before(
    answered_phone, new_phone, service, answered_loop, keys
):
    """The app was closed and opened, or a person ran a sync during the loop."""
    service.add_wave(keys[1])
    step_until(answered_loop, answered_phone, service, "/v1/ballots")
    answer_first_pulse(answered_phone)
    service.log.clear()
    again = new_phone(clock=answered_phone.held).loop()

    assert step_until(again, answered_phone, service, SUBMISSIONS) >= 120

    service.log.clear()
    again._next_draw_at = 0.0
    third = new_phone(clock=answered_phone.held).loop()
    assert step_until(third, answered_phone, service, "/v1/sync") >= 120


def test_after_a_start_of_the_device_nothing_was_asked_yet(answered_phone, service):
    answered_phone.held.reboot()

    answered_phone.loop().step()

    assert service.paths()[0] == SUBMISSIONS


def test_the_loop_backs_off_and_starts_again(answered_phone, service, answered_loop):
    """T14: no early request during the outage, and a quick start after it."""
    service.intercept = drop_request
    times = []
    while answered_phone.held.monotonic_seconds < 1000 + 6 * 3600:
        before = count_submissions(service)
        wait = answered_loop.step()
        if count_submissions(service) > before:
            times.append(answered_phone.held.monotonic_seconds)
        answered_phone.held.advance(seconds=wait)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= 2
    assert len(times) < 200

    service.intercept = no_fault
    started = answered_phone.held.monotonic_seconds
    while answered_phone.status().queued:
        answered_phone.held.advance(seconds=answered_loop.step())
    assert answered_phone.held.monotonic_seconds - started <= 15 * 60 + 240


def test_loop_keeps_retry_after(answered_phone, service, answered_loop):
    service.intercept = on_path(SUBMISSIONS, busy("3600"))
    began = answered_phone.held.monotonic_seconds
    answered_loop.step()
    service.intercept = no_fault
    service.log.clear()

    while not count_submissions(service):
        answered_phone.held.advance(seconds=answered_loop.step())

    assert answered_phone.held.monotonic_seconds - began >= 3600


def test_connection_that_comes_back_is_used_early_but_not_against_retry_after(
    answered_phone, service, answered_loop
):
    answered_loop._next_draw_at = 1e9
    service.intercept = drop_request
    answered_loop._engine.sender._rng.random = lambda: 0.99
    for _ in range(8):
        answered_phone.held.advance(seconds=answered_loop.step())
    tried = count_submissions(service)
    service.intercept = on_path(SUBMISSIONS, busy("3600"))

    answered_loop.connected()
    answered_loop.step()
    assert count_submissions(service) == tried + 1

    service.intercept = no_fault
    answered_phone.held.advance(seconds=60)
    answered_loop.connected()
    answered_loop.step()
    assert count_submissions(service) == tried + 1


def test_loop_ends_when_stopped(answered_phone):
    answered_phone.held.advance(minutes=5)
    loop, reports = answered_phone.loop(), []

    def record(report):
        reports.append(report)
        loop.stop()

    loop.run(record)

    assert [str(report) for report in reports] == ["accepted=1 waiting=0 dead=0"]
    assert answered_phone.status().settled == 1


def test_a_signal_that_does_not_interrupt_the_wait_ends_the_loop_as_well(
    answered_phone, monkeypatch
):
    monkeypatch.setattr("rapport_client._sync.engine.OUTBOX_POLL_INTERVAL", 3600.0)
    loop, overslept = answered_phone.loop(), []

    def stop_overslept():
        overslept.append(True)
        loop.stop()

    # Another thread receives the signal, so that the wait goes on.
    elsewhere = threading.Timer(
        0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
    )
    deadline = threading.Timer(60, stop_overslept)
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


def test_a_connection_that_comes_back_wakes_the_loop(answered_phone, service):
    answered_phone.held.advance(minutes=5)
    loop = answered_phone.loop()
    service.intercept = drop_request
    reports = []

    def record(report):
        reports.append(report)
        service.intercept = no_fault
        answered_phone.held.advance(minutes=10)
        loop.connected() if len(reports) == 1 else loop.stop()

    loop.run(record)

    assert [report.waiting for report in reports] == [1, 0]
