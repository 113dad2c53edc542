"""Open pulses of a device: when they are shown, their language and questions."""

from collections import Counter
from datetime import timedelta

import pytest
from fake_service.documents import FORMS, NOW
from fake_service.phone import SERVER, answer_first_pulse
from fake_service.service import CODE

from rapport_client import FieldDevice, Option, PulseNotOpen
from rapport_client._pulses import charter

SECOND = timedelta(seconds=1)


@pytest.fixture
def phone_with_dated_wave(new_phone, service, keys):
    """A phone that has drawn for one wave, open for the hour after NOW."""
    service.waves.clear()
    wave = service.add_wave(
        keys[0],
        state="announced",
        opens_at=NOW + timedelta(hours=1),
        closes_at=NOW + timedelta(hours=2),
    )
    phone = new_phone()
    phone.enrol(CODE)
    assert phone.sync().drawn == 1
    return phone, wave


def test_a_ballot_is_drawn_before_the_wave_opens_and_used_without_a_signal(
    phone_with_dated_wave, service
):
    phone, _ = phone_with_dated_wave
    service.log.clear()
    assert phone.open_pulses() == []

    phone.now = NOW + timedelta(hours=1)

    assert len(phone.open_pulses()) == 1
    answer_first_pulse(phone)
    assert service.log == []


def test_a_pulse_is_open_from_its_first_instant_until_before_its_last(
    phone_with_dated_wave,
):
    phone, _ = phone_with_dated_wave
    opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    shown = []

    for phone.now in (opens - SECOND, opens, closes - SECOND, closes):
        shown.append(len(phone.open_pulses()))

    assert shown == [0, 1, 1, 0]


def test_a_pulse_cannot_be_answered_outside_its_hours(phone_with_dated_wave):
    phone, _ = phone_with_dated_wave
    phone.now = NOW + timedelta(hours=1)
    (pulse,) = phone.open_pulses()
    answers = {each.id: 3 for each in pulse.questions}

    phone.now = NOW + timedelta(hours=2)
    with pytest.raises(PulseNotOpen, match="closed"):
        phone.answer(pulse, answers)
    phone.now = NOW
    with pytest.raises(PulseNotOpen, match="not opened"):
        phone.answer(pulse, answers)

    assert phone.status().queued == 0


def test_a_cancelled_pulse_is_not_shown_nor_answered(phone, wave):
    (pulse,) = phone.open_pulses()
    wave.state, wave.reason = "cancelled", "the roster was wrong"

    report = phone.sync()

    assert report.notices == ("A pulse was cancelled: the roster was wrong",)
    assert phone.open_pulses() == []
    with pytest.raises(PulseNotOpen, match="the roster was wrong"):
        phone.answer(pulse, {each.id: 3 for each in pulse.questions})


def test_a_pulse_stays_cancelled_when_it_is_no_longer_listed(phone, service, wave):
    wave.state = "cancelled"
    phone.sync()
    service.waves.clear()

    report = phone.sync()

    assert report.notices == ()
    assert phone.open_pulses() == []


def test_a_pulse_that_was_never_shown_here_cannot_be_answered(phone, new_phone):
    (pulse,) = phone.open_pulses()
    other = new_phone("other.db")

    with pytest.raises(PulseNotOpen, match="has no ballot"):
        other.answer(pulse, {each.id: 3 for each in pulse.questions})


def test_a_pulse_says_what_a_person_needs_to_know(phone, wave):
    (pulse,) = phone.open_pulses()

    assert (pulse.wave_id, pulse.group, pulse.pool) == (wave.id, "North", 10)
    assert pulse.closes_at == NOW + timedelta(days=6)
    assert pulse.fingerprint == charter.fingerprint(wave.digest)
    assert pulse.lead_in == "How often was this true?"
    assert [each.id for each in pulse.questions] == ["A0", *FORMS[0]]
    assert pulse.questions[0].options == (
        Option(1, "Never"),
        Option(2, "Rarely"),
        Option(3, "Sometimes"),
        Option(4, "Often"),
        Option(5, "Always"),
        Option("na", "Does not apply"),
        Option("skip", "Skip"),
    )
    assert pulse.context.id == "X1"
    assert [option.value for option in pulse.context.options] == [
        "normal",
        "stretched",
        "crisis",
    ]


def test_a_pulse_is_worded_in_the_language_asked_for_or_in_english(phone):
    (spanish,) = phone.open_pulses(language="es")
    (unknown,) = phone.open_pulses(language="construct")

    assert spanish.lead_in == "¿Con qué frecuencia?"
    assert spanish.questions[0].options[0] == Option(1, "Nunca")
    assert spanish.context.text == "How did the last two weeks feel?"
    assert unknown.lead_in == "How often was this true?"


@pytest.mark.parametrize("tag", ["ES", "es-MX", "es-419", "es-Latn-US", "es_MX"])
def test_spanish_of_every_country_is_spanish_in_every_text(phone, tag):
    (spanish,) = phone.open_pulses("es")

    assert phone.open_pulses(tag) == [spanish]
    assert spanish.lead_in != phone.open_pulses("en")[0].lead_in


def test_the_form_is_drawn_when_first_shown_and_stays(phone, new_phone):
    phone.form = 2
    (first,) = phone.open_pulses()
    phone.form = 1
    (again,) = phone.open_pulses()
    other = new_phone()
    (elsewhere,) = other.open_pulses()

    assert [each.id for each in first.questions] == ["A0", *FORMS[2]]
    assert first == again == elsewhere


def test_the_form_is_not_drawn_before_it_is_shown(phone_with_dated_wave):
    phone, wave = phone_with_dated_wave
    phone.open_pulses()

    assert phone._draws.ballot(wave.id).form is None


def test_each_wave_has_a_form_of_its_own(new_phone, service, keys):
    service.add_wave(keys[1], closes_at=NOW + timedelta(days=9))
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    forms = iter([2, 0])
    phone._choose_form = lambda _: next(forms)

    pulses = phone.open_pulses()

    assert len({each.questions for each in pulses}) == 2
    assert [each.closes_at for each in pulses] == [
        NOW + timedelta(days=6),
        NOW + timedelta(days=9),
    ]


def test_forms_are_drawn_uniformly(tmp_path, service):
    with FieldDevice(tmp_path / "dice.db", SERVER, transport=service) as device:
        drawn = Counter(device._choose_form(45) for _ in range(9_000))

    assert sorted(drawn) == list(range(45))
    # 200 expected each, standard deviation 14: seven of them on either side.
    assert 100 < min(drawn.values()) <= max(drawn.values()) < 300
