"""A personal device with an item that cannot be processed still sends the others."""

import pytest
from fake_service.documents import NOW
from fake_service.faults import edit_reply, no_fault, on_path, reply_with
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE, problem, read_request

from rapport_client import OutboxFull, Response, TimedOut
from rapport_client._protocol import base64url

SUBMISSIONS = "/v1/submissions"


@pytest.fixture
def phone_with_three_answers(new_phone, service, keys):
    """A phone with three answers waiting: 1, 2 and 3."""
    for key in keys[1:]:
        service.add_wave(key)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    for value in (1, 2, 3):
        answer_first_pulse(phone, value)
    service.log.clear()
    return phone


def read_answer(service, request):
    """The answer to the anchor in the one envelope of a request."""
    (item,) = read_request(request)["items"]
    return service.open_item(item)["answers"]["A0"]


def reply_to_first_answer(service, response):
    """The answer 1 gets a reply of its own."""

    def fault(request, reply):
        return response if read_answer(service, request) == 1 else reply()

    return on_path(SUBMISSIONS, fault)


def list_sent_answers(service):
    return [
        read_answer(service, request)
        for request in service.log
        if request.url.endswith(SUBMISSIONS)
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [(413, "too-large"), (400, "malformed"), (400, "bad-request"), (422, "invalid")],
)
def test_request_that_the_service_refuses_is_dead_and_the_rest_goes(
    phone_with_three_answers, service, status, code
):
    """T6: a permanent fault is never sent again."""
    service.intercept = reply_to_first_answer(service, problem(status, code))

    report = phone_with_three_answers.sync()

    assert str(report).startswith("accepted=2 waiting=0 dead=1")
    (notice,) = report.notices
    assert notice.startswith("An answer was refused and stays on this device: ")
    assert code in notice
    (dead,) = phone_with_three_answers.export_dead()
    assert (dead.reason, dead.status) == (code, None)
    assert len(base64url.decode(dead.envelope)) == 337
    phone_with_three_answers.sync()
    assert list_sent_answers(service) == [1, 2, 3]


def test_item_that_the_service_rejects_is_dead_and_the_rest_goes(
    phone_with_three_answers, service
):
    service.intercept = on_path(
        SUBMISSIONS,
        lambda request, reply: (
            edit_reply(
                lambda document: document["results"][0].update(
                    status="rejected", reason="ballot_invalid"
                )
            )(request, reply)
            if len(list_sent_answers(service)) == 1
            else reply()
        ),
    )

    assert str(phone_with_three_answers.sync()).startswith(
        "accepted=2 waiting=0 dead=1; An answer was"
    )


def test_item_that_breaks_the_service_three_times_goes_behind_the_others(
    phone_with_three_answers, service
):
    """T5: the queue is not blocked by its head."""
    service.intercept = reply_to_first_answer(service, problem(500, "internal"))
    assert [phone_with_three_answers.sync().accepted for _ in range(2)] == [0, 0]

    assert phone_with_three_answers.sync().accepted == 2

    assert list_sent_answers(service) == [1, 1, 1, 2, 3]
    assert phone_with_three_answers.status().queued == 1
    service.intercept = no_fault
    assert phone_with_three_answers.sync().accepted == 1


def test_item_that_the_service_never_answers_goes_behind_the_others(
    phone_with_three_answers, service
):
    def silent(request, reply):
        if read_answer(service, request) == 1:
            raise TimedOut("no reply in time")
        return reply()

    service.intercept = on_path(SUBMISSIONS, silent)
    for _ in range(4):
        phone_with_three_answers.sync()

    assert list_sent_answers(service) == [1, 1, 1, 2, 3, 1]
    assert phone_with_three_answers.status().queued == 1


def test_a_service_that_is_down_is_not_taken_for_a_bad_item(
    phone_with_three_answers, service
):
    service.intercept = on_path(SUBMISSIONS, reply_with(problem(503, "busy")))
    for _ in range(6):
        phone_with_three_answers.sync()

    assert list_sent_answers(service) == [1] * 6
    service.intercept = no_fault
    assert phone_with_three_answers.sync().accepted == 3


@pytest.mark.parametrize("status", [400, 413])
def test_a_proxy_never_decides_that_an_answer_is_dead(
    phone_with_three_answers, service, status
):
    page = Response(status, {"content-type": "text/html"}, b"<h1>No</h1>")
    service.intercept = reply_to_first_answer(service, page)
    for _ in range(6):
        phone_with_three_answers.sync()

    assert phone_with_three_answers.status().dead == 0
    service.intercept = no_fault
    phone_with_three_answers.sync()
    assert len(service.contents) == 3


def test_corrupt_item_dies_and_the_rest_goes(phone_with_three_answers, service):
    """T5: a record that does not open is reported and blocks no other."""
    with phone_with_three_answers._account.namespace.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300) WHERE seq = 1")

    report = phone_with_three_answers.sync()

    assert str(report).startswith("accepted=2 waiting=0 dead=1")
    assert list_sent_answers(service) == [2, 3]
    (dead,) = phone_with_three_answers.export_dead()
    assert (dead.reason, dead.envelope) == ("unreadable", None)


@pytest.mark.parametrize("kind", ["seen", "limits", "clock"])
def test_corrupt_notes_hold_up_no_answer(phone_with_three_answers, service, kind):
    """T5: the epoch is fetched again; without it an answer is offered once more."""
    service.clock = lambda: phone_with_three_answers.now
    phone_with_three_answers._engine.draw()
    with phone_with_three_answers._account.namespace.database.write() as rows:
        rotten = rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = ?", (kind,)
        )
    assert rotten.rowcount == 1

    assert phone_with_three_answers.sync().accepted == 3
    phone_with_three_answers.sync()
    assert phone_with_three_answers.status().settled == 3
    assert len(service.contents) == 3


def test_the_backlog_of_a_personal_device_goes_one_by_one(
    phone_with_three_answers, service
):
    phone_with_three_answers.sync()

    assert service.batches == [1, 1, 1]
    assert all(
        request.fresh for request in service.log if request.url.endswith(SUBMISSIONS)
    )


# The cap on the disk.


def test_a_full_outbox_takes_nothing_new_and_loses_nothing(new_phone, service, keys):
    for key in keys[1:]:
        service.add_wave(key)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone, 1)
    phone.close()
    capped = new_phone(disk_cap=4096)

    with pytest.raises(OutboxFull, match="send the answers that wait in it first"):
        answer_first_pulse(capped, 2)
    with pytest.raises(OutboxFull):
        capped.withdraw(capped.status().items[0].wave_id)

    assert capped.status().queued == 1
    assert len(capped.open_pulses()) == 2
    report = capped.sync()
    assert report.accepted == 1
    assert [content["answers"]["A0"] for content in service.contents] == [1]


def test_a_full_outbox_says_so_when_it_cannot_draw(new_phone, service):
    new_phone().enrol(CODE)

    report = new_phone(disk_cap=4096).sync()

    assert "may hold 4096 (disk_cap)" in report.problem
    assert "nothing waits that you could send" in report.problem
    assert service.paths().count("/v1/ballots") == 0


def test_an_outbox_that_is_too_small_spends_no_code(new_phone, service):
    with pytest.raises(OutboxFull, match=r"may hold 1 \(disk_cap\)"):
        new_phone(disk_cap=1).enrol(CODE)

    assert service.log == []
    new_phone().enrol(CODE)


def test_status_reports_the_oldest_age(answered_phone):
    assert answered_phone.status().oldest.total_seconds() == 0
    answered_phone.held.advance(days=2)
    assert answered_phone.status().oldest.days == 2
    answered_phone.now = NOW.replace(year=1976)
    assert answered_phone.status().oldest.total_seconds() == 0

    answered_phone.sync()
    assert answered_phone.status().oldest is None
