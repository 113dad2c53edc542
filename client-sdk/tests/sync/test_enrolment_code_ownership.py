"""Codes for another purpose: another person's, or one for reading scores."""

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


def test_another_code_is_refused_where_a_person_is_enrolled(
    phone, service, another_code
):
    service.log.clear()

    with pytest.raises(AlreadyEnrolled, match="a person is enrolled here"):
        phone.enrol(another_code)

    assert service.log == []
    assert phone.sync().problem is None


def test_another_code_is_accepted_if_confirmed_as_the_same_persons(
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


def test_missing_scope_means_the_requested_one(new_phone, service):
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

    result = terminal.online("enrol", CODE)

    assert result.exit == 1
    assert "this code is for reading scores" in result.err
    words = f"rapport-field read {CODE} --server {terminal.origin} --device"
    assert f"{words} {open_service.codes[CODE]}" in result.err
