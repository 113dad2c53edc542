"""``rapport held``: bands after the seal, a second look, the end of custody."""

import json

import pytest
from click.testing import CliRunner

from rapport_service.agency.models import AuditEntry
from rapport_service.ballotbox.models import Answer, Conflict, Standing, Submission
from rapport_service.cli.custody import held
from rapport_service.instrument import answers
from tests.ballotbox.withdrawing import told
from tests.ballots import hashed
from tests.cli.commands import run, run_json
from tests.disk import found
from tests.phone import content, item, submit, withdrawal
from tests.sealing import begin, cancel, finish, pass_the_close, retire
from tests.stored import rows_of

WIDE = content(value=6)
"""Content of an app that offers one answer too many: held, until the rules allow it."""

NOTHING = {
    "form-unknown": "under 10",
    "answers-invalid": "under 10",
    "content-conflict": "under 10",
}


@pytest.fixture
def agency(house):
    return house.agency({"a": 60})


@pytest.fixture
def fixed(monkeypatch):
    """Mends the rule that held the wide answers."""

    def fix():
        monkeypatch.setattr(
            answers, "_is_value", lambda value, _scale: value in {4, 6, "na", "skip"}
        )

    return fix


def send(agency, press, wave, frozen, count=1):
    """So many people say the same; their ballots."""
    ballots = press.ballots(agency, wave, "a", count)
    submit(agency.house.http, *(item(ballot, frozen) for ballot in ballots))
    return ballots


def standings(agency):
    return {row.ballot_hash: row.standing for row in rows_of(Submission, agency)}


def audited(agency):
    return [
        (entry.actor, entry.action, entry.subject)
        for entry in rows_of(AuditEntry, agency)
        if entry.action.endswith("what is held")
    ]


# Numbers


@pytest.mark.parametrize("step", ["announced", "closed", "sealing", "cancelled"])
def test_there_are_no_numbers_before_the_seal_nor_of_a_cancelled_wave(
    agency, wave, press, step
):
    send(agency, press, wave, WIDE, 12)
    if step in {"closed", "sealing"}:
        pass_the_close(agency)
    if step == "sealing":
        begin(agency, wave)
    if step == "cancelled":
        cancel(agency, wave)

    said = run(held, "show", agency.id, wave, status=1)

    assert said == (
        "Error: there are no numbers before the seal, nor of a cancelled wave\n"
    )
    assert audited(agency) == []


@pytest.mark.parametrize(
    ("count", "band"),
    [(0, "under 10"), (9, "under 10"), (10, "10-19"), (20, "20-49"), (50, "50+")],
)
def test_after_the_seal_there_are_bands_and_none_is_small(
    agency, wave, press, count, band
):
    if count:
        send(agency, press, wave, WIDE, count)
    agency.seal()

    shown = run_json(held, "show", agency.id, wave)

    assert shown == {"wave": wave, "held": NOTHING | {"answers-invalid": band}}


def test_each_reason_has_a_line_of_its_own_for_people(agency, wave, press):
    one, *_ = send(agency, press, wave, content())
    send(agency, press, wave, content().replace('"form": 0', '"form": 99'), 10)
    told(agency, *(item(one, content()) for _ in range(5)))
    agency.seal()

    assert run(held, "show", agency.id, wave).splitlines() == [
        "form-unknown\t10-19",
        "answers-invalid\tunder 10",
        "content-conflict\tunder 10",
    ]


def test_late_and_withdrawn_submissions_are_not_in_the_numbers(agency, wave, press):
    taken_back = send(agency, press, wave, WIDE, 10)
    agency.seal()
    send(agency, press, wave, content(), 10)
    assert run_json(held, "show", agency.id, wave)["held"] != NOTHING

    told(agency, *map(withdrawal, taken_back))

    assert run_json(held, "show", agency.id, wave)["held"] == NOTHING


# A second look


def test_revalidated_before_the_seal_it_is_accepted_and_counts(
    agency, wave, press, fixed
):
    (ballot,) = send(agency, press, wave, WIDE)
    fixed()

    said = run_json(held, "revalidate", agency.id, wave)

    assert said == {"wave": wave, "held": None}
    assert standings(agency) == {hashed(ballot): Standing.ACCEPTED}
    assert told(agency, item(ballot, WIDE)) == [("duplicate", None)]


@pytest.mark.parametrize("step", ["sealing", "sealed"])
def test_revalidated_from_sealing_on_it_is_late(agency, wave, press, fixed, step):
    (ballot,) = send(agency, press, wave, WIDE)
    pass_the_close(agency)
    begin(agency, wave)
    if step == "sealed":
        finish(agency, wave)
    fixed()

    run(held, "revalidate", agency.id, wave)

    assert standings(agency) == {hashed(ballot): Standing.LATE}
    assert told(agency, item(ballot, WIDE)) == [("late", None)]
    agency.tick()
    assert rows_of(Answer, agency) == []


def test_what_still_breaks_a_rule_stays_held(agency, wave, press):
    (ballot,) = send(agency, press, wave, WIDE)

    assert run(held, "revalidate", agency.id, wave) == ""

    assert told(agency, item(ballot, WIDE)) == [("held", "answers-invalid")]


def test_other_content_is_never_admitted(agency, wave, press, fixed):
    (ballot,) = send(agency, press, wave, WIDE)
    other = content()
    told(agency, item(ballot, other))
    fixed()

    run(held, "revalidate", agency.id, wave)

    (kept,) = rows_of(Conflict, agency)
    assert kept.content == other.encode()
    assert told(agency, item(ballot, other)) == [("held", "content-conflict")]


def test_a_withdrawn_ballot_is_not_brought_back(agency, wave, press, fixed):
    (ballot,) = send(agency, press, wave, WIDE)
    told(agency, withdrawal(ballot))
    fixed()

    run(held, "revalidate", agency.id, wave)

    assert standings(agency) == {hashed(ballot): Standing.WITHDRAWN}


# The end of custody


@pytest.mark.parametrize("sealed", [False, True], ids=["taking", "sealed"])
def test_what_is_discarded_is_gone_and_its_ballots_stay_bound(
    agency, wave, press, fixed, sealed
):
    wide = content(value=6)
    (ballot, counted) = send(agency, press, wave, wide) + send(
        agency, press, wave, content()
    )
    others = [content(), content()]
    told(agency, item(ballot, others[0]), item(counted, others[1]))
    if sealed:
        agency.seal()
    traces = {text.encode()[-30:] for text in [wide, *others]}
    fixed()

    said = run_json(held, "discard", agency.id, wave)

    assert said == {"wave": wave, "held": NOTHING if sealed else None}
    assert rows_of(Conflict, agency) == []
    assert found(traces) == set()
    run(held, "revalidate", agency.id, wave)
    assert told(agency, item(ballot, wide)) == [("held", "answers-invalid")]
    assert told(agency, item(ballot, content())) == [("held", "content-conflict")]
    assert told(agency, withdrawal(ballot)) == [("withdrawn", None)]


def test_what_is_accepted_or_late_is_not_discarded(agency, wave, press):
    frozen = content()
    (early,) = send(agency, press, wave, frozen)
    run(held, "discard", agency.id, wave)
    agency.seal()
    (late,) = send(agency, press, wave, frozen)
    run(held, "discard", agency.id, wave)

    assert told(agency, item(early, frozen), item(late, frozen)) == [
        ("duplicate", None),
        ("late", None),
    ]
    (row,) = rows_of(Submission, agency)
    assert row.content == frozen.encode()


def test_retirement_discards_whatever_is_held(agency, wave, press):
    (ballot,) = send(agency, press, wave, WIDE)
    told(agency, item(ballot, content()))
    agency.seal()

    retire(agency)

    assert rows_of(Submission, agency) == rows_of(Conflict, agency) == []
    assert run_json(held, "show", agency.id, wave)["held"] == NOTHING


# Who, and what


def test_each_command_is_audited_without_a_number(agency, wave, press):
    send(agency, press, wave, WIDE)
    agency.seal()

    for command in ("show", "revalidate", "discard"):
        run(held, command, agency.id, wave)

    assert sorted(audited(agency)) == [
        ("command line", "discarded what is held", wave),
        ("command line", "looked at what is held", wave),
        ("command line", "revalidated what is held", wave),
    ]


@pytest.mark.parametrize("command", ["show", "revalidate", "discard"])
def test_another_agencys_wave_is_none_of_ours(house, agency, wave, command):
    other = house.agency({"a": 8})

    said = run(held, command, other.id, wave, status=1)
    unknown = run(held, command, "nobody", wave, status=1)

    assert said == f"Error: no such wave: {wave}\n"
    assert unknown == "Error: no organization nobody\n"
    assert audited(agency) == audited(other) == []


def test_no_command_prints_what_somebody_said(agency, wave, press):
    """Of what is held, whatever may be asked, nothing but bands comes out."""
    (ballot,) = send(agency, press, wave, WIDE)
    agency.seal()
    said = [
        CliRunner().invoke(held, [command, agency.id, wave, *option]).output
        for option in ([], ["--json"])
        for command in ("show", "revalidate", "discard")
    ]

    nonce = json.loads(WIDE)["nonce"]
    for text in said:
        assert nonce not in text
        assert hashed(ballot).hex() not in text
