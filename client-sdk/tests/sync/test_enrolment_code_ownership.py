"""Codes that are not for this device: another person's, or one for reading scores."""

import json

import pytest
from fake_service.faults import edit_reply, no_fault, on_path
from fake_service.service import CODE

from rapport_client import AlreadyEnrolled, CodeForReading

ENROLMENTS = "/v1/enrolments"
OTHER_CODE = "acme-0000-0000-0000"


def edit_token_scope(scope="admin supervisor"):
    return on_path(ENROLMENTS, edit_reply(lambda tokens: tokens.update(scope=scope)))


@pytest.fixture
def another_code(service):
    service.codes[OTHER_CODE] = None
    return OTHER_CODE


def test_another_code_is_not_taken_where_somebody_is_enrolled(
    phone, service, another_code
):
    service.log.clear()

    with pytest.raises(AlreadyEnrolled, match="somebody is enrolled here"):
        phone.enrol(another_code)

    assert service.log == []
    assert phone.sync().problem is None


def test_another_code_is_taken_where_it_is_said_to_be_the_same_persons(
    answered_phone, service, another_code
):
    answered_phone.enrol(another_code, again=True)

    assert service.codes[another_code] is not None
    assert str(answered_phone.sync()) == "accepted=1 waiting=0 dead=0"


def test_the_terminal_asks_whose_the_other_code_is(enrolled_terminal, open_service):
    open_service.codes[OTHER_CODE] = None

    refused = enrolled_terminal.online("enrol", OTHER_CODE)

    assert refused.exit == 1
    assert "--again" in refused.err
    assert "--person" in refused.err
    assert open_service.codes[OTHER_CODE] is None
    assert enrolled_terminal.online("enrol", OTHER_CODE, "--again").exit == 0


@pytest.mark.parametrize("scope", ["admin", "supervisor", "admin supervisor", ""])
def test_a_code_for_reading_enrols_no_device_that_answers(new_phone, service, scope):
    service.intercept = edit_token_scope(scope)
    phone = new_phone()

    with pytest.raises(CodeForReading, match="for reading scores, not for answering"):
        phone.enrol(CODE)

    assert not phone.enrolled


def test_a_code_for_reading_leaves_the_enrolment_as_it_was(
    phone, service, another_code
):
    service.intercept = edit_token_scope()
    with pytest.raises(CodeForReading):
        phone.enrol(another_code, again=True)
    service.intercept = no_fault
    service.log.clear()

    assert phone.sync().problem is None
    assert service.paths() == ["/v1/sync"]


def test_a_scope_that_is_not_told_is_the_one_that_was_asked_for(new_phone, service):
    service.intercept = edit_token_scope(None)
    phone = new_phone()

    phone.enrol(CODE)

    assert phone.enrolled


def test_a_code_for_reading_is_not_lost(new_phone, service):
    service.intercept = edit_token_scope()

    with pytest.raises(CodeForReading) as refused:
        new_phone().enrol(CODE)

    assert refused.value.device == service.codes[CODE]
    assert refused.value.device not in str(refused.value)


def test_the_terminal_says_what_a_code_for_reading_is_for(terminal, open_service):
    open_service.intercept = edit_token_scope()

    said = terminal.online("enrol", CODE)

    assert said.exit == 1
    assert "this code is for reading scores" in said.err
    body = json.dumps({"code": CODE, "device": open_service.codes[CODE]})
    assert f"-d '{body}' {terminal.origin}{ENROLMENTS}" in said.err
