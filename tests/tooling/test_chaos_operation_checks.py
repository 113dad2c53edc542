"""Checks of chaos: wrong addresses, wrong clocks and cut-off rosters in ledgers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tooling.chaos_ledgers import (
    NOON,
    OPEN_WAVE,
    PARTICIPANTS,
    WAVE,
    build_entry,
    build_evidence,
    build_ledger,
    build_status,
)
from tools.chaos.operation_checks import (
    check_dates,
    check_rights,
    check_rosters,
    check_wave_times,
    check_wrong_address,
)

RIGHT_CLOCK = replace(PARTICIPANTS, wrong_clocks=frozenset())
CHECKS = (
    *(check_wrong_address, check_dates, check_wave_times),
    *(check_rosters, check_rights),
)


def build_look(error_seconds, after_opening=timedelta(minutes=1)):
    """A look of a phone at its pulses, which shows none although it could."""
    return build_entry(
        "looked",
        time=(NOON + after_opening).timestamp(),
        error=error_seconds,
        hidden=[WAVE],
    )


def build_states(state, time):
    return build_entry("states", time=time.timestamp(), states={WAVE: state})


def build_put(missing, *, confirmed=False):
    return build_entry("roster put", kept=3, missing=missing, confirmed=confirmed)


def build_removal(after, *, is_last_kept=True):
    return build_entry(
        "right removed",
        person="guest",
        before=200,
        after=after,
        is_last_kept=is_last_kept,
    )


def build_request(path, method="GET", *, has_bearer=False):
    return build_entry("exchange", path=path, method=method, has_bearer=has_bearer)


FAULTS = {
    "a token sent to a wrong address": (
        check_wrong_address,
        build_evidence(wrong_address=[build_request("/v1/sync", has_bearer=True)]),
    ),
    "an answer sent to a wrong address": (
        check_wrong_address,
        build_evidence(wrong_address=[build_request("/v1/submissions", "POST")]),
    ),
    "moved to a wrong address": (
        check_wrong_address,
        build_evidence(build_ledger(build_status(), build_entry("moved"))),
    ),
    "stored at a wrong address": (check_wrong_address, build_evidence(other_stored=1)),
    "an open pulse hidden by a date": (
        check_dates,
        build_evidence(
            build_ledger(build_status(), build_look(-86400.0)),
            participants=RIGHT_CLOCK,
        ),
    ),
    "opened too early": (
        check_wave_times,
        build_evidence(operations=[build_states("open", NOON - timedelta(seconds=1))]),
    ),
    "closed too early": (
        check_wave_times,
        build_evidence(operations=[build_states("closed", NOON)]),
    ),
    "sealed too early": (
        check_wave_times,
        build_evidence(operations=[build_states("sealed", OPEN_WAVE.closes_at)]),
    ),
    "cancelled by nobody": (
        check_wave_times,
        build_evidence(operations=[build_states("cancelled", NOON)]),
    ),
    "an administrator who goes on": (
        check_rights,
        build_evidence(operations=[build_removal(200)]),
    ),
    "a last administrator who was removed": (
        check_rights,
        build_evidence(operations=[build_removal(403, is_last_kept=False)]),
    ),
    "a person removed by half a roster": (
        check_rosters,
        build_evidence(operations=[build_put(["ana"])]),
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_ledgers_in_order_break_no_promise(check):
    assert list(check(build_evidence())) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_breaks_its_check(fault):
    check, ledgers = FAULTS[fault]

    assert list(check(ledgers))


def test_phone_without_an_enrolment_may_present_a_code_at_a_wrong_address():
    request = build_request("/v1/enrolments", "POST")

    assert not list(check_wrong_address(build_evidence(wrong_address=[request])))


@pytest.mark.parametrize(
    "look",
    [
        build_look(60.0),
        build_look(86400.0, after_opening=-timedelta(minutes=1)),
        build_look(86400.0, after_opening=timedelta(hours=1)),
    ],
)
def test_pulse_that_is_not_open_or_hidden_by_a_minute_breaks_nothing(look):
    ledgers = build_evidence(
        build_ledger(build_status(), look), participants=RIGHT_CLOCK
    )

    assert not list(check_dates(ledgers))


def test_steps_in_time_and_confirmed_rosters_break_nothing():
    operations = [
        build_states("planned", NOON - timedelta(days=1)),
        build_states("open", NOON),
        build_states("closed", OPEN_WAVE.closes_at),
        build_states("sealed", OPEN_WAVE.seals_at),
        build_put(["ana"], confirmed=True),
        build_put([]),
    ]
    ledgers = build_evidence(operations=operations)

    assert not list(check_wave_times(ledgers))
    assert not list(check_rosters(ledgers))
