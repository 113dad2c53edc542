"""``rapport wave``, and waves that a tick moves on."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.cli.command_runner import refusal_message
from tests.cli.test_organizations import ROSTER, put_roster_file

WAVE = re.compile(
    r"acme\.[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
)


def at(**later):
    """An instant so far from now, as the command line takes it."""
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


def dates(**changed):
    """Options of a wave that opens in a day, with some changed or taken away."""
    given = {
        "announces_at": at(seconds=5),
        "opens_at": at(days=1),
        "closes_at": at(days=2),
        "seals_at": at(days=3),
    } | changed
    options = []
    for name, instants in given.items():
        if instants is not None:
            options += [f"--{name.replace('_', '-')}", *str(instants).split(",")]
    return options


def rows(rapport, question):
    """The rows of a query, as the owner of the database."""
    engine = create_engine(rapport.keywords["environ"]["RAPPORT_DATABASE_URL"])
    with engine.connect() as connection:
        result = connection.execute(text(question)).all()
    engine.dispose()
    return result


def planned_long_ago(rapport):
    """A wave whose announcement is due; no date on the command line may be past."""
    wave = rapport("wave", "plan", "acme", *dates()).stdout.strip()
    engine = create_engine(rapport.keywords["environ"]["RAPPORT_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE waves SET announces_at = '2020-01-01 00:00'"))
    engine.dispose()
    return wave


def test_a_wave_is_planned_and_its_id_printed(acme):
    done = acme("wave", "plan", "acme", *dates())

    assert done.exit_code == 0, done.output
    assert WAVE.fullmatch(done.stdout.strip())
    assert rows(acme, "SELECT state FROM waves") == [("planned",)]


def test_a_wave_may_last_seconds(acme):
    done = acme(
        *("wave", "plan", "acme"),
        *dates(
            opens_at=at(seconds=7),
            closes_at=at(seconds=9),
            seals_at=at(seconds=11),
            retires_at=at(seconds=13),
        ),
    )

    assert done.exit_code == 0, done.output


def test_phones_keep_sent_answers_for_14_days_or_as_planned(acme):
    acme("wave", "plan", "acme", *dates())
    later = dates(opens_at=at(days=2), closes_at=at(days=3), seals_at=at(days=4))
    acme("wave", "plan", "acme", *later, "--keep-seconds", "60")
    wrong = acme("wave", "plan", "acme", *dates(), "--keep-seconds", "0")

    assert wrong.exit_code == 2
    assert rows(acme, "SELECT keep_seconds FROM waves ORDER BY keep_seconds") == [
        (60,),
        (14 * 86_400,),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"announces_at": at(hours=-1)}, "announces_at: must not be in the past"),
        ({"opens_at": at(seconds=-5)}, "opens_at: must come after announces_at"),
        ({"closes_at": at(hours=1)}, "closes_at: must come after opens_at"),
        ({"seals_at": at(hours=30)}, "seals_at: must come after closes_at"),
        ({"retires_at": at(days=2)}, "retires_at: must come after seals_at"),
    ],
)
def test_dates_that_do_not_follow_each_other_are_refused(acme, changed, why):
    assert refusal_message(acme("wave", "plan", "acme", *dates(**changed))) == why
    assert rows(acme, "SELECT * FROM waves") == []


@pytest.mark.parametrize(
    "wrong",
    [
        "tomorrow",
        "2027-01-11",
        "2027-01-11T09:00:00",
        "2027-13-11T09:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "",
    ],
)
@pytest.mark.parametrize("option", ["announces_at", "seals_at", "retires_at"])
def test_an_instant_needs_its_form_and_its_zone(acme, option, wrong):
    done = acme("wave", "plan", "acme", *dates(**{option: wrong}))

    assert done.exit_code == 2
    assert "2027-01-11T09:00:00Z" in done.stderr


def test_late_dates_come_in_pairs(acme):
    done = acme("wave", "plan", "acme", *dates(late_releases_at=at(days=9)))

    assert done.exit_code == 2
    assert "--late-releases-at" in done.stderr


def test_a_wave_needs_an_agency(acme):
    done = acme("wave", "plan", "nobody", *dates())

    assert refusal_message(done) == "there is no agency nobody"


def test_a_wave_is_cancelled_once_and_stays_so(acme):
    wave = acme("wave", "plan", "acme", *dates()).stdout.strip()

    first = acme("wave", "cancel", wave, "--reason", "Wrong week")
    second = acme("wave", "cancel", wave, "--reason", "Wrong month")

    assert (first.exit_code, first.output) == (0, "wave: cancelled\n")
    assert refusal_message(second) == "this wave is already sealed or cancelled"
    assert rows(acme, "SELECT state, cancel_reason FROM waves") == [
        ("cancelled", "Wrong week")
    ]
    assert rows(
        acme, "SELECT count(*) FROM audit_entries WHERE action LIKE 'wave_canc%'"
    ) == [(1,)]


@pytest.mark.parametrize(
    "unknown",
    ["acme", "acme.x", "acme.00000000-0000-4000-8000-000000000000", "x" * 5000, "é.é"],
)
def test_a_wave_that_is_not_there_is_named(acme, unknown):
    done = acme("wave", "cancel", unknown, "--reason", "x")

    assert refusal_message(done) == f"there is no wave {unknown}"


def test_waves_are_listed_with_where_they_are(acme):
    wave = acme("wave", "plan", "acme", *dates()).stdout.strip()
    acme("wave", "cancel", wave, "--reason", "Wrong week")

    (line,) = acme("wave", "list", "acme").stdout.splitlines()
    (document,) = json.loads(acme("wave", "list", "acme", "--json").stdout)["waves"]

    assert line.split("\t")[:2] == [wave, "cancelled"]
    assert line.endswith("Z\tWrong week")
    assert (document["id"], document["state"]) == (wave, "cancelled")


@pytest.mark.parametrize("reason", ["", "two\nlines", "x" * 501])
def test_a_reason_is_what_a_phone_can_show(acme, reason):
    wave = acme("wave", "plan", "acme", *dates()).stdout.strip()

    done = acme("wave", "cancel", wave, "--reason", reason)

    assert refusal_message(done).startswith("reason: ")
    assert rows(acme, "SELECT state FROM waves") == [("planned",)]


@pytest.mark.parametrize("what", ["pulse", "wave"])
def test_lists_need_an_agency(acme, what):
    assert refusal_message(acme(what, "list", "nobody")) == "there is no agency nobody"


def test_a_tick_announces_what_is_due_and_is_quiet_when_repeated(acme):
    put_roster_file(
        acme,
        ROSTER
        | {"people": [{"external_id": f"p{n}", "team": "north"} for n in range(8)]},
    )
    wave = planned_long_ago(acme)

    ticks = [acme("tick") for _ in range(2)]

    (step,) = [json.loads(line) for line in ticks[0].stderr.splitlines()]
    assert (step["event"], step["wave_id"]) == ("wave announced", wave)
    assert (ticks[1].exit_code, ticks[1].output) == (0, "")
    assert rows(acme, "SELECT state FROM waves") == [("announced",)]
    (document,) = rows(acme, "SELECT document FROM charters")[0]
    assert json.loads(document)["wave"]["id"] == wave


def test_too_few_people_are_logged_for_the_operator(acme):
    planned_long_ago(acme)

    done = acme("tick")

    line, *again = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.exit_code == 0
    assert {each["event"] for each in again} <= {line["event"]}
    assert line["level"] == "warning"
    assert line["event"] == "too few people to announce a wave"
    assert line["needed"] == 6
    assert line["people"] < line["needed"]
