"""Settled items are kept for a while, and offered again after a restore."""

from datetime import timedelta

import pytest
from fake_service.faults import edit_reply, lose_reply, no_fault, on_path
from fake_service.frozen_items import KEEP_SECONDS
from fake_service.phone import ManualClock, answer_first_pulse
from fake_service.service import CODE
from fake_service.submission_log import SUBMISSIONS, list_submitted_items


def test_an_answer_is_offered_again_once_per_epoch(settled_phone, service):
    service.restore_empty_backup()

    report = settled_phone.sync()
    assert report.waiting == 1
    assert "restored from a backup" in report.notices[0]
    assert settled_phone.sync().accepted == 1
    assert settled_phone.sync().waiting == 0

    assert len(list_submitted_items(service)) == 1
    assert len(service.contents) == 1


def test_the_very_same_bytes_are_offered(new_phone, service, server_clock):
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    phone.sync()
    service.restore_empty_backup()
    phone.sync()
    phone.sync()

    first, again = list_submitted_items(service)
    assert first == again


def test_a_service_that_lost_nothing_calls_it_a_duplicate(settled_phone, service):
    service.epoch = "epoch-2"
    settled_phone.sync()

    assert settled_phone.sync().accepted == 1
    assert len(service.contents) == 1


def test_a_withdrawal_is_offered_again_and_what_it_took_back_is_not(
    settled_phone, service, wave
):
    settled_phone.withdraw(wave.id)
    settled_phone.sync()
    service.restore_empty_backup()
    service.log.clear()
    assert settled_phone.sync().waiting == 1

    settled_phone.sync()

    assert [item["op"] for item in list_submitted_items(service)] == ["withdraw"]
    assert service.contents == []
    assert settled_phone.status().settled == 2


def test_an_epoch_that_was_seen_while_the_reply_was_lost_is_not_missed(
    new_phone, service, server_clock
):
    """Settled under the old epoch, restored before the device looked again."""
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    service.intercept = on_path("/v1/sync", lose_reply)
    phone.sync()
    service.restore_empty_backup()
    service.intercept = no_fault
    phone.sync()
    phone.sync()

    assert len(service.contents) == 1


def test_a_revoked_device_offers_again_too(settled_phone, service):
    service.revoked = True
    service.restore_empty_backup()
    settled_phone.sync()

    assert settled_phone.sync().accepted == 1


# Kept for the charter's period, then erased.


def read_sealed_item(phone):
    ((item,),) = phone._account.namespace.database.read("SELECT item FROM outbox")
    return item


def test_envelope_and_ballot_are_erased_when_the_period_has_passed(
    settled_phone, service, server_clock, tmp_path
):
    before = read_sealed_item(settled_phone)
    server_clock.advance(seconds=KEEP_SECONDS - 1)
    settled_phone.sync()
    assert read_sealed_item(settled_phone) == before

    server_clock.advance(seconds=1)
    settled_phone.sync()

    (entry,) = settled_phone._outbox.entries()
    assert (entry.frozen.envelope, entry.frozen.ballot) == (None, "")
    assert settled_phone.status().items[0].status == "accepted"
    for path in tmp_path.iterdir():
        assert before not in path.read_bytes()

    service.restore_empty_backup()
    assert settled_phone.sync().waiting == 0


def test_item_settled_at_no_trusted_time_is_kept_from_the_first_trusted_one(
    new_phone, service
):
    """A reply that was saved by hand has no time."""
    server_clock = ManualClock()
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    phone.sync()
    service.clock = lambda: server_clock.now
    server_clock.advance(seconds=2 * KEEP_SECONDS)
    phone.sync()
    phone.sync()
    assert phone._outbox.entries()[0].frozen.envelope is not None

    server_clock.advance(seconds=KEEP_SECONDS)
    phone.sync()

    assert phone._outbox.entries()[0].frozen.envelope is None


@pytest.mark.usefixtures("settled_phone")
@pytest.mark.parametrize("jump", [timedelta(days=18_262), -timedelta(days=18_262)])
def test_no_jump_of_the_clock_erases_anything_early(
    service, server_clock, new_phone, jump
):
    server_clock.reboot()
    clock = ManualClock(server_clock.now + jump, boot_name=server_clock.boot_name)
    jumped = new_phone(clock=clock)
    jumped.sync()

    service.restore_empty_backup()
    jumped.sync()
    assert jumped.sync().accepted == 1


def test_erased_answer_cannot_be_given_again(settled_phone, server_clock):
    server_clock.advance(seconds=KEEP_SECONDS)
    settled_phone.sync()

    assert settled_phone.open_pulses() == []
    assert (
        settled_phone._outbox.find_answer(settled_phone.status().items[0].wave_id)
        is None
    )


# What was refused.


def test_an_answer_that_could_not_be_taken_back_is_offered_again(
    settled_phone, service, wave
):
    """A withdrawal that came too late leaves the answer counted after a restore."""
    wave.sealed = True
    settled_phone.withdraw(wave.id)
    settled_phone.sync()
    assert settled_phone.status().items[1].reason == "withdraw_too_late"
    service.restore_empty_backup()

    assert settled_phone.sync().waiting == 2


def test_other_refusals_are_never_offered_again(answered_phone, service):
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="ballot_invalid"
            )
        ),
    )
    answered_phone.sync()
    service.intercept = no_fault
    service.epoch = "epoch-2"
    service.log.clear()
    answered_phone.sync()
    answered_phone.sync()

    assert list_submitted_items(service) == []
