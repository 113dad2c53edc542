"""What was settled is kept for a while, and offered again after a restore."""

from datetime import timedelta

import pytest
from peer.faults import at, clear, edited, lose_reply
from peer.frozen import KEEP
from peer.phone import HeldClock, answer
from peer.sent import SUBMISSIONS, items
from peer.service import CODE


def restore(peer):
    """The service comes back from a backup that knew no answer."""
    peer.submissions.clear()
    peer.contents.clear()
    peer.withdrawn.clear()
    peer.epoch = "epoch-2"


def test_an_answer_is_offered_again_once_per_epoch(settled, peer):
    restore(peer)

    told = settled.sync()
    assert told.waiting == 1
    assert "restored from a backup" in told.notices[0]
    assert settled.sync().accepted == 1
    assert settled.sync().waiting == 0

    assert len(items(peer)) == 1
    assert len(peer.contents) == 1


def test_the_very_same_bytes_are_offered(new_phone, peer, true):
    phone = new_phone(clock=true)
    phone.enrol(CODE)
    phone.sync()
    answer(phone)
    phone.sync()
    restore(peer)
    phone.sync()
    phone.sync()

    first, again = items(peer)
    assert first == again


def test_a_service_that_lost_nothing_calls_it_a_duplicate(settled, peer):
    peer.epoch = "epoch-2"
    settled.sync()

    assert settled.sync().accepted == 1
    assert len(peer.contents) == 1


def test_a_withdrawal_is_offered_again_and_what_it_took_back_is_not(
    settled, peer, wave
):
    settled.withdraw(wave.id)
    settled.sync()
    restore(peer)
    peer.log.clear()
    assert settled.sync().waiting == 1

    settled.sync()

    assert [item["op"] for item in items(peer)] == ["withdraw"]
    assert peer.contents == []
    assert settled.status().settled == 2


def test_an_epoch_that_was_seen_while_the_reply_was_lost_is_not_missed(
    new_phone, peer, true
):
    """Settled under the old epoch, restored before the device looked again."""
    phone = new_phone(clock=true)
    phone.enrol(CODE)
    phone.sync()
    answer(phone)
    peer.interfere = at("/v1/sync", lose_reply)
    phone.sync()
    restore(peer)
    peer.interfere = clear
    phone.sync()
    phone.sync()

    assert len(peer.contents) == 1


def test_a_revoked_device_offers_again_too(settled, peer):
    peer.revoked = True
    restore(peer)
    settled.sync()

    assert settled.sync().accepted == 1


# Kept for the charter's period, then erased.


def sealed_item(phone):
    ((item,),) = phone._me.space.database.read("SELECT item FROM outbox")
    return item


def test_content_and_ballot_are_erased_when_the_period_has_passed(
    settled, peer, true, tmp_path
):
    before = sealed_item(settled)
    true.pass_by(seconds=KEEP - 1)
    settled.sync()
    assert sealed_item(settled) == before

    true.pass_by(seconds=1)
    settled.sync()

    (entry,) = settled._outbox.entries()
    assert entry.frozen.erased
    assert (entry.frozen.content, entry.frozen.ballot) == (None, "")
    assert settled.status().items[0].status == "accepted"
    for path in tmp_path.iterdir():
        assert before not in path.read_bytes()

    restore(peer)
    assert settled.sync().waiting == 0


def test_what_was_settled_at_no_sure_time_is_kept_for_the_period_from_the_first(
    new_phone, peer
):
    """As by hand: a reply that somebody saved has no time."""
    true = HeldClock()
    phone = new_phone(clock=true)
    phone.enrol(CODE)
    phone.sync()
    answer(phone)
    phone.sync()
    peer.clock = lambda: true.now
    true.pass_by(seconds=2 * KEEP)
    phone.sync()
    phone.sync()
    assert not phone._outbox.entries()[0].frozen.erased

    true.pass_by(seconds=KEEP)
    phone.sync()

    assert phone._outbox.entries()[0].frozen.erased


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("jump", [timedelta(days=18_262), -timedelta(days=18_262)])
def test_no_jump_of_the_clock_erases_anything_early(peer, true, new_phone, jump):
    true.reboot()
    clock = HeldClock(true.now + jump, boot_name=true.boot_name)
    jumped = new_phone(clock=clock)
    jumped.sync()

    restore(peer)
    jumped.sync()
    assert jumped.sync().accepted == 1


def test_what_was_erased_cannot_be_answered_again(settled, true):
    true.pass_by(seconds=KEEP)
    settled.sync()

    assert settled.open_pulses() == []
    assert settled._outbox.find(settled.status().items[0].wave) is None


# What was refused.


def test_an_answer_that_could_not_be_taken_back_is_offered_again(settled, peer, wave):
    """It counts, whatever the person wished; so it shall count after a restore, too."""
    wave.sealed = True
    settled.withdraw(wave.id)
    settled.sync()
    assert settled.status().items[1].reason == "withdraw-too-late"
    restore(peer)

    assert settled.sync().waiting == 2


def test_other_refusals_are_never_offered_again(answered, peer):
    peer.interfere = at(
        SUBMISSIONS,
        edited(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="ballot-invalid"
            )
        ),
    )
    answered.sync()
    peer.interfere = clear
    peer.epoch = "epoch-2"
    peer.log.clear()
    answered.sync()
    answered.sync()

    assert items(peer) == []
