"""An answer is settled by the exact reply to its own request, and by no other."""

import copy
import json
from pathlib import Path

import pytest
from fake_service.documents import NOW, to_bytes
from fake_service.faults import (
    PORTAL,
    drop_request,
    edit_reply,
    lose_reply,
    no_fault,
    on_path,
    reply_with,
)
from fake_service.phone import answer_first_pulse
from fake_service.service import problem, read_request, reply_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import RapportError, Response
from rapport_client._protocol import send
from rapport_client._protocol.send import SubmissionItem, SubmissionResult

RULES = json.loads(
    (Path(__file__).parents[3] / "schemas/examples/v1/client_rules.json").read_text()
)
SUBMISSIONS = "/v1/submissions"
BATCH = "b" * 22
ITEM = SubmissionItem("submit", "a.b.c", "h" * 43, bytes(337), "d" * 43)
EXACT_REPLY = {
    "protocol": 1,
    "batch": BATCH,
    "results": [
        {"status": "accepted", "reason": None, "hash": ITEM.hash, "digest": ITEM.digest}
    ],
}
JSON = {"content-type": "application/json"}


def count_states(phone):
    status = phone.status()
    return (status.queued, status.in_flight, status.settled, status.dead)


def test_exact_reply_settles_the_item(answered_phone):
    report = answered_phone.sync()

    assert str(report) == "accepted=1 waiting=0 dead=0"
    assert count_states(answered_phone) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "fault",
    [
        drop_request,
        lose_reply,
        reply_with(PORTAL),
        reply_with(Response(204, {}, b"")),
        reply_with(Response(302, {"location": "https://portal.test"}, b"")),
        reply_with(reply_bytes(b'{"status":"ok"}')),
        reply_with(reply_bytes(to_bytes(EXACT_REPLY))),
        reply_with(problem(429, "slow-down", retry="later")),
        reply_with(problem(503, "busy", retry="later")),
        reply_with(problem(500, "internal")),
        reply_with(problem(400, "credentials-not-wanted")),
        reply_with(Response(413, {"content-type": "text/html"}, b"Too large")),
        reply_with(Response(400, {"content-type": "text/html"}, b"Bad request")),
        reply_with(Response(502, {"content-type": "text/html"}, b"Bad gateway")),
        edit_reply(lambda reply: reply.update(protocol=2)),
        edit_reply(lambda reply: reply.update(batch="another")),
        edit_reply(lambda reply: reply["results"].clear()),
        edit_reply(lambda reply: reply.update(results=reply["results"] * 2)),
        edit_reply(lambda reply: reply["results"][0].update(hash="h" * 43)),
        edit_reply(lambda reply: reply["results"][0].update(digest="d" * 43)),
        edit_reply(lambda reply: reply["results"][0].update(hash=None)),
        edit_reply(lambda reply: reply["results"][0].update(status="stored")),
    ],
)
def test_any_other_reply_leaves_the_answer_queued(answered_phone, service, fault):
    service.intercept = on_path(SUBMISSIONS, fault)

    report = answered_phone.sync()

    assert str(report).startswith("accepted=0 waiting=1 dead=0; ")
    assert report.problem is not None
    assert count_states(answered_phone) == (1, 0, 0, 0)


def test_a_lost_reply_costs_a_request_and_nothing_else(answered_phone, service):
    service.intercept = on_path(SUBMISSIONS, lose_reply)
    assert answered_phone.sync().offline

    service.intercept = no_fault
    report = answered_phone.sync()

    assert str(report) == "accepted=1 waiting=0 dead=0"
    assert len(service.contents) == 1
    first, second = (
        read_request(request)
        for request in service.log
        if request.url.endswith(SUBMISSIONS)
    )
    assert first["items"] == second["items"]
    assert first["batch"] != second["batch"]


def test_first_unknown_outcome_stops_the_rest(new_phone, service, keys):
    service.add_wave(keys[1])
    phone = new_phone()
    phone.enrol("acme-7QFM-29XK-T4WD")
    phone.sync()
    answer_first_pulse(phone)
    answer_first_pulse(phone)
    service.log.clear()
    service.intercept = on_path(SUBMISSIONS, drop_request)

    report = phone.sync()

    assert service.paths().count(SUBMISSIONS) == 1
    assert str(report).startswith("accepted=0 waiting=2 dead=0; ")


def test_answers_go_oldest_first_and_one_by_one(new_phone, service, keys):
    service.add_wave(keys[1], closes_at=NOW.replace(day=29))
    phone = new_phone()
    phone.enrol("acme-7QFM-29XK-T4WD")
    phone.sync()
    answer_first_pulse(phone, value=2)
    answer_first_pulse(phone, value=5)

    report = phone.sync()

    assert str(report) == "accepted=2 waiting=0 dead=0"
    assert [content["answers"]["A0"] for content in service.contents] == [2, 5]


@pytest.mark.parametrize("case", RULES["statuses"], ids=lambda case: case["reason"])
def test_every_status_has_its_end(answered_phone, service, case):
    status, reason = case["status"], case["reason"]
    accepted = int(status in {"accepted", "duplicate"})
    dead = int(case["state"] == "dead")
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda reply: reply["results"][0].update(status=status, reason=reason)
        ),
    )

    report = f"accepted={accepted} waiting=0 dead={dead}"
    assert str(answered_phone.sync()).startswith(report)
    assert count_states(answered_phone) == (0, 0, 1 - dead, dead)
    (item,) = answered_phone.status().items
    assert (item.status, item.reason) == (status, reason)

    service.log.clear()
    answered_phone.sync()
    assert SUBMISSIONS not in service.paths()


@pytest.mark.parametrize("status", ["late", "held"])
def test_status_that_has_gone_settles_nothing(answered_phone, service, status):
    service.intercept = on_path(
        SUBMISSIONS, edit_reply(lambda reply: reply["results"][0].update(status=status))
    )

    assert "status that this device does not know" in answered_phone.sync().problem
    assert count_states(answered_phone) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("status", "reason", "notice"),
    [
        ("final", "too_late", "An answer can no longer be counted"),
        ("final", "envelope_conflict", "An answer can no longer be counted"),
        ("final", "wave_cancelled", "An answer can no longer be counted"),
        (
            "rejected",
            "ballot_invalid",
            "An answer was refused and stays on this device",
        ),
    ],
)
def test_notice_says_why_an_answer_will_not_count(
    answered_phone, service, status, reason, notice
):
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda reply: reply["results"][0].update(status=status, reason=reason)
        ),
    )

    (sentence,) = answered_phone.sync().notices
    assert sentence.startswith(notice)
    assert reason in sentence


def test_item_that_the_service_could_not_parse_is_kept_and_not_sent_again(
    answered_phone, service
):
    service.intercept = on_path(
        SUBMISSIONS,
        edit_reply(
            lambda reply: reply["results"][0].update(
                status="rejected", reason="undecodable", hash=None, digest=None
            )
        ),
    )

    assert str(answered_phone.sync()).startswith("accepted=0 waiting=0 dead=1; ")


# The reading of a reply, without a device.


def read_reply(document, status=200, headers=JSON):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return send.read_reply(Response(status, headers, body), [ITEM], BATCH)


def test_the_exact_reply_is_read():
    assert read_reply(EXACT_REPLY) == [SubmissionResult("accepted", None)]


ECHOED_MEMBERS = ("protocol", "batch", "status", "hash", "digest")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(name=st.sampled_from(ECHOED_MEMBERS), value=ANY_JSON)
def test_reply_with_another_echo_settles_nothing(name, value):
    document = copy.deepcopy(EXACT_REPLY)
    holder = document if name in document else document["results"][0]
    if type(value) is type(holder[name]) and value == holder[name]:
        return
    if name == "status" and str(value) in send.STATUSES:
        return
    holder[name] = value

    with pytest.raises(RapportError):
        read_reply(document)


@settings(deadline=None)
@given(body=st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_foreign_body_settles_nothing(body):
    with pytest.raises(RapportError):
        read_reply(body)


@settings(deadline=None)
@given(status=st.integers(100, 599).filter(lambda status: status != 200))
def test_unknown_status_settles_nothing(status):
    with pytest.raises(RapportError):
        read_reply(EXACT_REPLY, status=status)


@settings(deadline=None)
@given(cut=st.integers(0, len(json.dumps(EXACT_REPLY)) - 1))
def test_partial_reply_settles_nothing(cut):
    with pytest.raises(RapportError):
        read_reply(json.dumps(EXACT_REPLY).encode()[:cut])
