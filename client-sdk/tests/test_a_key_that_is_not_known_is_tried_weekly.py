"""What died of a ballot key that the service did not know may live after a restore."""

import pytest
from peer.phone import answer
from peer.sent import items
from peer.service import CODE


@pytest.fixture
def unknown(new_phone, peer, true, wave):
    """A phone whose answer went to a service that has lost the wave."""
    phone = new_phone(clock=true)
    phone.enrol(CODE)
    phone.sync()
    answer(phone)
    peer.waves.clear()
    phone.sync()
    assert phone.status().items[0].reason == "ballot-unknown-key"
    peer.log.clear()
    return phone, wave


def test_while_the_epoch_is_that_of_the_draw_it_is_never_offered_again(
    unknown, peer, true
):
    phone, _ = unknown
    for _ in range(5):
        true.pass_by(days=7)
        phone.sync()

    assert items(peer) == []
    assert phone.status().dead == 1


def test_under_another_epoch_it_is_offered_weekly_until_the_wave_is_back(
    unknown, peer, true
):
    phone, wave = unknown
    peer.epoch = "epoch-2"
    tries = []
    for _ in range(28):
        true.pass_by(days=1)
        phone.sync()
        tries.append(len(items(peer)))
    assert 3 <= tries[-1] <= 5
    assert phone.status().dead == 1

    peer.waves[wave.id] = wave
    true.pass_by(days=8)
    phone.sync()
    phone.sync()

    assert phone.status().items[0].status == "accepted"


def test_what_was_taken_back_meanwhile_never_goes_though_its_week_is_over_first(
    unknown, peer, true
):
    """The answer died days before its withdrawal did, so it would be due alone."""
    phone, wave = unknown
    peer.epoch = "epoch-2"
    true.pass_by(days=3)
    phone.withdraw(wave.id)
    phone.sync()
    assert phone.status().dead == 2
    peer.waves[wave.id] = wave
    peer.log.clear()

    for _ in range(9):
        true.pass_by(days=1)
        phone.sync()

    assert [item["op"] for item in items(peer)] == ["withdraw"]
    assert peer.contents == []
    told = [(item.state, item.status) for item in phone.status().items]
    assert told == [("settled", "withdrawn")] * 2


def test_once_the_wave_has_retired_it_is_never_offered_again(unknown, peer, true):
    """The ballot is worth nothing any more; it stays dead, and is shown."""
    phone, _ = unknown
    peer.epoch = "epoch-2"
    retires_at = phone._outbox.entries()[0].frozen.retires_at
    days = (retires_at - true.wall()) // 86400
    true.pass_by(days=days - 8)
    for _ in range(8):
        phone.sync()
        true.pass_by(days=7, hours=1)

    assert len(items(peer)) == 1
    assert phone.status().dead == 1
