"""Checks of chaos: each planted fault breaks one promise in correct ledgers."""

import pytest

from rapport_client._outbox.retention import UNKNOWN_KEY
from tests.tooling.chaos_ledgers import (
    ATTEMPT,
    ITEM,
    KID,
    STORED,
    TEAM,
    WAVE,
    build_entry,
    build_evidence,
    build_exchange,
    build_ledger,
    build_snapshot,
    build_status,
)
from tools.chaos.answer_checks import (
    check_acknowledgements,
    check_first_envelope,
    check_no_double,
    check_no_loss,
    check_nonsense,
    check_races,
    check_restored,
    check_single_acceptance,
    check_withdrawals,
)
from tools.chaos.database import DatabaseSnapshot, StoredBallot
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
from tools.chaos.evidence import RunTimes
from tools.chaos.network_faults import Fault

LATER_ATTEMPT = ATTEMPT | {"wave": "acme.later"}
OTHER_ITEM = ITEM | {"digest": "other"}
WITHDRAWAL = ITEM | {"op": "withdraw", "envelope": "random", "digest": "random"}
CHECKS = (
    check_no_loss,
    check_no_double,
    check_acknowledgements,
    check_first_envelope,
    check_races,
    check_single_acceptance,
    check_clocks,
    check_withdrawals,
    check_ended_devices,
    check_nonsense,
    check_retry_after,
    check_backlog_requests,
    check_sent_answers,
    check_settlement,
    check_restored,
    check_anonymity,
    check_message_sizes,
)


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
    "refused by another Rapport and left so": (
        check_no_loss,
        build_evidence(build_ledger(build_status("dead", "rejected", UNKNOWN_KEY))),
    ),
    "settled by another Rapport": (
        check_settlement,
        build_evidence(exchanges=[build_exchange() | {"fault": Fault.ELSEWHERE}]),
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
                more_ballots={(WAVE, "strange"): [STORED]}, answers=2
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
            database=build_snapshot(rows=(StoredBallot("accepted", "other"),))
        ),
    ),
    "a second envelope is taken": (
        check_first_envelope,
        build_evidence(
            exchanges=[build_exchange(), build_exchange("accepted", OTHER_ITEM)]
        ),
    ),
    "the first envelope is refused": (
        check_first_envelope,
        build_evidence(exchanges=[build_exchange("final", reason="envelope_conflict")]),
    ),
    "too late before the seal": (
        check_no_loss,
        build_evidence(
            build_ledger(build_status(status="final", reason="too_late")),
            exchanges=[build_exchange("final", reason="too_late")],
            operations=[
                build_entry("states", time=0.0, states={WAVE: "closed"}) | {"at": 2.0}
            ],
        ),
    ),
    "a conflict that is none": (
        check_no_loss,
        build_evidence(
            build_ledger(build_status(status="final", reason="envelope_conflict"))
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
        build_evidence(build_ledger(build_status(status="duplicate"))),
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
    "nonsense is refused at the door": (
        check_nonsense,
        build_evidence(
            attacks=[build_exchange("rejected", OTHER_ITEM, reason="undecodable")]
        ),
    ),
    "an envelope that does not open": (check_sent_answers, build_evidence(texts={})),
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
        build_evidence(exchanges=[build_exchange(request_bytes=1300)]),
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


def test_refusal_of_another_rapport_breaks_nothing_once_it_is_offered_again():
    elsewhere = build_exchange("rejected") | {"fault": Fault.ELSEWHERE}
    refused = build_status("dead", "rejected", UNKNOWN_KEY)
    ledgers = build_evidence(
        build_ledger(refused, build_status()), exchanges=[elsewhere, build_exchange()]
    )

    assert not [v for check in CHECKS for v in check(ledgers)]


def test_lost_reply_is_no_acknowledgement_and_breaks_nothing():
    lost = build_exchange(observed=False)
    again = build_exchange("duplicate")
    ledgers = build_evidence(
        build_ledger(build_status(status="duplicate")), exchanges=[lost, again]
    )

    assert not [v for check in CHECKS for v in check(ledgers)]
