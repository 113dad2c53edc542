"""``rapport-field status``, ``pulses`` and ``withdraw``: words for people, in two
languages.
"""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from fake_service.faults import lose_reply, no_fault, on_path, reply_with
from fake_service.service import CODE, problem
from fake_service.terminal import build_answers

from rapport_client import ItemStatus, OutboxStatus
from rapport_client._cli import messages
from rapport_client._cli.messages import format_status
from rapport_client._cli.outcome import Options
from rapport_client._wording import Wording

BASE = {"outbox": "outbox.db", "person": "me", "key_file": None, "language": "en"}
INSTANT = r"\d{4}-\d\d-\d\d \d\d:\d\d \S+"
SPANISH = ("--language", "es")


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves))


@pytest.fixture
def answered_terminal(enrolled_terminal, wave):
    """The terminal of a person whose answer waits."""
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    return enrolled_terminal


def build_status(*items, oldest=None):
    states = [item.state for item in items]
    counts = (states.count(each) for each in ("queued", "in_flight", "settled", "dead"))
    return OutboxStatus(*counts, items, oldest, None)


def test_a_pulse_is_named_by_its_group_and_closing_time(answered_terminal, wave):
    output = answered_terminal("status").out.splitlines()

    assert re.fullmatch(rf"North, until {INSTANT}  {re.escape(wave)}", output[0])
    assert output[1:3] == [
        "    Your answer waits to be sent",
        "the oldest has been waiting for less than a minute",
    ]
    assert re.fullmatch(f"last reply of the service: {INSTANT}", output[3])


def test_a_pulse_that_the_device_no_longer_knows_is_named_by_its_id(
    answered_terminal, wave
):
    with closing(sqlite3.connect(answered_terminal.outbox)) as rows, rows:
        rows.execute("DELETE FROM records WHERE kind IN ('document', 'ballot')")

    assert answered_terminal("status").out.startswith(f"{wave}\n    Your answer waits")


def test_status_is_in_spanish_too(answered_terminal, wave):
    output = answered_terminal("status", *SPANISH).out.splitlines()

    assert re.fullmatch(rf"North, hasta {INSTANT}  {re.escape(wave)}", output[0])
    assert output[1:3] == [
        "    Su respuesta está pendiente de envío",
        "lo más antiguo lleva esperando menos de un minuto",
    ]
    assert re.fullmatch(f"última respuesta del servicio: {INSTANT}", output[3])


def test_empty_status_is_reported_in_both_languages(enrolled_terminal):
    assert enrolled_terminal("status").out.startswith(
        "nothing was answered on this device\n"
    )
    assert enrolled_terminal("status", *SPANISH).out.startswith(
        "no se ha respondido nada en este"
    )


def test_person_who_is_not_enrolled_learns_it_in_spanish_too(terminal):
    terminal.online("enrol", CODE.replace("7", "8"))

    output = terminal("status", *SPANISH).out

    assert "inscríbalo con el código que le dio su organización" in output


def test_a_lost_reply_looks_like_no_fault(answered_terminal, open_service):
    open_service.intercept = on_path("/v1/submissions", lose_reply)
    answered_terminal.online("sync")
    open_service.intercept = no_fault
    answered_terminal.online("sync")

    result = answered_terminal("status")

    assert (
        answered_terminal("status", "--json").document["items"][0]["status"]
        == "duplicate"
    )
    assert (result.exit, "duplicate" in result.out) == (0, False)
    assert "    Your answer was received\n" in result.out


def test_withdrawal_is_shown_in_place_of_its_answer():
    answer = ItemStatus("w", "submit", "settled", "accepted", None)
    asked = ItemStatus("w", "withdraw", "queued", None, None)
    done = ItemStatus("w", "withdraw", "settled", "withdrawn", None)
    never_sent = ItemStatus("w", "submit", "settled", "withdrawn", None)

    for items, expected in (
        ((answer, asked), "Your withdrawal waits to be sent"),
        ((answer, done), "Your answer was withdrawn: it is counted nowhere"),
        ((never_sent, done), "Your answer was withdrawn: it is counted nowhere"),
    ):
        text = format_status(build_status(*items), {}, Options(**BASE), enrolled=True)
        assert text == f"w\n    {expected}"


@pytest.mark.parametrize(
    ("state", "status"), [("settled", "final"), ("dead", None), ("dead", "rejected")]
)
def test_answer_that_could_not_be_withdrawn_is_reported_with_it(state, status):
    answer = ItemStatus("w", "submit", "settled", "accepted", None)
    refused = ItemStatus("w", "withdraw", state, status, None)

    text = format_status(
        build_status(answer, refused), {}, Options(**BASE), enrolled=True
    )

    assert "Your answer was received" in text
    assert len(text.splitlines()) == (5 if state == "dead" else 3)
    assert ("    rapport-field offer-again w" in text) == (state == "dead")


@pytest.mark.parametrize(
    ("oldest", "english", "spanish"),
    [
        (timedelta(0), "less than a minute", "menos de un minuto"),
        (timedelta(seconds=119), "1 minute", "1 minuto"),
        (timedelta(minutes=59), "59 minutes", "59 minutos"),
        (timedelta(hours=1), "1 hour", "1 hora"),
        (timedelta(hours=23.9), "23 hours", "23 horas"),
        (timedelta(days=1), "1 day", "1 día"),
        (timedelta(days=12, hours=5), "12 days", "12 días"),
    ],
)
def test_waiting_time_is_put_in_words(oldest, english, spanish):
    status = build_status(oldest=oldest)

    for language, span in (("en", english), ("es", spanish)):
        text = format_status(
            status, {}, Options(**BASE | {"language": language}), enrolled=True
        )
        assert text.endswith(f" {span}")


def test_a_pulse_is_headed_in_the_language_of_its_questions(enrolled_terminal):
    english, spanish = (
        enrolled_terminal("pulses").out,
        enrolled_terminal("pulses", *SPANISH).out,
    )

    assert re.search(f"open until {INSTANT}; charter ", english)
    assert "North: 10 personas pueden responder en este grupo" in spanish
    assert re.search(f"abierto hasta {INSTANT}; carta ", spanish)


def test_withdrawal_is_reported_in_spanish_from_its_first_line(answered_terminal, wave):
    kept = answered_terminal("withdraw", wave, *SPANISH)
    answered_terminal.online("sync")

    assert kept.out.startswith(
        "guardado en este dispositivo, aún sin enviar. Para enviar la"
    )
    assert answered_terminal("withdraw", wave, *SPANISH).out.startswith(
        "Su respuesta se retiró"
    )


def test_refused_answer_is_reported_with_its_reason(answered_terminal, open_service):
    open_service.intercept = on_path(
        "/v1/submissions", reply_with(problem(400, "malformed"))
    )
    answered_terminal.online("sync")

    result = answered_terminal("status")

    assert result.exit == 1
    assert "An answer was refused and stays on this device: the service" in result.out


def test_every_phrase_is_in_both_languages():
    wordings = [
        wording for wording in vars(messages).values() if isinstance(wording, Wording)
    ]

    assert len(wordings) > 10
    for wording in wordings:
        english, spanish = wording.in_language("en"), wording.in_language("es")
        assert english.count("{}") == spanish.count("{}")
        assert english != spanish or wording is messages.NO
