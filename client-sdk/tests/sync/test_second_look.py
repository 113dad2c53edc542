"""Charters are fetched twice, hours apart; each wave has its own sealing key."""

import json
import sqlite3

import pytest
from fake_service.documents import to_bytes
from fake_service.faults import PORTAL, drop_request, no_fault, on_path, reply_with
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE, problem, reply_bytes
from fake_service.submission_log import list_submitted_items

from rapport_client import AnswerRefused, CharterRefused
from rapport_client._outbox import seen_charters
from rapport_client._outbox.seen_charters import SeenCharter, SeenCharters

HOUR = 60 * 60


def charter_of_its_own(wave):
    """The wave's charter as everybody else has it: another one than this device has."""
    document = json.loads(wave.charter)
    document["organization"]["name"] = "Acme for all"
    return on_path("/v1/waves", reply_with(reply_bytes(to_bytes(document))))


def count_charters(service):
    return sum(path.endswith("/charter") for path in service.paths())


def read_seen(phone, wave):
    return phone._file.shared.get("seen_charter", SeenCharter, wave.id)


def test_second_look_is_an_hour_to_a_day_after_the_first(new_phone, service, wave):
    waits = set()
    for number in range(20):
        phone = new_phone(f"{number}.db")
        phone.enrol(CODE)
        wave.signed.clear()
        first = phone.held.now.timestamp()
        phone.sync()
        waits.add(read_seen(phone, wave).look_again_at - first)
        service.codes[CODE] = None

    assert len(waits) == 20
    assert all(HOUR <= wait <= 24 * HOUR for wait in waits)


def test_second_look_is_made_once_without_credentials_when_it_is_due(
    phone, service, wave
):
    service.log.clear()
    phone.held.advance(minutes=59)
    phone.sync()
    assert count_charters(service) == 0

    phone.held.advance(hours=23, minutes=1)
    phone.sync()
    phone.sync()

    assert count_charters(service) == 1
    (look,) = (each for each in service.log if each.url.endswith("/charter"))
    assert look.fresh
    assert "Authorization" not in look.headers
    assert read_seen(phone, wave).look_again_at is None
    assert len(phone.open_pulses()) == 1


def test_time_of_the_second_look_outlives_the_process(phone, new_phone, wave):
    due = read_seen(phone, wave).look_again_at
    phone.close()

    again = new_phone()
    again.sync()

    assert read_seen(again, wave).look_again_at == due


def test_second_look_comes_before_the_service_knows_who_asks(phone, service):
    phone.held.advance(days=1)
    service.log.clear()

    phone.sync()

    first, *others = service.paths()
    assert first.endswith("/charter")
    assert others == ["/v1/token", "/v1/sync"]


def test_another_charter_at_the_second_look_is_refused_and_nothing_is_sent(
    phone, service, wave
):
    answer_first_pulse(phone)
    phone.held.advance(days=1)
    service.intercept = charter_of_its_own(wave)
    service.log.clear()

    report = phone.sync()

    assert list_submitted_items(service) == []
    assert (report.accepted, report.waiting, report.dead) == (0, 0, 1)
    (notice,) = report.notices
    fingerprint = read_seen(phone, wave).fingerprint
    assert notice == (
        "This device did not accept a pulse: its charter is not the one that this"
        f" device fetched first ({fingerprint} then); do not answer this pulse here,"
        " and compare these 12 characters with a colleague's"
    )
    (item,) = phone.status().items
    assert item.in_words() == (
        "An answer was refused and stays on this device: the charter of its pulse has"
        " changed since this device first saw it (charter_changed)"
    )
    with pytest.raises(AnswerRefused):
        phone.pulse(wave.id)


def test_answer_under_a_changed_charter_is_not_sent_by_hand_either(
    phone, service, wave
):
    answer_first_pulse(phone)
    phone.held.advance(days=1)
    service.intercept = charter_of_its_own(wave)
    phone.sync()
    service.intercept = no_fault
    service.log.clear()

    phone.offer_again(wave.id)

    assert phone.sync().dead == 1
    assert list_submitted_items(service) == []


def test_questions_of_a_changed_charter_are_not_shown(phone, service, wave):
    phone.held.advance(days=1)
    service.intercept = charter_of_its_own(wave)

    assert phone.sync().notices

    assert phone.open_pulses() == []
    with pytest.raises(CharterRefused, match="not the one that this device fetched"):
        phone.pulse(wave.id)


@pytest.mark.parametrize(
    "fault",
    [
        drop_request,
        reply_with(PORTAL),
        reply_with(reply_bytes(b'{"login": true}')),
        reply_with(problem(404, "not-found")),
        reply_with(problem(503, "busy")),
    ],
)
def test_second_look_is_made_later_if_the_service_does_not_reply(
    phone, service, wave, fault
):
    phone.held.advance(days=1)
    service.intercept = on_path("/v1/waves", fault)
    phone.sync()
    assert len(phone.open_pulses()) == 1
    assert read_seen(phone, wave).look_again_at is not None

    service.intercept = charter_of_its_own(wave)
    phone.held.advance(days=1)
    phone.sync()

    assert phone.open_pulses() == []


def test_charter_other_than_the_first_is_refused_if_its_record_is_all_there_is(
    phone, wave, tmp_path
):
    """The stored document is corrupt, and the list names another charter now."""
    document = json.loads(wave.charter)
    document["organization"]["name"] = "Acme for you"
    wave.charter = to_bytes(document)
    with sqlite3.connect(tmp_path / "outbox.db") as rows:
        rows.execute(
            "UPDATE records SET value = zeroblob(300)"
            " WHERE kind = 'document' AND person = x''"
        )

    (notice,) = phone.sync().notices

    assert "not the one that this device fetched first" in notice


def test_gateway_looks_once_for_all_its_people(gateway, enrol_people, service):
    enrol_people(4, answering=False)
    gateway._file.clock.source.advance(days=1)
    service.log.clear()

    gateway.sync()
    gateway.sync()

    assert count_charters(service) == 1


def test_loop_looks_before_it_draws(phone, service):
    phone.held.advance(days=1)
    service.log.clear()

    phone._engine.draw()

    assert service.paths()[0].endswith("/charter")


# Sealing keys.


def reuse_sealing_key(wave):
    key = json.loads(wave.charter)["sealing_key"]
    return lambda charter: charter.update(sealing_key=key)


def test_sealing_key_of_another_wave_is_refused(phone, service, wave, keys):
    service.add_wave(keys[1], edit_charter=reuse_sealing_key(wave))

    report = phone.sync()

    (notice,) = report.notices
    assert "the sealing key of another pulse" in notice
    assert report.drawn == 0
    assert len(phone.open_pulses()) == 1


def test_sealing_key_is_known_to_the_file_until_its_wave_retires(
    new_phone, service, server_clock, wave
):
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    service.waves.clear()
    server_clock.advance(days=400)
    phone.sync()
    assert read_seen(phone, wave) is not None

    server_clock.advance(days=10)
    phone.sync()

    assert read_seen(phone, wave) is None


def test_corrupt_record_of_a_charter_is_made_anew(phone, wave, tmp_path):
    with sqlite3.connect(tmp_path / "outbox.db") as rows:
        rotten = rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = 'seen_charter'"
        )
    assert rotten.rowcount == 1

    assert len(phone.open_pulses()) == 1

    assert read_seen(phone, wave).look_again_at is not None


def test_planted_fault_one_sealing_key_for_two_waves_is_detected(
    phone, service, wave, keys, monkeypatch
):
    """Without the check both waves would be drawn for."""
    monkeypatch.setattr(SeenCharters, "accept", lambda *_: None)
    service.add_wave(keys[1], edit_charter=reuse_sealing_key(wave))

    assert phone.sync().drawn == 1


def test_bounds_of_the_wait():
    assert seen_charters.MIN_SECONDS_TO_SECOND_LOOK == HOUR
    assert seen_charters.MAX_SECONDS_TO_SECOND_LOOK == 24 * HOUR
