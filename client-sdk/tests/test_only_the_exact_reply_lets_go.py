"""An answer leaves the queue by the exact reply to its own request, and by no other."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peer.documents import NOW, to_bytes
from peer.faults import PORTAL, at, clear, drop_request, edited, instead, lose_reply
from peer.phone import answer
from peer.service import envelope_of, problem, reply_bytes

from rapport_client import RapportError, Response, UnexpectedReply
from rapport_client.flows import send
from rapport_client.flows.send import Item, Verdict

SUBMISSIONS = "/v1/submissions"
BATCH = "b" * 22
ITEM = Item("a.b.c", "h" * 43, b"{}", "d" * 43)
EXACT = {
    "protocol": 1,
    "batch": BATCH,
    "results": [
        {"status": "accepted", "reason": None, "hash": ITEM.hash, "digest": ITEM.digest}
    ],
}
JSON = {"content-type": "application/json"}


def state(phone):
    status = phone.status()
    return (status.queued, status.in_flight, status.settled, status.dead)


def test_the_exact_reply_lets_go(answered):
    report = answered.sync()

    assert str(report) == "accepted=1 waiting=0 dead=0"
    assert state(answered) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "fault",
    [
        drop_request,
        lose_reply,
        instead(PORTAL),
        instead(Response(204, {}, b"")),
        instead(Response(302, {"location": "https://portal.test"}, b"")),
        instead(reply_bytes(b'{"status":"ok"}')),
        instead(reply_bytes(to_bytes(EXACT))),
        instead(problem(429, "slow-down", retry="later")),
        instead(problem(503, "busy", retry="later")),
        instead(problem(500, "internal")),
        instead(problem(400, "credentials-not-wanted")),
        instead(Response(413, {"content-type": "text/html"}, b"Too large")),
        instead(Response(400, {"content-type": "text/html"}, b"Bad request")),
        instead(Response(502, {"content-type": "text/html"}, b"Bad gateway")),
        edited(lambda reply: reply.update(protocol=2)),
        edited(lambda reply: reply.update(batch="another")),
        edited(lambda reply: reply["results"].clear()),
        edited(lambda reply: reply.update(results=reply["results"] * 2)),
        edited(lambda reply: reply["results"][0].update(hash="h" * 43)),
        edited(lambda reply: reply["results"][0].update(digest="d" * 43)),
        edited(lambda reply: reply["results"][0].update(hash=None)),
        edited(lambda reply: reply["results"][0].update(status="stored")),
    ],
)
def test_any_other_reply_leaves_the_answer_queued(answered, peer, fault):
    peer.interfere = at(SUBMISSIONS, fault)

    report = answered.sync()

    assert str(report).startswith("accepted=0 waiting=1 dead=0; ")
    assert report.problem is not None
    assert state(answered) == (1, 0, 0, 0)


def test_a_lost_reply_costs_a_request_and_nothing_else(answered, peer):
    peer.interfere = at(SUBMISSIONS, lose_reply)
    assert answered.sync().offline

    peer.interfere = clear
    report = answered.sync()

    assert str(report) == "accepted=1 waiting=0 dead=0"
    assert len(peer.contents) == 1
    first, second = (
        envelope_of(request)
        for request in peer.log
        if request.url.endswith(SUBMISSIONS)
    )
    assert first["items"] == second["items"]
    assert first["batch"] != second["batch"]


def test_the_first_unknown_outcome_stops_the_rest(new_phone, peer, keys):
    peer.add_wave(keys[1])
    phone = new_phone()
    phone.enrol("acme-7QFM-29XK-T4WD")
    phone.sync()
    answer(phone)
    answer(phone)
    peer.log.clear()
    peer.interfere = at(SUBMISSIONS, drop_request)

    report = phone.sync()

    assert peer.paths().count(SUBMISSIONS) == 1
    assert str(report).startswith("accepted=0 waiting=2 dead=0; ")


def test_answers_go_oldest_first_and_one_by_one(new_phone, peer, keys):
    peer.add_wave(keys[1], closes_at=NOW.replace(day=29))
    phone = new_phone()
    phone.enrol("acme-7QFM-29XK-T4WD")
    phone.sync()
    answer(phone, value=2)
    answer(phone, value=5)

    report = phone.sync()

    assert str(report) == "accepted=2 waiting=0 dead=0"
    assert [content["answers"]["A0"] for content in peer.contents] == [2, 5]


@pytest.mark.parametrize(
    ("status", "reason", "report", "end"),
    [
        ("accepted", None, "accepted=1 waiting=0 dead=0", (0, 0, 1, 0)),
        ("duplicate", None, "accepted=1 waiting=0 dead=0", (0, 0, 1, 0)),
        ("late", None, "accepted=0 waiting=0 dead=0", (0, 0, 1, 0)),
        ("withdrawn", None, "accepted=0 waiting=0 dead=0", (0, 0, 1, 0)),
        ("held", "content-conflict", "accepted=0 waiting=0 dead=0", (0, 0, 1, 0)),
        ("final", "expired", "accepted=0 waiting=0 dead=0", (0, 0, 1, 0)),
        ("rejected", "ballot-invalid", "accepted=0 waiting=0 dead=1", (0, 0, 0, 1)),
    ],
)
def test_every_status_has_its_end(answered, peer, status, reason, report, end):
    peer.interfere = at(
        SUBMISSIONS,
        edited(lambda reply: reply["results"][0].update(status=status, reason=reason)),
    )

    assert str(answered.sync()).startswith(report)
    assert state(answered) == end
    (item,) = answered.status().items
    assert (item.status, item.reason) == (status, reason)

    peer.log.clear()
    answered.sync()
    assert SUBMISSIONS not in peer.paths()


def test_late_and_held_answers_are_counted_apart(answered, peer):
    peer.interfere = at(
        SUBMISSIONS, edited(lambda reply: reply["results"][0].update(status="late"))
    )

    report = answered.sync()

    assert (report.accepted, report.late, report.held) == (0, 1, 0)


@pytest.mark.parametrize(
    ("status", "reason", "notice"),
    [
        (
            "held",
            "answers-invalid",
            "An answer is kept by the service and does not count",
        ),
        ("final", "wave-cancelled", "An answer can no longer be counted"),
        (
            "rejected",
            "ballot-invalid",
            "An answer was refused and stays on this device",
        ),
    ],
)
def test_a_person_is_told_why_an_answer_will_not_count(
    answered, peer, status, reason, notice
):
    peer.interfere = at(
        SUBMISSIONS,
        edited(lambda reply: reply["results"][0].update(status=status, reason=reason)),
    )

    (told,) = answered.sync().notices
    assert told.startswith(notice)
    assert reason in told


def test_what_the_service_could_not_parse_is_kept_and_not_sent_again(answered, peer):
    peer.interfere = at(
        SUBMISSIONS,
        edited(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="undecodable", hash=None, digest=None
            )
        ),
    )

    assert str(answered.sync()).startswith("accepted=0 waiting=0 dead=1; ")


# The reading of a reply, without a device.


def read(document, status=200, headers=JSON):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return send.read(Response(status, headers, body), [ITEM], BATCH)


def test_the_exact_reply_is_read():
    assert read(EXACT) == [Verdict("accepted", None)]


def test_members_that_are_new_are_passed_over():
    document = {**EXACT, "new": 1, "results": [{**EXACT["results"][0], "new": None}]}

    assert read(document) == [Verdict("accepted", None)]


def test_a_content_type_may_have_parameters():
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert read(EXACT, headers=headers) == [Verdict("accepted", None)]


@pytest.mark.parametrize(
    "content_type", ["", "text/json", "application/problem+json", "application/jsonx"]
)
def test_another_content_type_is_refused(content_type):
    with pytest.raises(UnexpectedReply):
        read(EXACT, headers={"content-type": content_type})


ECHOED = ("protocol", "batch", "status", "hash", "digest")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(name=st.sampled_from(ECHOED), value=ANYTHING)
def test_no_reply_with_another_echo_lets_go(name, value):
    document = copy.deepcopy(EXACT)
    holder = document if name in document else document["results"][0]
    if type(value) is type(holder[name]) and value == holder[name]:
        return
    if name == "status" and str(value) in send.STATUSES:
        return
    holder[name] = value

    with pytest.raises(RapportError):
        read(document)


@settings(deadline=None)
@given(body=st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_no_foreign_body_lets_go(body):
    with pytest.raises(RapportError):
        read(body)


@settings(deadline=None)
@given(status=st.integers(100, 599).filter(lambda status: status != 200))
def test_no_other_status_lets_go(status):
    with pytest.raises(RapportError):
        read(EXACT, status=status)


@settings(deadline=None)
@given(cut=st.integers(0, len(json.dumps(EXACT)) - 1))
def test_no_part_of_the_reply_lets_go(cut):
    with pytest.raises(RapportError):
        read(json.dumps(EXACT).encode()[:cut])
