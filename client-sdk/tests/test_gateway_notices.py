"""Notices of a kiosk name the person whom they concern; a phone has only one."""

import pytest
from fake_service.faults import edit_reply, on_path, reply_with
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE, problem

SUBMISSIONS = "/v1/submissions"


@pytest.fixture
def maria(gateway):
    """A person on the kiosk who has answered."""
    maria = gateway.person("maria")
    maria.enrol(CODE)
    maria.sync()
    answer_first_pulse(maria)
    return maria


def reject_item():
    return edit_reply(
        lambda document: document["results"][0].update(status="rejected", reason="odd")
    )


@pytest.mark.parametrize("fault", [reject_item(), reply_with(problem(400, "odd"))])
@pytest.mark.usefixtures("maria")
def test_notice_names_the_person_whose_answer_was_refused(gateway, service, fault):
    service.intercept = on_path(SUBMISSIONS, fault)

    assert gateway.sync().notices == (
        "maria: An answer was refused and stays on this device: odd",
    )


@pytest.mark.usefixtures("maria")
def test_notice_names_the_person_without_a_ballot(gateway, service):
    service.codes["acme-0000-0000-0000"] = None
    jose = gateway.person("jose")
    jose.enrol("acme-0000-0000-0000")

    (notice,) = gateway.sync().notices

    assert notice.startswith("jose: North: a ballot was drawn on another phone")
    assert jose.sync().notices == (notice.removeprefix("jose: "),)


@pytest.mark.usefixtures("maria")
def test_notice_names_the_person_who_is_not_enrolled(gateway):
    with pytest.raises(Exception, match="code-unknown"):
        gateway.person("jose").enrol("acme-XXXX-XXXX-XXXX")

    (notice,) = gateway.sync().notices

    assert notice.startswith("jose: This device is not enrolled")


def test_a_person_of_a_kiosk_who_syncs_alone_is_not_named(maria, service):
    service.intercept = on_path(SUBMISSIONS, reject_item())

    (notice,) = maria.sync().notices

    assert notice.startswith("An answer was refused")


def test_corrupt_name_stops_no_other_person(gateway, maria):
    with maria._account.namespace.database.write() as rows:
        rows.execute("UPDATE people SET name = zeroblob(300)")

    assert gateway._engine.send().accepted == 1
