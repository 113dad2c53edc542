"""A shared phone: everybody has a namespace of their own, and nothing is mixed."""

import pytest
from peer.documents import FORMS
from peer.phone import answer
from peer.service import CODE

from rapport_client import (
    AlreadyAnswered,
    FieldDevice,
    NothingToWithdraw,
    PulseNotOpen,
)

OTHER = "acme-0000-0000-0000"


@pytest.fixture
def two(new_phone, peer, wave):
    """Two people on one phone, both enrolled, both with a ballot of their own."""
    peer.codes[OTHER] = None
    ana, ben = new_phone(person="ana"), new_phone(person="ben")
    for person, code in ((ana, CODE), (ben, OTHER)):
        wave.signed.clear()  # the service signs one ballot a person
        person.enrol(code)
        assert person.sync().drawn == 1
    return ana, ben


def test_each_person_has_a_ballot_a_form_and_an_answer_of_their_own(two, peer):
    ana, ben = two
    ana.form, ben.form = 0, 2
    (shown,) = ana.open_pulses()
    assert [each.id for each in shown.questions][1:] == FORMS[0]
    answer(ana, 2)
    (shown,) = ben.open_pulses()
    assert [each.id for each in shown.questions][1:] == FORMS[2]
    assert ana.open_pulses() == []
    answer(ben, 5)

    assert str(ana.sync()) == "accepted=1 waiting=0 dead=0"
    assert ben.status().queued == 1
    assert str(ben.sync()) == "accepted=1 waiting=0 dead=0"

    assert [content["answers"]["A0"] for content in peer.contents] == [2, 5]
    assert [content["form"] for content in peer.contents] == [0, 2]


def test_nothing_of_one_person_shows_under_another(two, peer, wave):
    ana, _ = two
    answer(ana)
    peer.log.clear()
    carla = ana.of(ana._me._file, "carla")

    assert not carla.enrolled
    assert carla.status().items == ()
    assert carla.status().last_contact is None
    assert carla.export_dead() == []
    assert carla.open_pulses() == []
    with pytest.raises(NothingToWithdraw):
        carla.withdraw(wave.id)
    (told,) = carla.sync().sentences
    assert told.startswith("This device is not enrolled")
    assert peer.log == []
    assert ana.status().queued == 1


def test_an_answer_of_one_person_is_not_taken_for_anothers(two):
    ana, ben = two
    pulse = answer(ana)
    answers = {each.id: 3 for each in pulse.questions}

    with pytest.raises(PulseNotOpen, match="not shown"):
        ben.answer(pulse, answers)
    answer(ben)
    with pytest.raises(AlreadyAnswered):
        ana.answer(pulse, answers)


def test_each_person_presents_a_device_of_their_own(peer, new_phone):
    peer.codes[OTHER] = None
    new_phone(person="ana").enrol(CODE)
    new_phone(person="ben").enrol(OTHER)

    first, second = peer.devices
    assert first != second


def test_one_code_cannot_enrol_two_people(new_phone):
    """Not even by mistake: to the service they are two devices."""
    new_phone(person="ana").enrol(CODE)

    with pytest.raises(Exception, match="code-used"):
        new_phone(person="ben").enrol(CODE)

    assert not new_phone(person="ben").enrolled


def test_enrolling_again_keeps_ballots_and_answers(two, peer):
    ana, _ = two
    answer(ana)
    peer.codes["acme-1111-1111-1111"] = None

    ana.enrol("acme-1111-1111-1111", again=True)

    assert ana.status().queued == 1
    assert len(ana._draws.ballots()) == 1
    assert str(ana.sync()) == "accepted=1 waiting=0 dead=0"


def test_whoever_is_not_named_is_me(new_phone):
    new_phone().enrol(CODE)

    assert new_phone(person="me").enrolled


def test_a_person_has_a_name(tmp_path):
    with pytest.raises(ValueError, match="may not be empty"):
        FieldDevice(tmp_path / "outbox.db", "https://rapport.test", person="")


def test_public_documents_are_fetched_once_for_all(two, peer, wave):
    assert peer.paths().count(f"/v1/waves/{wave.id}/charter") == 1
    assert peer.paths().count(f"/v1/keys/{wave.kid}") == 1
    assert two[1].open_pulses() != []
