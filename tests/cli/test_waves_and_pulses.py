import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.cli.test_agencies_and_their_people import ROSTER, put, refused

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
    """What the database answers, asked as its owner."""
    engine = create_engine(rapport.keywords["environ"]["RAPPORT_DATABASE_URL"])
    with engine.connect() as connection:
        found = connection.execute(text(question)).all()
    engine.dispose()
    return found


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
            late_at=f"{at(seconds=13)},{at(seconds=15)}",
            retires_at=at(seconds=17),
        ),
    )

    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"announces_at": at(hours=-1)}, "announces_at must not be in the past"),
        ({"opens_at": at(seconds=-5)}, "opens_at must come after announces_at"),
        ({"closes_at": at(hours=1)}, "closes_at must come after opens_at"),
        ({"seals_at": at(hours=30)}, "seals_at must come after closes_at"),
        ({"late_at": f"{at(days=2)},{at(days=9)}"}, "late_at must come after seals_at"),
        ({"late_at": f"{at(days=9)},{at(days=8)}"}, "late_at must come after late_at"),
        ({"retires_at": at(days=5)}, "retires_at must come after late_at"),
    ],
)
def test_dates_that_do_not_follow_each_other_are_refused(acme, changed, why):
    assert refused(acme("wave", "plan", "acme", *dates(**changed))) == why
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
    done = acme("wave", "plan", "acme", *dates(late_at=at(days=9)))

    assert done.exit_code == 2
    assert "--late-at" in done.stderr


def test_a_wave_needs_an_agency(acme):
    done = acme("wave", "plan", "nobody", *dates())

    assert refused(done) == "no organization nobody"


def test_a_wave_is_cancelled_once_and_stays_so(acme):
    wave = acme("wave", "plan", "acme", *dates()).stdout.strip()

    first = acme("wave", "cancel", wave, "--reason", "Wrong week")
    second = acme("wave", "cancel", wave, "--reason", "Wrong month")

    assert (first.exit_code, first.output) == (0, "")
    assert refused(second) == "the wave is sealed or cancelled already"
    assert rows(acme, "SELECT state, cancel_reason FROM waves") == [
        ("cancelled", "Wrong week")
    ]
    assert rows(
        acme, "SELECT count(*) FROM audit_entries WHERE action LIKE 'canc%'"
    ) == [(1,)]


@pytest.mark.parametrize(
    "unknown",
    ["acme", "acme.x", "acme.00000000-0000-4000-8000-000000000000", "x" * 5000, "é.é"],
)
def test_a_wave_that_is_not_there_is_named(acme, unknown):
    done = acme("wave", "cancel", unknown, "--reason", "x")

    assert refused(done) == f"no such wave: {unknown}"


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

    assert (stopped.exit_code, stopped.output) == (0, "")
    assert rows(acme, "SELECT * FROM waves") == []


def test_a_pulse_that_is_not_there_cannot_be_stopped(acme):
    done = acme("pulse", "stop", "acme", "00000000-0000-4000-8000-000000000000")

    assert refused(done) == "no such pulse"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["--open-days", "15"], "a wave must close before the next one opens"),
        (["--every-weeks", "0"], "every length is 1 to 365"),
        (["--open-days", "-1"], "every length is 1 to 365"),
        (["--announce-days", "0"], "every length is 1 to 365"),
        (["--grace-days", "366"], "every length is 1 to 365"),
        (["--every-weeks", "1000000000000"], "every length is 1 to 365"),
    ],
)
def test_a_pulse_that_cannot_run_is_refused_with_the_rule(acme, wrong, why):
    done = acme("pulse", "create", "acme", "--first-opens", "2027-01-11T09:00", *wrong)

    assert refused(done) == why


@pytest.mark.parametrize("first", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_pulse_outside_the_calendar_is_refused(acme, first):
    done = acme("pulse", "create", "acme", "--first-opens", first)

    assert refused(done) == "first_opens lies too far away"


@pytest.mark.parametrize("first", ["2027-01-11", "2027-01-11T09:00Z", "monday"])
def test_a_pulse_opens_at_a_local_date_and_time(acme, first):
    done = acme("pulse", "create", "acme", "--first-opens", first)

    assert done.exit_code == 2


def test_a_tick_announces_what_is_due_and_is_quiet_when_repeated(acme):
    put(
        acme,
        ROSTER
        | {"people": [{"external_id": f"p{n}", "team": "north"} for n in range(8)]},
    )
    wave = planned_long_ago(acme)

    ticks = [acme("tick") for _ in range(2)]

    assert [(t.exit_code, t.output) for t in ticks] == [(0, ""), (0, "")]
    assert rows(acme, "SELECT state FROM waves") == [("announced",)]
    (document,) = rows(acme, "SELECT document FROM charters")[0]
    assert json.loads(document)["wave"]["id"] == wave


def test_too_few_people_are_told_to_the_operator_as_json(acme):
    planned_long_ago(acme)

    done = acme("tick")

    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.exit_code == 0
    assert line["level"] == "warning"
    assert line["event"] == "too few people to announce a wave"
