"""A ``Date`` that was stripped or is years off hides no open pulse without a word."""

from datetime import timedelta

import pytest
from fake_service.documents import NOW
from fake_service.phone import ManualClock, answer_first_pulse
from fake_service.service import CODE

YEAR = timedelta(days=365)
CANNOT_BE_RIGHT = "This device's date cannot be right: it says "
DATES = {"stripped": None, "in the past": NOW - 6 * YEAR, "ahead": NOW + 6 * YEAR}


@pytest.fixture
def open_phone(new_phone, service):
    """Opens a phone whose clock is off, on a line that forges the date."""

    def open_phone(off=timedelta(), date=None, **options):
        service.clock = None if date is None else lambda: date
        phone = new_phone(clock=ManualClock(NOW + off), **options)
        phone.enrol(CODE)
        return phone

    return open_phone


@pytest.mark.parametrize("off", [-2 * YEAR, 3 * YEAR], ids=["slow", "fast"])
@pytest.mark.parametrize("date", DATES)
def test_open_pulse_is_shown_and_a_clock_that_is_off_is_reported(
    open_phone, service, off, date
):
    phone = open_phone(off, DATES[date])

    report = phone.sync()

    (notice,) = report.notices
    assert notice.startswith(f"{CANNOT_BE_RIGHT}{(NOW + off).year}")
    assert "set this device's date, then sync again" in notice
    answer_first_pulse(phone)
    assert phone.sync().accepted == 1
    assert len(service.contents) == 1


@pytest.mark.parametrize("date", DATES)
def test_clock_that_is_right_is_not_overruled(open_phone, date):
    phone = open_phone(date=DATES[date])

    assert phone.sync().notices == ()

    assert phone._clock.now() == NOW
    assert len(phone.open_pulses()) == 1
    assert phone.date_notice() is None


@pytest.mark.parametrize("jump", [-6 * YEAR, 6 * YEAR], ids=["back", "ahead"])
def test_date_that_jumps_does_not_overrule_a_clock_that_was_right_before(
    open_phone, service, jump
):
    """Even where no list says anything: nothing is erased early, or late."""
    phone = open_phone(date=NOW)
    phone.sync()
    answer_first_pulse(phone)
    service.clock = lambda: NOW + jump

    phone.sync()
    service.waves.clear()
    phone.sync()

    assert phone._clock.now() == phone._clock.trusted_now() == NOW


def test_date_that_was_always_wrong_is_dropped_once_a_list_contradicts_it(
    open_phone, service, wave
):
    service.waves.clear()
    phone = open_phone(date=NOW - 6 * YEAR)
    phone.sync()
    assert phone._clock.now() == NOW - 6 * YEAR

    service.waves[wave.id] = wave
    assert phone.sync().notices == ()

    assert phone._clock.now() == NOW
    assert len(phone.open_pulses()) == 1


def test_wrong_clock_is_reported_also_if_date_and_list_agree(open_phone):
    """Pulses go by the service's time then; the person may still want to know."""
    phone = open_phone(-2 * YEAR, NOW)

    (notice,) = phone.sync().notices

    assert notice.startswith(CANNOT_BE_RIGHT)
    assert phone._clock.now() == NOW


@pytest.mark.parametrize("off", [-50, 50], ids=["slow", "fast"])
def test_pulse_of_minutes_is_shown_by_a_clock_that_is_minutes_off(
    open_phone, service, keys, off
):
    """Such a date is not called wrong, but it must not hide the pulse either."""
    service.waves.clear()
    minutes = timedelta(minutes=1)
    service.add_wave(keys[0], opens_at=NOW - minutes, closes_at=NOW + minutes)
    phone = open_phone(off * minutes)

    assert phone.sync().notices == ()

    assert len(phone.open_pulses()) == 1


def test_notice_ends_once_the_person_has_set_the_date(open_phone):
    phone = open_phone(-2 * YEAR)
    phone.sync()
    assert phone.date_notice().startswith(CANNOT_BE_RIGHT)

    phone.now = NOW

    assert phone.date_notice() is None
    assert phone.sync().notices == ()
    assert phone._clock.now() == NOW


def test_notice_is_given_in_spanish(open_phone):
    phone = open_phone(-2 * YEAR)
    phone.sync()

    assert phone.date_notice("es").startswith(
        "La fecha de este dispositivo no puede ser correcta: dice 2024-11-24"
    )


def test_clock_set_back_after_a_restart_is_reported_without_a_signal(open_phone):
    phone = open_phone(date=NOW)
    phone.sync()
    phone.held.reboot()
    phone.now -= 20 * YEAR

    assert "later than 2026-11-23" in phone.date_notice()


def test_list_alone_makes_no_time_to_erase_by(open_phone):
    phone = open_phone(-2 * YEAR)
    phone.sync()

    assert phone._clock.trusted_now() is None


def test_pulse_that_the_list_alone_opened_closes_after_its_whole_time(open_phone):
    phone = open_phone(-2 * YEAR)
    phone.sync()
    phone.held.advance(days=7, seconds=-1)
    assert len(phone.open_pulses()) == 1

    phone.held.advance(seconds=1)

    assert phone.open_pulses() == []


def test_announced_wave_is_a_witness_as_well(open_phone, service, keys):
    service.waves.clear()
    service.add_wave(
        keys[0],
        state="announced",
        opens_at=NOW + timedelta(days=2),
        closes_at=NOW + timedelta(days=9),
    )
    phone = open_phone(date=NOW + 6 * YEAR)

    assert phone.sync().notices == ()
    assert phone.next_pulse().opens_at == NOW + timedelta(days=2)

    phone.now -= YEAR
    (notice,) = phone.sync().notices
    assert notice.startswith(CANNOT_BE_RIGHT)


def test_service_that_closes_late_makes_no_false_notice(open_phone):
    """Its list says open, but its date and this clock agree that it has closed."""
    late = NOW + timedelta(days=8)
    phone = open_phone(timedelta(days=8), late)

    assert phone.sync().notices == ()

    assert phone._clock.now() == late
    assert phone.open_pulses() == []


def test_gateway_tells_of_its_clock_once(gateway, service):
    service.codes["acme-0000-0000-0000"] = None
    gateway._file.clock.source.now -= 2 * YEAR
    gateway.person("ana").enrol(CODE)
    gateway.person("ben").enrol("acme-0000-0000-0000")

    notices = [each for each in gateway.sync().notices if "date" in each]

    assert len(notices) == 1
    assert notices[0].startswith(CANNOT_BE_RIGHT)


@pytest.fixture
def upcoming(service, keys):
    """Waves that open in eighteen and in nine days."""
    return [
        service.add_wave(
            key,
            state="announced",
            opens_at=NOW + timedelta(days=days),
            closes_at=NOW + timedelta(days=days + 7),
        )
        for days, key in zip((18, 9), keys[1:], strict=True)
    ]


def test_next_pulse_is_the_one_that_opens_first(open_phone, upcoming):
    phone = open_phone()
    phone.sync()

    pulse = phone.next_pulse()

    assert (pulse.wave_id, pulse.group) == (upcoming[1].id, "North")
    assert pulse.opens_at == NOW + timedelta(days=9)
    assert pulse.closes_at == NOW + timedelta(days=16)
    assert len(phone.open_pulses()) == 1


def test_next_pulse_is_none_before_a_sync_brings_one(open_phone):
    phone = open_phone()
    assert phone.next_pulse() is None

    phone.sync()

    assert phone.next_pulse() is None


def test_next_pulse_is_not_one_that_was_cancelled(open_phone, service, upcoming):
    phone = open_phone()
    phone.sync()
    service.end_wave(upcoming[1], "cancelled")
    phone.sync()

    assert phone.next_pulse().wave_id == upcoming[0].id
