"""A phone's clock may be wrong by decades: what that changes, what it never does."""

from dataclasses import replace
from datetime import timedelta
from http.client import OK

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer.documents import NOW
from peer.faults import at, clear, edited, instead
from peer.phone import SERVER, HeldClock, Phone, answer
from peer.service import CODE, Peer

from rapport_client import PulseNotOpen, Response, SystemClock
from rapport_client.sync.clock import read_date

DECADES = timedelta(days=18_262)


@pytest.fixture(params=[DECADES, -DECADES], ids=["ahead", "behind"])
def wrong(request, new_phone, true):
    """A phone whose wall clock is fifty years off, and that has heard the time."""
    phone = new_phone(clock=HeldClock(true.now + request.param))
    phone.enrol(CODE)
    phone.sync()
    return phone


def together(phone, true, **duration):
    phone.held.pass_by(**duration)
    true.pass_by(**duration)


def test_a_pulse_is_shown_by_the_services_time(wrong):
    assert len(wrong.open_pulses()) == 1
    assert wrong.status().last_contact == NOW


def test_a_pulse_closes_when_it_should(wrong, true):
    (pulse,) = wrong.open_pulses()
    together(wrong, true, days=6, seconds=-1)
    assert wrong.open_pulses() == [pulse]

    together(wrong, true, seconds=1)

    assert wrong.open_pulses() == []
    with pytest.raises(PulseNotOpen, match="closed"):
        wrong.answer(pulse, {each.id: 4 for each in pulse.questions})


def test_a_jump_within_one_boot_changes_nothing(wrong):
    for jump in (DECADES, -2 * DECADES, DECADES):
        wrong.now += jump
        assert len(wrong.open_pulses()) == 1


def test_after_a_reboot_the_wall_clock_is_moved_by_what_it_was_off(wrong, true):
    together(wrong, true, hours=3)
    wrong.held.reboot()

    assert len(wrong.open_pulses()) == 1
    together(wrong, true, days=6)
    assert wrong.open_pulses() == []


def test_time_has_not_gone_back_since_the_last_contact(new_phone, true):
    """A battery that was pulled: the clock is in 1970, and the phone knows better."""
    phone = new_phone(clock=HeldClock(true.now))
    phone.enrol(CODE)
    phone.sync()
    phone.now -= timedelta(days=20_000)
    phone.held.reboot()

    assert phone._clock.now() == NOW
    assert len(phone.open_pulses()) == 1


def test_without_any_contact_the_wall_clock_is_all_there_is(new_phone):
    assert new_phone()._clock.now() == NOW
    assert new_phone()._clock.sure() is None


def test_after_a_reboot_nothing_is_sure(wrong):
    assert wrong._clock.sure() == NOW
    wrong.held.reboot()

    assert wrong._clock.sure() is None


@pytest.mark.parametrize("off", [0.0, 0.4, 0.999])
def test_a_wall_clock_that_agrees_to_the_second_is_the_better_one(new_phone, true, off):
    phone = new_phone(clock=HeldClock(true.now + timedelta(seconds=off)))
    phone.enrol(CODE)
    phone.sync()

    assert phone._clock.now() == phone.now


def test_the_time_of_a_reply_that_failed_its_checks_is_not_believed(
    answered, peer, true
):
    true.now += DECADES
    peer.interfere = at(
        "/v1/submissions", edited(lambda reply: reply.update(batch="another"))
    )
    answered._pollbook.pull = lambda _: pytest.fail("not asked")
    answered._syncing.send()

    assert answered._clock.sure() is None


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
    phone, peer, true, foreign
):
    true.now += DECADES
    peer.interfere = at("/v1/sync", instead(peer._dated(foreign)))

    report = phone.sync()

    assert report.problem is not None
    assert phone._clock.sure() is None
    assert len(phone.open_pulses()) == 1


@pytest.mark.parametrize("tag", ["{}", "W/{}"], ids=["strong", "weakened by a proxy"])
def test_the_time_of_a_304_about_the_very_list_is_believed(phone, peer, true, tag):
    held = phone._me.pollbook.pull(None)
    not_modified = Response(304, {"etag": tag.format(held.etag)}, b"")
    peer.interfere = at("/v1/sync", instead(peer._dated(not_modified)))

    assert phone.sync().problem is None

    assert phone._clock.sure() == true.now


NO_DATES = [
    *("", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT"),
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    "Fri, 31 Dec 9999 23:59:59 GMT",
]


@pytest.mark.parametrize("date", NO_DATES)
def test_a_date_that_is_none_is_passed_over(date):
    assert read_date(date) is None


@pytest.mark.parametrize("date", NO_DATES)
@pytest.mark.parametrize("status", [200, 503])
def test_no_date_breaks_a_sync_or_the_clock(answered, peer, date, status):
    def dated(_, reply):
        told = reply() if status == OK else Response(status, {}, b"")
        dates = {"date": date, "retry-after": date}
        return replace(told, headers={**told.headers, **dates})

    peer.interfere = dated
    answered.sync()
    answered.held.pass_by(days=1)

    assert answered._clock.now() == answered.now
    peer.interfere = clear
    answered.sync()
    assert len(peer.contents) == 1


def test_no_time_is_ever_sent(wrong, peer):
    answer(wrong)
    wrong.sync()

    for request in peer.log:
        assert "date" not in {name.lower() for name in request.headers}
        assert b"2026" not in request.body
        assert b"2076" not in request.body
        assert b"1976" not in request.body


# I10: whatever the clock does, the same items end in the same way and order.


def life(folder, keys, jumps):
    """A life with three waves, during which the wall clock jumps; how it ended."""
    jumps = iter(jumps)
    peer, true = Peer(), HeldClock()
    peer.clock = lambda: true.now
    for key in keys:
        peer.add_wave(key)
    clock = HeldClock(NOW + next(jumps))
    with Phone(folder / "outbox.db", SERVER, transport=peer, clock=clock) as phone:
        phone.enrol(CODE)
        clock.now += next(jumps)
        phone.sync()
        for value in (1, 2, 3):
            clock.now += next(jumps)
            answer(phone, value)
        clock.now += next(jumps)
        phone.sync()
        clock.now += next(jumps)
        phone.sync()
        items = phone.status().items
    order = [content["answers"]["A0"] for content in peer.contents]
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
def test_no_jump_of_the_clock_changes_a_fate_or_an_order(
    tmp_path_factory, keys, jumps, at_boot
):
    """T10: at the start, in the middle and just before a sync."""
    ended = life(tmp_path_factory.mktemp("jumping"), keys, [at_boot, *jumps[1:]])

    assert ended == ([1, 2, 3], [("submit", "settled", "accepted")] * 3)


def test_the_clocks_of_the_system_are_what_they_say():
    clock = SystemClock()

    first = clock.monotonic()
    assert clock.monotonic() >= first
    assert clock.boot() == SystemClock().boot()
    assert clock.wall() > NOW.timestamp() - 10 * DECADES.total_seconds()
