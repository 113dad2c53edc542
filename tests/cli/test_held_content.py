"""``rapport held``: counts in bands, checks again, destroys."""

import json

import pytest
from click.testing import CliRunner

from rapport_service.agency.models import AuditEntry
from rapport_service.ballotbox.models import Answer, Conflict, StoredStatus, Submission
from rapport_service.cli.held import held
from rapport_service.instrument import answers
from tests.ballotbox.withdrawals import item_results
from tests.cli.command_runner import run_command, run_command_json
from tests.support.ballots import stored_hash
from tests.support.http_phone import content, item, submit, withdrawal
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
    retire_waves,
)
from tests.support.rows import find_on_disk, rows_of

WIDE = content(value=6)
"""Content of an app that offers one answer too many: held, until the rules allow it."""

NOTHING = {
    "form_unknown": "under 10",
    "answers_invalid": "under 10",
    "content_conflict": "under 10",
}


@pytest.fixture
def agency(service):
    return service.agency({"a": 60})


@pytest.fixture
def fix_rule(monkeypatch):
    """Corrects the rule by which the wide answers are held."""

    def fix():
        monkeypatch.setattr(
            answers, "_is_value", lambda value, _scale: value in {4, 6, "na", "skip"}
        )

    return fix


def send(agency, ballot_factory, wave, frozen, count=1):
    """Submits one content under so many ballots; the ballots."""
    ballots = ballot_factory.ballots(agency, wave, "a", count)
    submit(agency.service.http, *(item(ballot, frozen) for ballot in ballots))
    return ballots


def statuses(agency):
    return {row.ballot_hash: row.status for row in rows_of(Submission, agency)}


def audited(agency):
    return [
        (entry.actor_kind, entry.action, entry.subject)
        for entry in rows_of(AuditEntry, agency)
        if entry.action.endswith("what is held")
    ]


# Numbers


@pytest.mark.parametrize("step", ["announced", "closed", "sealing", "cancelled"])
def test_numbers_come_only_with_the_seal(agency, wave, ballot_factory, step):
    send(agency, ballot_factory, wave, WIDE, 12)
    if step in {"closed", "sealing"}:
        advance_past_close(agency)
    if step == "sealing":
        begin_sealing(agency, wave)
    if step == "cancelled":
        cancel_wave(agency, wave)

    refusal = run_command(held, "show", agency.id, wave, status=1)

    assert refusal.startswith("Error: this wave is not sealed yet")
    assert audited(agency) == []


@pytest.mark.parametrize(
    ("count", "band"),
    [(0, "under 10"), (9, "under 10"), (10, "10-19"), (20, "20-49"), (50, "50+")],
)
def test_after_the_seal_there_are_bands_and_none_is_small(
    agency, wave, ballot_factory, count, band
):
    if count:
        send(agency, ballot_factory, wave, WIDE, count)
    agency.seal()

    shown = run_command_json(held, "show", agency.id, wave)

    assert shown == {"wave_id": wave, "held": NOTHING | {"answers_invalid": band}}


def test_each_reason_has_a_line_of_its_own_for_people(agency, wave, ballot_factory):
    ballot, *_ = send(agency, ballot_factory, wave, content())
    send(agency, ballot_factory, wave, content().replace('"form": 0', '"form": 99'), 10)
    item_results(agency, *(item(ballot, content()) for _ in range(5)))
    agency.seal()

    assert run_command(held, "show", agency.id, wave).splitlines() == [
        "form_unknown\t10-19",
        "answers_invalid\tunder 10",
        "content_conflict\tunder 10",
    ]


def test_late_and_withdrawn_submissions_are_not_in_the_numbers(
    agency, wave, ballot_factory
):
    taken_back = send(agency, ballot_factory, wave, WIDE, 10)
    agency.seal()
    send(agency, ballot_factory, wave, content(), 10)
    assert run_command_json(held, "show", agency.id, wave)["held"] != NOTHING

    item_results(agency, *map(withdrawal, taken_back))

    assert run_command_json(held, "show", agency.id, wave)["held"] == NOTHING


# A second look


def test_revalidated_before_the_seal_it_is_accepted_and_counts(
    agency, wave, ballot_factory, fix_rule
):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    fix_rule()

    document = run_command_json(held, "revalidate", agency.id, wave)

    assert document == {"wave_id": wave, "held": None}
    assert statuses(agency) == {stored_hash(ballot): StoredStatus.ACCEPTED}
    assert item_results(agency, item(ballot, WIDE)) == [("duplicate", None)]


@pytest.mark.parametrize("step", ["sealing", "sealed"])
def test_revalidated_from_sealing_on_it_is_late(
    agency, wave, ballot_factory, fix_rule, step
):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    if step == "sealed":
        finish_sealing(agency, wave)
    fix_rule()

    run_command(held, "revalidate", agency.id, wave)

    assert statuses(agency) == {stored_hash(ballot): StoredStatus.LATE}
    assert item_results(agency, item(ballot, WIDE)) == [("late", None)]
    agency.tick()
    assert rows_of(Answer, agency) == []


def test_answer_that_still_breaks_a_rule_stays_held(agency, wave, ballot_factory):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)

    assert run_command(held, "revalidate", agency.id, wave) == ""

    assert item_results(agency, item(ballot, WIDE)) == [("held", "answers_invalid")]


def test_other_content_is_never_admitted(agency, wave, ballot_factory, fix_rule):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    other = content()
    item_results(agency, item(ballot, other))
    fix_rule()

    run_command(held, "revalidate", agency.id, wave)

    (kept,) = rows_of(Conflict, agency)
    assert kept.content == other.encode()
    assert item_results(agency, item(ballot, other)) == [("held", "content_conflict")]


def test_a_withdrawn_ballot_is_not_brought_back(agency, wave, ballot_factory, fix_rule):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    item_results(agency, withdrawal(ballot))
    fix_rule()

    run_command(held, "revalidate", agency.id, wave)

    assert statuses(agency) == {stored_hash(ballot): StoredStatus.WITHDRAWN}


# The end of held content


@pytest.mark.parametrize("sealed", [False, True], ids=["taking", "sealed"])
def test_discarded_content_is_gone_and_its_ballots_stay_bound(
    agency, wave, ballot_factory, fix_rule, sealed
):
    wide = content(value=6)
    (ballot, counted) = send(agency, ballot_factory, wave, wide) + send(
        agency, ballot_factory, wave, content()
    )
    others = [content(), content()]
    item_results(agency, item(ballot, others[0]), item(counted, others[1]))
    if sealed:
        agency.seal()
    traces = {text.encode()[-30:] for text in [wide, *others]}
    fix_rule()

    document = run_command_json(held, "discard", agency.id, wave)

    assert document == {"wave_id": wave, "held": NOTHING if sealed else None}
    assert rows_of(Conflict, agency) == []
    assert find_on_disk(traces) == set()
    run_command(held, "revalidate", agency.id, wave)
    assert item_results(agency, item(ballot, wide)) == [("held", "answers_invalid")]
    assert item_results(agency, item(ballot, content())) == [
        ("held", "content_conflict")
    ]
    assert item_results(agency, withdrawal(ballot)) == [("withdrawn", None)]


def test_accepted_and_late_answers_are_not_discarded(agency, wave, ballot_factory):
    frozen = content()
    (early,) = send(agency, ballot_factory, wave, frozen)
    run_command(held, "discard", agency.id, wave)
    agency.seal()
    (late,) = send(agency, ballot_factory, wave, frozen)
    run_command(held, "discard", agency.id, wave)

    assert item_results(agency, item(early, frozen), item(late, frozen)) == [
        ("duplicate", None),
        ("late", None),
    ]
    (row,) = rows_of(Submission, agency)
    assert row.content == frozen.encode()


def test_retirement_discards_whatever_is_held(agency, wave, ballot_factory):
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    item_results(agency, item(ballot, content()))
    agency.seal()

    retire_waves(agency)

    assert rows_of(Submission, agency) == rows_of(Conflict, agency) == []
    assert run_command_json(held, "show", agency.id, wave)["held"] == NOTHING


# Who, and what


def test_each_command_is_audited_without_a_number(agency, wave, ballot_factory):
    send(agency, ballot_factory, wave, WIDE)
    agency.seal()

    for command in ("show", "revalidate", "discard"):
        run_command(held, command, agency.id, wave)

    assert sorted(audited(agency)) == [
        ("command_line", "discarded what is held", wave),
        ("command_line", "looked at what is held", wave),
        ("command_line", "revalidated what is held", wave),
    ]


@pytest.mark.parametrize("command", ["show", "revalidate", "discard"])
def test_wave_of_another_agency_is_unknown(service, agency, wave, command):
    other = service.agency({"a": 8})

    refusal = run_command(held, command, other.id, wave, status=1)
    unknown = run_command(held, command, "nobody", wave, status=1)

    assert refusal == f"Error: there is no wave {wave}\n"
    assert unknown == "Error: there is no agency nobody\n"
    assert audited(agency) == audited(other) == []


def test_no_command_prints_held_content(agency, wave, ballot_factory):
    """Nothing but bands comes out of any command."""
    (ballot,) = send(agency, ballot_factory, wave, WIDE)
    agency.seal()
    outputs = [
        CliRunner().invoke(held, [command, agency.id, wave, *option]).output
        for option in ([], ["--json"])
        for command in ("show", "revalidate", "discard")
    ]

    nonce = json.loads(WIDE)["nonce"]
    for text in outputs:
        assert nonce not in text
        assert stored_hash(ballot).hex() not in text
