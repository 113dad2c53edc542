"""A wall clock that is wrong by decades: its effects, and their limits."""

from dataclasses import replace
from datetime import timedelta
from http.client import OK

import pytest
from fake_service.documents import NOW
from fake_service.faults import edit_reply, no_fault, on_path, reply_with
from fake_service.phone import SERVER, ManualClock, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_client import PulseNotOpen, Response, SystemClock
from rapport_client._sync.clock import read_date

DECADES = timedelta(days=18_262)


@pytest.fixture(params=[DECADES, -DECADES], ids=["ahead", "behind"])
def phone_with_wrong_clock(request, new_phone, server_clock):
    """A phone with a wall clock fifty years off that has seen the service's date."""
    phone = new_phone(clock=ManualClock(server_clock.now + request.param))
    phone.enrol(CODE)
    phone.sync()
    return phone


def advance_both(phone, server_clock, **duration):
    phone.held.advance(**duration)
    server_clock.advance(**duration)


def test_a_pulse_is_shown_by_the_services_time(phone_with_wrong_clock):
    assert len(phone_with_wrong_clock.open_pulses()) == 1
    assert phone_with_wrong_clock.status().last_contact == NOW


def test_a_pulse_closes_when_it_should(phone_with_wrong_clock, server_clock):
    (pulse,) = phone_with_wrong_clock.open_pulses()
    advance_both(phone_with_wrong_clock, server_clock, days=6, seconds=-1)
    assert phone_with_wrong_clock.open_pulses() == [pulse]

    advance_both(phone_with_wrong_clock, server_clock, seconds=1)

    assert phone_with_wrong_clock.open_pulses() == []
    with pytest.raises(PulseNotOpen, match="closed"):
        phone_with_wrong_clock.answer(pulse, {each.id: 4 for each in pulse.questions})


def test_a_jump_within_one_boot_changes_nothing(phone_with_wrong_clock):
    for jump in (DECADES, -2 * DECADES, DECADES):
        phone_with_wrong_clock.now += jump
        assert len(phone_with_wrong_clock.open_pulses()) == 1


def test_after_a_reboot_the_wall_clock_is_moved_by_what_it_was_off(
    phone_with_wrong_clock, server_clock
):
    advance_both(phone_with_wrong_clock, server_clock, hours=3)
    phone_with_wrong_clock.held.reboot()

    assert len(phone_with_wrong_clock.open_pulses()) == 1
    advance_both(phone_with_wrong_clock, server_clock, days=6)
    assert phone_with_wrong_clock.open_pulses() == []


def test_time_has_not_gone_back_since_the_last_contact(new_phone, server_clock):
    """The battery was pulled: the clock is in 1970, the last contact later."""
    phone = new_phone(clock=ManualClock(server_clock.now))
    phone.enrol(CODE)
    phone.sync()
    phone.now -= timedelta(days=20_000)
    phone.held.reboot()

    assert phone._clock.now() == NOW
    assert len(phone.open_pulses()) == 1


def test_wall_clock_is_used_without_any_contact(new_phone):
    assert new_phone()._clock.now() == NOW
    assert new_phone()._clock.trusted_now() is None


def test_after_a_reboot_nothing_is_sure(phone_with_wrong_clock):
    assert phone_with_wrong_clock._clock.trusted_now() == NOW
    phone_with_wrong_clock.held.reboot()

    assert phone_with_wrong_clock._clock.trusted_now() is None


@pytest.mark.parametrize("off", [0.0, 0.4, 0.999])
def test_a_wall_clock_that_agrees_to_the_second_is_the_better_one(
    new_phone, server_clock, off
):
    phone = new_phone(clock=ManualClock(server_clock.now + timedelta(seconds=off)))
    phone.enrol(CODE)
    phone.sync()

    assert phone._clock.now() == phone.now


def test_the_time_of_a_reply_that_failed_its_checks_is_not_believed(
    answered_phone, service, server_clock
):
    server_clock.now += DECADES
    service.intercept = on_path(
        "/v1/submissions", edit_reply(lambda reply: reply.update(batch="another"))
    )
    answered_phone._pollbook.pull = lambda _: pytest.fail("not asked")
    answered_phone._engine.send()

    assert answered_phone._clock.trusted_now() is None


@pytest.mark.parametrize(
    "foreign",
    [
        Response(200, {"content-type": "application/json"}, b'{"welcome": true}'),
        Response(304, {}, b""),
        Response(304, {"etag": '"of another list"'}, b""),
    ],
    ids=["no list", "304 of nothing", "304 of another list"],
)
def test_the_time_of_what_is_no_list_of_pulses_is_not_believed(
    phone, service, server_clock, foreign
):
    server_clock.now += DECADES
    service.intercept = on_path("/v1/sync", reply_with(service._with_date(foreign)))

    report = phone.sync()

    assert report.problem is not None
    assert phone._clock.trusted_now() is None
    assert len(phone.open_pulses()) == 1


@pytest.mark.parametrize("tag", ["{}", "W/{}"], ids=["strong", "weakened by a proxy"])
def test_the_time_of_a_304_about_the_very_list_is_believed(
    phone, service, server_clock, tag
):
    held, _ = phone._account.pollbook.pull(None)
    not_modified = Response(304, {"etag": tag.format(held.etag)}, b"")
    service.intercept = on_path(
        "/v1/sync", reply_with(service._with_date(not_modified))
    )

    assert phone.sync().problem is None

    assert phone._clock.trusted_now() == server_clock.now


INVALID_DATES = [
    *("", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT"),
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    "Fri, 31 Dec 9999 23:59:59 GMT",
]


@pytest.mark.parametrize("date", INVALID_DATES)
def test_a_date_that_is_none_is_passed_over(date):
    assert read_date(date) is None


@pytest.mark.parametrize("date", INVALID_DATES)
@pytest.mark.parametrize("status", [200, 503])
def test_no_date_breaks_a_sync_or_the_clock(answered_phone, service, date, status):
    def dated(_, reply):
        response = reply() if status == OK else Response(status, {}, b"")
        dates = {"date": date, "retry-after": date}
        return replace(response, headers={**response.headers, **dates})

    service.intercept = dated
    answered_phone.sync()
    answered_phone.held.advance(days=1)

    assert answered_phone._clock.now() == answered_phone.now
    service.intercept = no_fault
    answered_phone.sync()
    assert len(service.contents) == 1


def test_no_time_is_ever_sent(phone_with_wrong_clock, service):
    answer_first_pulse(phone_with_wrong_clock)
    phone_with_wrong_clock.sync()

    for request in service.log:
        assert "date" not in {name.lower() for name in request.headers}
        assert b"2026" not in request.body
        assert b"2076" not in request.body
        assert b"1976" not in request.body


# I10: whatever the clock does, the same items end in the same way and order.


def simulate_device(folder, keys, jumps):
    """A life with three waves, during which the wall clock jumps; how it ended."""
    jumps = iter(jumps)
    service, server_clock = FakeService(), ManualClock()
    service.clock = lambda: server_clock.now
    for key in keys:
        service.add_wave(key)
    clock = ManualClock(NOW + next(jumps))
    with Phone(folder / "outbox.db", SERVER, transport=service, clock=clock) as phone:
        phone.enrol(CODE)
        clock.now += next(jumps)
        phone.sync()
        for value in (1, 2, 3):
            clock.now += next(jumps)
            answer_first_pulse(phone, value)
        clock.now += next(jumps)
        phone.sync()
        clock.now += next(jumps)
        phone.sync()
        items = phone.status().items
    order = [content["answers"]["A0"] for content in service.contents]
    return order, [(item.op, item.state, item.status) for item in items]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    jumps=st.lists(st.timedeltas(-DECADES, DECADES / 2), min_size=7, max_size=7),
    at_boot=st.sampled_from([timedelta(), DECADES, -DECADES]),
)
def test_clock_jumps_change_no_result_and_no_order(
    tmp_path_factory, keys, jumps, at_boot
):
    """T10: at the start, in the middle and just before a sync."""
    ended = simulate_device(
        tmp_path_factory.mktemp("jumping"), keys, [at_boot, *jumps[1:]]
    )

    assert ended == ([1, 2, 3], [("submit", "settled", "accepted")] * 3)


def test_the_clocks_of_the_system_are_what_they_say():
    clock = SystemClock()

    first = clock.monotonic()
    assert clock.monotonic() >= first
    assert clock.boot() == SystemClock().boot()
    assert clock.wall() > NOW.timestamp() - 10 * DECADES.total_seconds()
