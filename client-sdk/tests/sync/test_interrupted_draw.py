"""A draw whose reply was lost is repeated, also after its wave has closed."""

from datetime import timedelta

import pytest
from fake_service.faults import edit_reply, lose_reply, no_fault, on_path
from fake_service.service import CODE

BALLOTS = "/v1/ballots"


@pytest.fixture
def phone_with_lost_draw(new_phone, service):
    """A phone whose draw was signed, but the reply was lost."""
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path(BALLOTS, lose_reply)
    phone.sync()
    service.intercept = no_fault
    service.log.clear()
    return phone


def reply_with_status(status):
    return on_path(
        BALLOTS,
        edit_reply(
            lambda reply: reply["results"][0].update(status=status, signature=None)
        ),
    )


def test_interrupted_draw_is_requested_with_the_same_blinded_value_after_the_close(
    phone_with_lost_draw, wave
):
    (blinded,) = wave.signed
    wave.state = "closed"

    assert phone_with_lost_draw.sync().drawn == 1
    assert list(wave.signed) == [blinded]


def test_interrupted_draw_is_requested_until_it_is_signed(
    phone_with_lost_draw, service, wave
):
    wave.state = "closed"
    for _ in range(3):
        service.intercept = on_path(BALLOTS, lose_reply)
        assert phone_with_lost_draw.sync().drawn == 0
    service.intercept = no_fault

    assert phone_with_lost_draw.sync().drawn == 1


@pytest.mark.parametrize("status", ["not_drawable", "already_drawn", "not_eligible"])
def test_interrupted_draw_is_abandoned_once_no_signature_can_come(
    phone_with_lost_draw, service, wave, status
):
    wave.state = "closed"
    service.intercept = reply_with_status(status)
    phone_with_lost_draw.sync()
    service.intercept = no_fault
    service.log.clear()

    phone_with_lost_draw.sync()

    assert BALLOTS not in service.paths()
    assert phone_with_lost_draw._draws.all_pending() == []


def test_while_the_wave_is_listed_it_is_never_given_up(phone_with_lost_draw, service):
    service.intercept = reply_with_status("not_drawable")
    phone_with_lost_draw.sync()
    service.intercept = no_fault

    assert phone_with_lost_draw.sync().drawn == 1


@pytest.mark.parametrize("days", [-18_262, 18_262])
def test_no_clock_stops_the_asking(phone_with_lost_draw, wave, days):
    wave.state = "closed"
    phone_with_lost_draw.now += timedelta(days=days)

    assert phone_with_lost_draw.sync().drawn == 1


def test_a_revoked_device_asks_no_more(phone_with_lost_draw, service):
    service.revoked = True

    phone_with_lost_draw.sync()

    assert BALLOTS not in service.paths()
