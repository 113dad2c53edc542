"""Codes that are not for this device: another person's, or one for reading scores."""

import json

import pytest
from peer.faults import at, clear, edited
from peer.service import CODE

from rapport_client import AlreadyEnrolled, CodeForReading

ENROLMENTS = "/v1/enrolments"
OTHER = "acme-0000-0000-0000"


def for_reading(scope="admin supervisor"):
    return at(ENROLMENTS, edited(lambda tokens: tokens.update(scope=scope)))


@pytest.fixture
def another_code(peer):
    peer.codes[OTHER] = None
    return OTHER


def test_another_code_is_not_taken_where_somebody_is_enrolled(
    phone, peer, another_code
):
    peer.log.clear()

    with pytest.raises(AlreadyEnrolled, match="somebody is enrolled here"):
        phone.enrol(another_code)

    assert peer.log == []
    assert phone.sync().problem is None


def test_another_code_is_taken_where_it_is_said_to_be_the_same_persons(
    answered, peer, another_code
):
    answered.enrol(another_code, again=True)

    assert peer.codes[another_code] is not None
    assert str(answered.sync()) == "accepted=1 waiting=0 dead=0"


def test_the_terminal_asks_whose_the_other_code_is(ready, open_now):
    open_now.codes[OTHER] = None

    refused = ready.online("enrol", OTHER)

    assert refused.exit == 1
    assert "--again" in refused.err
    assert "--person" in refused.err
    assert open_now.codes[OTHER] is None
    assert ready.online("enrol", OTHER, "--again").exit == 0


@pytest.mark.parametrize("scope", ["admin", "supervisor", "admin supervisor", ""])
def test_a_code_for_reading_enrols_no_device_that_answers(new_phone, peer, scope):
    peer.interfere = for_reading(scope)
    phone = new_phone()

    with pytest.raises(CodeForReading, match="for reading scores, not for answering"):
        phone.enrol(CODE)

    assert not phone.enrolled


def test_a_code_for_reading_leaves_the_enrolment_as_it_was(phone, peer, another_code):
    peer.interfere = for_reading()
    with pytest.raises(CodeForReading):
        phone.enrol(another_code, again=True)
    peer.interfere = clear
    peer.log.clear()

    assert phone.sync().problem is None
    assert peer.paths() == ["/v1/sync"]


def test_a_scope_that_is_not_told_is_the_one_that_was_asked_for(new_phone, peer):
    peer.interfere = for_reading(None)
    phone = new_phone()

    phone.enrol(CODE)

    assert phone.enrolled


def test_a_code_for_reading_is_not_lost(new_phone, peer):
    peer.interfere = for_reading()

    with pytest.raises(CodeForReading) as refused:
        new_phone().enrol(CODE)

    assert refused.value.device == peer.codes[CODE]
    assert refused.value.device not in str(refused.value)


def test_the_terminal_says_what_a_code_for_reading_is_for(terminal, open_now):
    open_now.interfere = for_reading()

    said = terminal.online("enrol", CODE)

    assert said.exit == 1
    assert "this code is for reading scores" in said.err
    body = json.dumps({"code": CODE, "device": open_now.codes[CODE]})
    assert f"-d '{body}' {terminal.origin}{ENROLMENTS}" in said.err
