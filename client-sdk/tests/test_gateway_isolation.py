"""Each person of a gateway is a separate device at the poll book."""

import pytest
from fake_service.faults import drop_request, on_path, reply_with
from fake_service.overload import busy
from fake_service.service import problem


def test_a_gateway_draws_for_everybody(gateway, enrol_people, service, keys):
    enrol_people(3)
    service.add_wave(keys[1])
    for name in gateway.people():
        assert gateway.person(name)._draws.all_pending() == []

    report = gateway.sync()

    assert report.drawn >= 1
    assert service.paths().count("/v1/sync") == 3


def test_poll_book_failure_of_one_person_stops_no_other(gateway, enrol_people, service):
    """T15: an enrolment that has ended delays no answer, its own included."""
    enrol_people(3)
    service.valid_access_tokens.clear()
    service.valid_refresh_tokens.clear()

    report = gateway.sync()

    assert report.accepted == 3
    assert sum("may draw no more ballots" in each for each in report.notices) == 3
    assert report.needs_code


def fail_poll_book(fault):
    """A fault of the poll book alone: what waits is still taken."""
    return on_path("/v1/sync", fault)


@pytest.mark.parametrize("fault", [drop_request, busy("60")])
def test_connection_that_fails_for_one_person_is_not_tried_for_all(
    gateway, enrol_people, service, fault
):
    """A hundred people would time out one after the other."""
    enrol_people(3)
    service.intercept = fail_poll_book(fault)

    assert gateway.sync().accepted == 3
    gateway.sync()

    assert service.paths().count("/v1/sync") <= 2


def test_a_broken_poll_book_reply_to_one_does_not_stop_the_others(
    gateway, enrol_people, service
):
    enrol_people(3)
    service.intercept = fail_poll_book(reply_with(problem(500, "internal")))

    gateway.sync()

    assert service.paths().count("/v1/sync") == 3


def test_a_poll_book_that_is_broken_is_not_asked_for_everybody(
    gateway, enrol_people, service
):
    """T14: a gateway of hundreds would multiply the load of a service that is down."""
    enrol_people(8)
    service.intercept = fail_poll_book(reply_with(problem(500, "internal")))

    gateway.sync()

    assert service.paths().count("/v1/sync") == 3


def test_corrupt_enrolment_of_one_person_harms_no_other(gateway, enrol_people, service):
    enrol_people(3)
    rotten = gateway.person(gateway.people()[0])
    with rotten._account.namespace.database.write() as rows:
        rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = 'account'"
            " AND person = ?",
            (rotten._account.namespace.key,),
        )

    report = gateway.sync()

    assert report.accepted == 3
    assert "enrolment on this device cannot be read any more" in report.problem
    assert service.paths().count("/v1/sync") == 2


def test_corrupt_name_does_not_stop_a_gateway(gateway, enrol_people, service, keys):
    first, *others = enrol_people(3)
    with gateway._file.database.write() as rows:
        rows.execute(
            "UPDATE people SET name = zeroblob(300) WHERE person = ?",
            (gateway.person(first)._account.namespace.key,),
        )
    service.add_wave(keys[1])

    report = gateway.sync()

    assert report.accepted == 3
    assert service.paths().count("/v1/sync") == 2
    assert gateway.people() == others
    gateway.person(first).sync()
    assert gateway.people() == [first, *others]
