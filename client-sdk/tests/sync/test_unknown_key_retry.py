"""An item that died of an unknown ballot key is sent again after a restore."""

import pytest
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE
from fake_service.submission_log import list_submitted_items


@pytest.fixture
def phone_with_unknown_key(new_phone, service, server_clock, wave):
    """A phone whose answer went to a service that has lost the wave."""
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    service.waves.clear()
    phone.sync()
    assert phone.status().items[0].reason == "ballot_unknown_key"
    service.log.clear()
    return phone, wave


def test_while_the_epoch_is_that_of_the_draw_it_is_never_offered_again(
    phone_with_unknown_key, service, server_clock
):
    phone, _ = phone_with_unknown_key
    for _ in range(5):
        server_clock.advance(days=7)
        phone.sync()

    assert list_submitted_items(service) == []
    assert phone.status().dead == 1


def test_under_another_epoch_it_is_offered_weekly_until_the_wave_is_back(
    phone_with_unknown_key, service, server_clock
):
    phone, wave = phone_with_unknown_key
    service.epoch = "epoch-2"
    tries = []
    for _ in range(28):
        server_clock.advance(days=1)
        phone.sync()
        tries.append(len(list_submitted_items(service)))
    assert 3 <= tries[-1] <= 5
    assert phone.status().dead == 1

    service.waves[wave.id] = wave
    server_clock.advance(days=8)
    phone.sync()
    phone.sync()

    assert phone.status().items[0].status == "accepted"


def test_answer_withdrawn_meanwhile_never_goes_though_its_week_is_over_first(
    phone_with_unknown_key, service, server_clock
):
    """The answer died days before its withdrawal did, so it would be due alone."""
    phone, wave = phone_with_unknown_key
    service.epoch = "epoch-2"
    server_clock.advance(days=3)
    phone.withdraw(wave.id)
    phone.sync()
    assert phone.status().dead == 2
    service.waves[wave.id] = wave
    service.log.clear()

    for _ in range(9):
        server_clock.advance(days=1)
        phone.sync()

    assert [item["op"] for item in list_submitted_items(service)] == ["withdraw"]
    assert service.contents == []
    items = [(item.state, item.status) for item in phone.status().items]
    assert items == [("settled", "withdrawn")] * 2


def test_item_of_a_retired_wave_is_never_offered_again(
    phone_with_unknown_key, service, server_clock
):
    """The ballot is invalid for good; the item stays dead and is shown."""
    phone, _ = phone_with_unknown_key
    service.epoch = "epoch-2"
    retires_at = phone._outbox.entries()[0].frozen.retires_at
    days = (retires_at - server_clock.wall()) // 86400
    server_clock.advance(days=days - 8)
    for _ in range(8):
        phone.sync()
        server_clock.advance(days=7, hours=1)

    assert len(list_submitted_items(service)) == 1
    assert phone.status().dead == 1
