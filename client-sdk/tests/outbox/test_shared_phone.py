"""A shared phone: each person has a namespace, and no records are mixed."""

import pytest
from fake_service.documents import FORMS
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE

from rapport_client import AlreadyAnswered, FieldDevice, NothingToWithdraw, PulseNotOpen

OTHER_CODE = "acme-0000-0000-0000"


@pytest.fixture
def two_people(new_phone, service, wave):
    """Two people on one phone, both enrolled, both with a ballot of their own."""
    service.codes[OTHER_CODE] = None
    ana, ben = new_phone(person="ana"), new_phone(person="ben")
    for person, code in ((ana, CODE), (ben, OTHER_CODE)):
        wave.signed.clear()  # the service signs one ballot a person
        person.enrol(code)
        assert person.sync().drawn == 1
    return ana, ben


def test_each_person_has_a_ballot_a_form_and_an_answer_of_their_own(
    two_people, service
):
    ana, ben = two_people
    ana.form, ben.form = 0, 2
    (shown,) = ana.open_pulses()
    assert [each.id for each in shown.questions][1:] == FORMS[0]
    answer_first_pulse(ana, 2)
    (shown,) = ben.open_pulses()
    assert [each.id for each in shown.questions][1:] == FORMS[2]
    assert ana.open_pulses() == []
    answer_first_pulse(ben, 5)

    assert str(ana.sync()) == "accepted=1 waiting=0 dead=0"
    assert ben.status().queued == 1
    assert str(ben.sync()) == "accepted=1 waiting=0 dead=0"

    assert [content["answers"]["A0"] for content in service.contents] == [2, 5]
    assert [content["form"] for content in service.contents] == [0, 2]


def test_nothing_of_one_person_shows_under_another(two_people, service, wave):
    ana, _ = two_people
    answer_first_pulse(ana)
    service.log.clear()
    carla = ana._from_file(ana._account._file, "carla")

    assert not carla.enrolled
    assert carla.status().items == ()
    assert carla.status().last_contact is None
    assert carla.export_dead() == []
    assert carla.open_pulses() == []
    with pytest.raises(NothingToWithdraw):
        carla.withdraw(wave.id)
    (sentence,) = carla.sync().sentences
    assert sentence.startswith("This device is not enrolled")
    assert service.log == []
    assert ana.status().queued == 1


def test_an_answer_of_one_person_is_not_taken_for_anothers(two_people):
    ana, ben = two_people
    pulse = answer_first_pulse(ana)
    answers = {each.id: 3 for each in pulse.questions}

    with pytest.raises(PulseNotOpen, match="not shown"):
        ben.answer(pulse, answers)
    answer_first_pulse(ben)
    with pytest.raises(AlreadyAnswered):
        ana.answer(pulse, answers)


def test_each_person_presents_a_device_of_their_own(service, new_phone):
    service.codes[OTHER_CODE] = None
    new_phone(person="ana").enrol(CODE)
    new_phone(person="ben").enrol(OTHER_CODE)

    first, second = service.devices
    assert first != second


def test_one_code_cannot_enrol_two_people(new_phone):
    """Even with the same code, they are two devices to the service."""
    new_phone(person="ana").enrol(CODE)

    with pytest.raises(Exception, match="code-used"):
        new_phone(person="ben").enrol(CODE)

    assert not new_phone(person="ben").enrolled


def test_enrolling_again_keeps_ballots_and_answers(two_people, service):
    ana, _ = two_people
    answer_first_pulse(ana)
    service.codes["acme-1111-1111-1111"] = None

    ana.enrol("acme-1111-1111-1111", again=True)

    assert ana.status().queued == 1
    assert len(ana._draws.ballots()) == 1
    assert str(ana.sync()) == "accepted=1 waiting=0 dead=0"


def test_person_without_a_name_is_me(new_phone):
    new_phone().enrol(CODE)

    assert new_phone(person="me").enrolled


def test_a_person_has_a_name(tmp_path):
    with pytest.raises(ValueError, match="may not be empty"):
        FieldDevice(tmp_path / "outbox.db", "https://rapport.test", person="")


def test_public_documents_are_fetched_once_for_all(two_people, service, wave):
    assert service.paths().count(f"/v1/waves/{wave.id}/charter") == 1
    assert service.paths().count(f"/v1/keys/{wave.kid}") == 1
    assert two_people[1].open_pulses() != []
