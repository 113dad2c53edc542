"""The printed report of a sync: counts, and each problem in words."""

from fake_service.faults import drop_request, on_path, reply_with
from fake_service.service import problem


def test_report_of_a_clean_sync_is_three_numbers(answered_phone):
    assert str(answered_phone.sync()) == "accepted=1 waiting=0 dead=0"


def test_a_device_that_is_not_enrolled_says_so(new_phone):
    assert str(new_phone().sync()) == (
        "accepted=0 waiting=0 dead=0; This device is not enrolled, so it draws no"
        " ballots: enrol it with the code that your agency gave you"
    )


def test_report_names_a_missing_connection(answered_phone, service):
    service.intercept = drop_request

    text = str(answered_phone.sync())

    assert text.startswith("accepted=0 waiting=1 dead=0; no connection: ")


def test_report_names_the_problem_of_a_part(answered_phone, service):
    service.intercept = on_path("/v1/sync", reply_with(problem(418, "brand-new")))

    assert str(answered_phone.sync()) == (
        "accepted=1 waiting=0 dead=0; brand-new (brand-new, HTTP 418)"
    )


def test_report_counts_a_withdrawal(answered_phone, wave):
    answered_phone.withdraw(wave.id)

    assert str(answered_phone.sync()) == (
        "accepted=0 waiting=0 dead=0 withdrawn=1;"
        " Your answer was withdrawn: it is counted nowhere"
    )


def test_report_says_that_an_answer_came_too_late(answered_phone, wave):
    wave.sealed = True

    assert str(answered_phone.sync()) == (
        "accepted=0 waiting=0 dead=0; An answer can no longer be counted: it came after"
        " the answers to this pulse had been unlocked (too_late)"
    )


def test_report_names_the_retry_after(answered_phone, service):
    busy = problem(503, "busy", retry="later")
    busy.headers["retry-after"] = "300"
    service.intercept = on_path("/v1/submissions", reply_with(busy))
    answered_phone.sync()

    assert "; the service is busy: try again in 300 seconds" in str(
        answered_phone.sync()
    )
