"""A personal device with an item that nobody can take: the others still go."""

import pytest
from peer.documents import NOW
from peer.faults import at, clear, edited, instead
from peer.phone import answer
from peer.service import CODE, envelope_of, problem

from rapport_client import OutboxFull, Response, TimedOut

SUBMISSIONS = "/v1/submissions"


@pytest.fixture
def three(new_phone, peer, keys):
    """A phone with three answers waiting: 1, 2 and 3."""
    for key in keys[1:]:
        peer.add_wave(key)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    for value in (1, 2, 3):
        answer(phone, value)
    peer.log.clear()
    return phone


def first_is(response):
    """The answer 1 gets a reply of its own."""

    def fault(request, reply):
        (item,) = envelope_of(request)["items"]
        return response if '"A0":1' in item["content"] else reply()

    return at(SUBMISSIONS, fault)


def sent(peer):
    return [
        int(envelope_of(request)["items"][0]["content"].split('"A0":')[1][0])
        for request in peer.log
        if request.url.endswith(SUBMISSIONS)
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [(413, "too-large"), (400, "malformed"), (400, "bad-request"), (422, "invalid")],
)
def test_what_the_service_refuses_as_a_whole_is_dead_and_the_rest_goes(
    three, peer, status, code
):
    """T6: a permanent fault is never sent again."""
    peer.interfere = first_is(problem(status, code))

    report = three.sync()

    assert str(report).startswith("accepted=2 waiting=0 dead=1")
    (notice,) = report.notices
    assert notice.startswith("An answer was refused and stays on this device: ")
    assert code in notice
    (dead,) = three.export_dead()
    assert (dead.reason, dead.status) == (code, None)
    assert '"A0":1' in dead.content
    three.sync()
    assert sent(peer) == [1, 2, 3]


def test_what_the_service_rejects_is_dead_and_the_rest_goes(three, peer):
    peer.interfere = at(
        SUBMISSIONS,
        lambda request, reply: (
            edited(
                lambda told: told["results"][0].update(
                    status="rejected", reason="ballot-invalid"
                )
            )(request, reply)
            if len(sent(peer)) == 1
            else reply()
        ),
    )

    assert str(three.sync()).startswith("accepted=2 waiting=0 dead=1; An answer was")


def test_what_breaks_the_service_three_times_goes_behind_the_others(three, peer):
    """T5: the queue is not blocked by its head."""
    peer.interfere = first_is(problem(500, "internal"))
    assert [three.sync().accepted for _ in range(2)] == [0, 0]

    assert three.sync().accepted == 2

    assert sent(peer) == [1, 1, 1, 2, 3]
    assert three.status().queued == 1
    peer.interfere = clear
    assert three.sync().accepted == 1


def test_what_the_service_never_answers_goes_behind_the_others(three, peer):
    def silent(request, reply):
        (item,) = envelope_of(request)["items"]
        if '"A0":1' in item["content"]:
            raise TimedOut("no reply in time")
        return reply()

    peer.interfere = at(SUBMISSIONS, silent)
    for _ in range(4):
        three.sync()

    assert sent(peer) == [1, 1, 1, 2, 3, 1]
    assert three.status().queued == 1


def test_a_service_that_is_down_is_not_taken_for_a_bad_item(three, peer):
    peer.interfere = at(SUBMISSIONS, instead(problem(503, "busy")))
    for _ in range(6):
        three.sync()

    assert sent(peer) == [1] * 6
    peer.interfere = clear
    assert three.sync().accepted == 3


@pytest.mark.parametrize("status", [400, 413])
def test_a_proxy_never_decides_that_an_answer_is_dead(three, peer, status):
    page = Response(status, {"content-type": "text/html"}, b"<h1>No</h1>")
    peer.interfere = first_is(page)
    for _ in range(6):
        three.sync()

    assert three.status().dead == 0
    peer.interfere = clear
    three.sync()
    assert len(peer.contents) == 3


def test_a_rotten_item_dies_and_the_rest_goes(three, peer):
    """T5: bits rot on disk; what does not open any more is told, and blocks nobody."""
    with three._me.space.database.write() as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300) WHERE seq = 1")

    report = three.sync()

    assert str(report).startswith("accepted=2 waiting=0 dead=1")
    assert sent(peer) == [2, 3]
    (dead,) = three.export_dead()
    assert (dead.reason, dead.content) == ("unreadable", None)


@pytest.mark.parametrize("kind", ["seen", "limits", "clock"])
def test_rot_in_what_was_only_noted_holds_up_no_answer(three, peer, kind):
    """T5: it is learned again; without its epoch an answer is offered once more."""
    peer.clock = lambda: three.now
    three._syncing.draw()
    with three._me.space.database.write() as rows:
        rotten = rows.execute(
            "UPDATE records SET value = zeroblob(300) WHERE kind = ?", (kind,)
        )
    assert rotten.rowcount == 1

    assert three.sync().accepted == 3
    three.sync()
    assert three.status().settled == 3
    assert len(peer.contents) == 3


def test_the_backlog_of_a_personal_device_goes_one_by_one(three, peer):
    three.sync()

    assert peer.batches == [1, 1, 1]
    assert all(
        request.fresh for request in peer.log if request.url.endswith(SUBMISSIONS)
    )


# The cap on the disk.


def test_a_full_outbox_takes_nothing_new_and_loses_nothing(new_phone, peer, keys):
    for key in keys[1:]:
        peer.add_wave(key)
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    answer(phone, 1)
    phone.close()
    capped = new_phone(disk_cap=4096)

    with pytest.raises(OutboxFull, match="send what waits in it first"):
        answer(capped, 2)
    with pytest.raises(OutboxFull):
        capped.withdraw(capped.status().items[0].wave)

    assert capped.status().queued == 1
    assert len(capped.open_pulses()) == 2
    report = capped.sync()
    assert report.accepted == 1
    assert [content["answers"]["A0"] for content in peer.contents] == [1]


def test_a_full_outbox_says_so_when_it_cannot_draw(new_phone, peer):
    new_phone().enrol(CODE)

    report = new_phone(disk_cap=4096).sync()

    assert "may hold 4096 (disk_cap)" in report.problem
    assert "nothing waits that could be sent" in report.problem
    assert peer.paths().count("/v1/ballots") == 0


def test_an_outbox_that_is_too_small_spends_no_code(new_phone, peer):
    with pytest.raises(OutboxFull, match=r"may hold 1 \(disk_cap\)"):
        new_phone(disk_cap=1).enrol(CODE)

    assert peer.log == []
    new_phone().enrol(CODE)


def test_the_oldest_age_is_told(answered):
    assert answered.status().oldest.total_seconds() == 0
    answered.held.pass_by(days=2)
    assert answered.status().oldest.days == 2
    answered.now = NOW.replace(year=1976)
    assert answered.status().oldest.total_seconds() == 0

    answered.sync()
    assert answered.status().oldest is None
