"""Planted faults: each breaks one promise in ledgers that are otherwise in order."""

import json
from types import MappingProxyType
from uuid import UUID

import pytest

from tests.chaos.cast import Cast
from tests.chaos.database import Database, Row, WaveRow
from tests.chaos.evidence import Evidence, Moments
from tests.chaos.fates import (
    first_wins,
    no_double,
    no_loss,
    one_acceptance,
    races,
    restored,
    truthful,
    unknown_forms,
    withdrawals,
)
from tests.chaos.manners import (
    clocks,
    drains,
    nobody_else_lets_go,
    nothing_identifies,
    only_taken,
    polite,
    revoked,
    small_requests,
)

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
TRY = {"person": "ana", "wave": WAVE, "answers": ANSWERS, "context": None}
LATER = TRY | {"wave": "acme.later"}
CAST = Cast(
    {"phone": ("ana",)}, (), (), (), (), frozenset({"phone"}), {}, frozenset({"phone"})
)
WITHDRAWAL = ITEM | {"op": "withdraw", "content": None, "digest": None}
STORED = Row("accepted", None, "digest")
CHECKS = (
    no_loss,
    no_double,
    truthful,
    first_wins,
    races,
    one_acceptance,
    clocks,
    withdrawals,
    revoked,
    unknown_forms,
    polite,
    drains,
    only_taken,
    nobody_else_lets_go,
    restored,
    nothing_identifies,
    small_requests,
)


def note(event, **facts):
    return {"event": event, "by": 1, "at": 1.0, **facts}


def status(state="settled", status="accepted", reason=None, op="submit"):
    item = {"wave": WAVE, "op": op, "state": state, "status": status, "reason": reason}
    return note("status", person="ana", items=[item])


def phone(*more):
    return [
        note("answering", **TRY),
        note("answered", **TRY),
        note("sending", items=[ITEM]),
        *more,
    ]


def crossing(status="accepted", item=ITEM, *, truly=True, race=None, up=700):
    result = {"status": status, "hash": item["hash"], "digest": item["digest"]}
    return note(
        "exchange",
        items=[item],
        said=[result],
        truly=truly,
        race=race,
        status=200,
        up=up,
        down=200,
    )


def stored(rows=(STORED,), others=(), answers=1, beside=MappingProxyType({})):
    said = tuple((TEAM, 0, "[4]") for _ in range(answers))
    return Database(
        {WAVE: WaveRow("sealed", {}, said)},
        {KID: (WAVE, TEAM)},
        {**({KEY: list(rows)} if rows else {}), **beside},
        {KEY: set(others)},
    )


def evidence(ledger=None, crossed=None, attacks=(), database=None, **more):
    return Evidence(
        CAST,
        {"phone": phone(status()) if ledger is None else ledger},
        [crossing()] if crossed is None else crossed,
        list(attacks),
        database or stored(),
        **more,
    )


OTHER = ITEM | {"digest": "other"}

FAULTS = {
    "gone from the phone": (no_loss, evidence(phone())),
    "still waiting": (no_loss, evidence(phone(status("queued", None)))),
    "dead without a reason": (no_loss, evidence(phone(status("dead", "rejected")))),
    "never stored": (no_loss, evidence(database=stored(rows=()))),
    "two rows of a ballot": (
        no_double,
        evidence(database=stored(rows=(STORED, STORED))),
    ),
    "an answer too many": (no_double, evidence(database=stored(answers=2))),
    "two ballots of a person": (
        no_double,
        evidence(
            [*phone(status()), note("sending", items=[ITEM | {"hash": "another"}])]
        ),
    ),
    "a ballot that nobody sent": (
        no_double,
        evidence(database=stored(beside={(KID, "strange"): [STORED]}, answers=2)),
    ),
    "acknowledged and gone": (truthful, evidence(database=stored(rows=()))),
    "acknowledged and replaced": (
        truthful,
        evidence(database=stored(rows=(Row("accepted", None, "other"),))),
    ),
    "a second content is not kept": (
        first_wins,
        evidence(crossed=[crossing(), crossing("held", OTHER)]),
    ),
    "accepted twice": (one_acceptance, evidence(crossed=[crossing(), crossing()])),
    "a race won twice": (
        races,
        evidence(attacks=[crossing(race="r"), crossing(race="r")]),
    ),
    "a tick failed": (races, evidence(log='{"event": "tick failed"}')),
    "the service broke": (
        races,
        evidence(crossed=[note("exchange", path="/", status=500)]),
    ),
    "a session crashed": (only_taken, evidence(crashed=("phone",))),
    "sent what nobody answered": (
        only_taken,
        evidence([note("sending", items=[ITEM]), status()]),
    ),
    "sent what was not taken": (
        only_taken,
        evidence(
            [
                note("answering", **TRY),
                note("not answered", wave=WAVE),
                note("sending", items=[ITEM]),
                status(),
            ]
        ),
    ),
    "let go on nobody's word": (
        nobody_else_lets_go,
        evidence(crossed=[crossing(truly=False)]),
    ),
    "let go with another word": (
        nobody_else_lets_go,
        evidence(phone(status(status="late"))),
    ),
    "sent in another order": (
        clocks,
        evidence(
            [
                note("answering", **LATER),
                note("answered", **LATER),
                note("answering", **TRY),
                note("answered", **TRY),
                note("sending", items=[ITEM]),
                note("sending", items=[ITEM | {"kid": "acme.later-key"}]),
            ],
            database=Database(
                {},
                {KID: (WAVE, TEAM), "acme.later-key": ("acme.later", TEAM)},
                {},
                {},
            ),
        ),
    ),
    "a wrong clock cost an answer": (
        clocks,
        evidence(phone(status("dead", "rejected", "why"))),
    ),
    "a replaced phone could not hand in": (
        revoked,
        evidence(phone(status("queued", None))),
    ),
    "withdrawn and there": (
        withdrawals,
        evidence(
            [
                note("withdrew", person="ana", wave=WAVE),
                note("sending", items=[WITHDRAWAL]),
                status(status="withdrawn", op="withdraw"),
            ]
        ),
    ),
    "a withdrawal is forgotten": (
        withdrawals,
        evidence([note("withdrew", person="ana", wave=WAVE)]),
    ),
    "an unknown form is counted": (
        unknown_forms,
        evidence(attacks=[crossing(item=ITEM | {"content": '{"form": 99}'})]),
    ),
    "asked too early": (
        polite,
        evidence(
            [
                note("reply", door="box", retry_after="5"),
                note("asking", door="box") | {"at": 3.0},
            ]
        ),
    ),
    "one item in many requests": (
        drains,
        evidence([note("sending", items=[ITEM])] * 3),
    ),
    "rolled back and lost": (
        restored,
        evidence(database=stored(rows=()), moments=Moments(0.0, 0.5, 2.0)),
    ),
    "a person in the log": (nothing_identifies, evidence(log="hello ana")),
    "too many bytes": (small_requests, evidence(crossed=[crossing(up=900)])),
}


@pytest.mark.parametrize("check", CHECKS)
def test_ledgers_in_order_break_no_promise(check):
    assert list(check(evidence())) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_noticed(fault):
    check, ledgers = FAULTS[fault]

    assert list(check(ledgers))


def test_a_phone_may_die_before_it_has_said_that_an_answer_is_taken():
    ledger = [note("answering", **TRY), note("sending", items=[ITEM]), status()]

    assert not [v for check in CHECKS for v in check(evidence(ledger))]


def test_a_lost_reply_is_nobodys_word_and_breaks_nothing():
    lost = crossing(truly=False)
    again = crossing("duplicate")
    ledgers = evidence(phone(status(status="duplicate")), crossed=[lost, again])

    assert not [v for check in CHECKS for v in check(ledgers)]
