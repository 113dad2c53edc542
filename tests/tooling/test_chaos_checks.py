"""Checks of chaos: each planted fault breaks one promise in correct ledgers."""

import json
from types import MappingProxyType
from uuid import UUID

import pytest

from tools.chaos.answer_checks import (
    check_acknowledgements,
    check_first_content,
    check_no_double,
    check_no_loss,
    check_races,
    check_restored,
    check_single_acceptance,
    check_unknown_forms,
    check_withdrawals,
)
from tools.chaos.database import DatabaseSnapshot, StoredBallot, StoredWave
from tools.chaos.device_checks import (
    check_anonymity,
    check_backlog_requests,
    check_clocks,
    check_ended_devices,
    check_message_sizes,
    check_retry_after,
    check_sent_answers,
    check_settlement,
)
from tools.chaos.evidence import Evidence, RunTimes
from tools.chaos.participants import Participants

WAVE, KID, TEAM = "acme.wave", "acme.key", UUID(int=1)
KEY = (KID, "hash")
ANSWERS = {"A0": 4}
CONTENT = json.dumps({"answers": ANSWERS, "context": None})
ITEM = {
    "op": "submit",
    "ballot": "jwt",
    "content": CONTENT,
    "kid": KID,
    "hash": "hash",
    "digest": "digest",
}
ATTEMPT = {"person": "ana", "wave": WAVE, "answers": ANSWERS, "context": None}
LATER_ATTEMPT = ATTEMPT | {"wave": "acme.later"}
PARTICIPANTS = Participants(
    {"phone": ("ana",)}, (), (), (), (), frozenset({"phone"}), {}, frozenset({"phone"})
)
WITHDRAWAL = ITEM | {"op": "withdraw", "content": None, "digest": None}
STORED = StoredBallot("accepted", None, "digest")
CHECKS = (
    check_no_loss,
    check_no_double,
    check_acknowledgements,
    check_first_content,
    check_races,
    check_single_acceptance,
    check_clocks,
    check_withdrawals,
    check_ended_devices,
    check_unknown_forms,
    check_retry_after,
    check_backlog_requests,
    check_sent_answers,
    check_settlement,
    check_restored,
    check_anonymity,
    check_message_sizes,
)


def build_entry(event, **facts):
    return {"event": event, "pid": 1, "at": 1.0, **facts}


def build_status(state="settled", status="accepted", reason=None, op="submit"):
    item = {"wave": WAVE, "op": op, "state": state, "status": status, "reason": reason}
    return build_entry("status", person="ana", items=[item])


def build_ledger(*more):
    return [
        build_entry("answering", **ATTEMPT),
        build_entry("answered", **ATTEMPT),
        build_entry("sending", items=[ITEM]),
        *more,
    ]


def build_exchange(
    status="accepted", item=ITEM, *, observed=True, race=None, request_bytes=700
):
    result = {"status": status, "hash": item["hash"], "digest": item["digest"]}
    return build_entry(
        "exchange",
        items=[item],
        results=[result],
        observed=observed,
        race=race,
        status=200,
        request_bytes=request_bytes,
        reply_bytes=200,
    )


def build_snapshot(
    rows=(STORED,), others=(), answers=1, more_ballots=MappingProxyType({})
):
    stored_answers = tuple((TEAM, 0, "[4]") for _ in range(answers))
    return DatabaseSnapshot(
        {WAVE: StoredWave("sealed", {}, stored_answers)},
        {KID: (WAVE, TEAM)},
        {**({KEY: list(rows)} if rows else {}), **more_ballots},
        {KEY: set(others)},
    )


def build_evidence(ledger=None, exchanges=None, attacks=(), database=None, **more):
    return Evidence(
        PARTICIPANTS,
        {"phone": build_ledger(build_status()) if ledger is None else ledger},
        [build_exchange()] if exchanges is None else exchanges,
        list(attacks),
        database or build_snapshot(),
        **more,
    )


OTHER_ITEM = ITEM | {"digest": "other"}

FAULTS = {
    "gone from the phone": (check_no_loss, build_evidence(build_ledger())),
    "still waiting": (
        check_no_loss,
        build_evidence(build_ledger(build_status("queued", None))),
    ),
    "dead without a reason": (
        check_no_loss,
        build_evidence(build_ledger(build_status("dead", "rejected"))),
    ),
    "never stored": (check_no_loss, build_evidence(database=build_snapshot(rows=()))),
    "two rows of a ballot": (
        check_no_double,
        build_evidence(database=build_snapshot(rows=(STORED, STORED))),
    ),
    "an answer too many": (
        check_no_double,
        build_evidence(database=build_snapshot(answers=2)),
    ),
    "two ballots of a person": (
        check_no_double,
        build_evidence(
            [
                *build_ledger(build_status()),
                build_entry("sending", items=[ITEM | {"hash": "another"}]),
            ]
        ),
    ),
    "a ballot that was never sent": (
        check_no_double,
        build_evidence(
            database=build_snapshot(
                more_ballots={(KID, "strange"): [STORED]}, answers=2
            )
        ),
    ),
    "acknowledged and gone": (
        check_acknowledgements,
        build_evidence(database=build_snapshot(rows=())),
    ),
    "acknowledged and replaced": (
        check_acknowledgements,
        build_evidence(
            database=build_snapshot(rows=(StoredBallot("accepted", None, "other"),))
        ),
    ),
    "a second content is not kept": (
        check_first_content,
        build_evidence(
            exchanges=[build_exchange(), build_exchange("held", OTHER_ITEM)]
        ),
    ),
    "accepted twice": (
        check_single_acceptance,
        build_evidence(exchanges=[build_exchange(), build_exchange()]),
    ),
    "a race won twice": (
        check_races,
        build_evidence(attacks=[build_exchange(race="r"), build_exchange(race="r")]),
    ),
    "a tick failed": (check_races, build_evidence(log='{"event": "tick failed"}')),
    "the service broke": (
        check_races,
        build_evidence(exchanges=[build_entry("exchange", path="/", status=500)]),
    ),
    "a session crashed": (check_sent_answers, build_evidence(crashed=("phone",))),
    "sent without an answer": (
        check_sent_answers,
        build_evidence([build_entry("sending", items=[ITEM]), build_status()]),
    ),
    "sent an answer that was not accepted": (
        check_sent_answers,
        build_evidence(
            [
                build_entry("answering", **ATTEMPT),
                build_entry("not answered", wave=WAVE),
                build_entry("sending", items=[ITEM]),
                build_status(),
            ]
        ),
    ),
    "settled without a reply": (
        check_settlement,
        build_evidence(exchanges=[build_exchange(observed=False)]),
    ),
    "settled with another status": (
        check_settlement,
        build_evidence(build_ledger(build_status(status="late"))),
    ),
    "sent in another order": (
        check_clocks,
        build_evidence(
            [
                build_entry("answering", **LATER_ATTEMPT),
                build_entry("answered", **LATER_ATTEMPT),
                build_entry("answering", **ATTEMPT),
                build_entry("answered", **ATTEMPT),
                build_entry("sending", items=[ITEM]),
                build_entry("sending", items=[ITEM | {"kid": "acme.later-key"}]),
            ],
            database=DatabaseSnapshot(
                {},
                {KID: (WAVE, TEAM), "acme.later-key": ("acme.later", TEAM)},
                {},
                {},
            ),
        ),
    ),
    "a wrong clock cost an answer": (
        check_clocks,
        build_evidence(build_ledger(build_status("dead", "rejected", "why"))),
    ),
    "a replaced phone could not hand in": (
        check_ended_devices,
        build_evidence(build_ledger(build_status("queued", None))),
    ),
    "withdrawn and there": (
        check_withdrawals,
        build_evidence(
            [
                build_entry("withdrew", person="ana", wave=WAVE),
                build_entry("sending", items=[WITHDRAWAL]),
                build_status(status="withdrawn", op="withdraw"),
            ]
        ),
    ),
    "a withdrawal is forgotten": (
        check_withdrawals,
        build_evidence([build_entry("withdrew", person="ana", wave=WAVE)]),
    ),
    "an unknown form is counted": (
        check_unknown_forms,
        build_evidence(
            attacks=[build_exchange(item=ITEM | {"content": '{"form": 99}'})]
        ),
    ),
    "asked too early": (
        check_retry_after,
        build_evidence(
            [
                build_entry("reply", door="ballot box", retry_after="5"),
                build_entry("request", door="ballot box") | {"at": 3.0},
            ]
        ),
    ),
    "one item in many requests": (
        check_backlog_requests,
        build_evidence([build_entry("sending", items=[ITEM])] * 3),
    ),
    "rolled back and lost": (
        check_restored,
        build_evidence(
            database=build_snapshot(rows=()), run_times=RunTimes(0.0, 0.5, 2.0)
        ),
    ),
    "a person in the log": (check_anonymity, build_evidence(log="hello ana")),
    "too many bytes": (
        check_message_sizes,
        build_evidence(exchanges=[build_exchange(request_bytes=900)]),
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_ledgers_in_order_break_no_promise(check):
    assert list(check(build_evidence())) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_breaks_its_check(fault):
    check, ledgers = FAULTS[fault]

    assert list(check(ledgers))


def test_phone_may_die_before_it_has_noted_an_accepted_answer():
    ledger = [
        build_entry("answering", **ATTEMPT),
        build_entry("sending", items=[ITEM]),
        build_status(),
    ]

    assert not [v for check in CHECKS for v in check(build_evidence(ledger))]


def test_lost_reply_is_no_acknowledgement_and_breaks_nothing():
    lost = build_exchange(observed=False)
    again = build_exchange("duplicate")
    ledgers = build_evidence(
        build_ledger(build_status(status="duplicate")), exchanges=[lost, again]
    )

    assert not [v for check in CHECKS for v in check(ledgers)]
