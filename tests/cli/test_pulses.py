"""``rapport pulse``."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.command_runner import refusal_message
from tests.cli.test_waves import rows


def test_pulses_are_listed_with_their_lengths(acme):
    first_id, second_id = (
        acme("pulse", "create", "acme", "--first-opens", first).stdout.strip()
        for first in ("2027-01-11T09:00", "2027-01-18T09:00")
    )
    acme("pulse", "stop", "acme", second_id)

    lines = acme("pulse", "list", "acme").stdout.splitlines()
    listed = json.loads(acme("pulse", "list", "acme", "--json").stdout)["pulses"]

    assert lines == [
        f"{first_id}\t2027-01-11T09:00\t2\t7\t7\t7\ttrue\tUTC",
        f"{second_id}\t2027-01-18T09:00\t2\t7\t7\t7\tfalse\tUTC",
    ]
    assert [(each["id"], each["active"]) for each in listed] == [
        (first_id, True),
        (second_id, False),
    ]


@pytest.mark.parametrize(
    "another",
    [
        ["--first-opens", "2027-01-11T09:00"],
        ["--first-opens", "2027-01-17T09:00"],
        ["--first-opens", "2027-01-19T09:00"],
        ["--first-opens", "2026-12-28T09:00", "--every-weeks", "3"],
        ["--first-opens", "2029-01-01T09:00", "--every-weeks", "1"],
    ],
)
def test_a_pulse_whose_waves_would_overlap_those_of_another_is_refused(acme, another):
    (first,) = acme(
        "pulse", "create", "acme", "--first-opens", "2027-01-11T09:00"
    ).stdout.split()

    again = acme("pulse", "create", "acme", *another)

    why = refusal_message(again)
    assert why.startswith(f"would be open at the same time as a wave of pulse {first},")
    assert "which is open from 20" in why
    acme("pulse", "stop", "acme", first)
    assert acme("pulse", "create", "acme", *another).exit_code == 0


def test_a_pulse_fits_between_the_waves_of_another(acme):
    for first in ("2027-01-11T09:00", "2027-01-18T09:00"):
        done = acme("pulse", "create", "acme", "--first-opens", first)

        assert done.exit_code == 0, done.output


def test_a_pulse_is_created_and_its_waves_are_planned_by_the_next_tick(acme):
    soon = (datetime.now(UTC) + timedelta(days=8)).strftime("%Y-%m-%dT%H:%M")
    done = acme(
        *("pulse", "create", "acme", "--first-opens", soon),
        *("--every-weeks", "1", "--announce-days", "6"),
    )

    ticked = acme("tick")
    again = acme("tick")

    assert re.fullmatch(r"[0-9a-f-]{36}\n", done.stdout)
    assert (ticked.exit_code, ticked.stdout) == (0, "")
    assert "tick failed" not in ticked.stderr
    assert again.exit_code == 0
    assert rows(acme, "SELECT occurrence, state FROM waves ORDER BY occurrence") == [
        (0, "planned")
    ]


def test_several_waves_may_be_due_at_once(acme):
    soon = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    acme(
        *("pulse", "create", "acme", "--first-opens", soon),
        *("--every-weeks", "1", "--announce-days", "7"),
    )

    acme("tick")

    assert rows(acme, "SELECT occurrence FROM waves ORDER BY occurrence") == [
        (0,),
        (1,),
    ]


def test_a_stopped_pulse_plans_no_more(acme):
    soon = (datetime.now(UTC) + timedelta(days=8)).strftime("%Y-%m-%dT%H:%M")
    pulse = acme("pulse", "create", "acme", "--first-opens", soon).stdout.strip()

    stopped = acme("pulse", "stop", "acme", pulse)
    acme("tick")

    assert (stopped.exit_code, stopped.output) == (0, "pulse: stopped\n")
    assert rows(acme, "SELECT * FROM waves") == []


def test_a_pulse_that_is_not_there_cannot_be_stopped(acme):
    done = acme("pulse", "stop", "acme", "00000000-0000-4000-8000-000000000000")

    assert refusal_message(done).startswith("there is no pulse 0000")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            ["--open-days", "15"],
            "open_days: must be at most 14: a wave closes before the next opens",
        ),
        (["--every-weeks", "0"], "every_weeks: must be from 1 to 365"),
        (["--open-days", "-1"], "open_days: must be from 1 to 365"),
        (["--announce-days", "0"], "announce_days: must be from 1 to 365"),
        (["--grace-days", "366"], "grace_days: must be from 1 to 365"),
        (["--every-weeks", "1000000000000"], "every_weeks: must be from 1 to 365"),
    ],
)
def test_a_pulse_that_cannot_run_is_refused_with_the_rule(acme, wrong, why):
    done = acme("pulse", "create", "acme", "--first-opens", "2027-01-11T09:00", *wrong)

    assert refusal_message(done) == why


@pytest.mark.parametrize("first", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_pulse_outside_the_calendar_is_refused(acme, first):
    done = acme("pulse", "create", "acme", "--first-opens", first)

    assert refusal_message(done).startswith("first_opens: must be in the years")


@pytest.mark.parametrize("first", ["2027-01-11", "2027-01-11T09:00Z", "monday"])
def test_a_pulse_opens_at_a_local_date_and_time(acme, first):
    done = acme("pulse", "create", "acme", "--first-opens", first)

    assert done.exit_code == 2
