"""Each command that is printed works as it is printed, when a person copies it."""

import re
import shlex

import pytest
from fake_service.documents import TEAM
from fake_service.faults import on_path, reply_with
from fake_service.service import CODE, problem

from rapport_client._cli import main

PRINTED = re.compile(r"^ +(rapport-field .*)$", re.MULTILINE)
FOURS = "4\n4\n4\n4\n4\nnormal\ny\n"


@pytest.fixture
def type_in(monkeypatch, capsys, terminal, tmp_path):
    """Types a line in a shell, in a folder whose names need quotes."""
    folder = tmp_path / "my files"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(line, typed="", status=0):
        program, *words = shlex.split(line)
        assert program == "rapport-field"
        terminal.type_next(typed)
        assert main(words) == status, line
        return "".join(capsys.readouterr())

    return run


@pytest.fixture(
    params=[
        "",
        " --person 'María D.'",
        " --outbox 'the box.db' --person maria",
        " --outbox=-box.db --key-file 'the key'",
    ]
)
def options(request):
    """Options that a person has typed once, and would have to type every time."""
    return request.param


def printed_in(text):
    commands = PRINTED.findall(text)
    assert commands, text
    return commands


@pytest.mark.usefixtures("open_service")
def test_a_person_copies_every_command_from_the_code_to_the_sent_answer(
    type_in, terminal, options
):
    shown = type_in(f"rapport-field enrol {CODE} --server {terminal.origin}{options}")
    (sync,) = printed_in(shown)
    (pulses,) = printed_in(type_in(sync))
    assert pulses == f"rapport-field pulses{options}"
    answer = printed_in(type_in(f"{pulses} --language es"))[0]

    assert "--language es" in answer
    kept = type_in(answer, typed=FOURS.replace("y", "s"))
    (sync,) = printed_in(kept)
    assert "recibidas" not in kept
    assert "recibidas por el servicio: 1" in type_in(sync)
    for line in printed_in(type_in(f"rapport-field pulses{options}")):
        type_in(line)
    (sync,) = printed_in(type_in(f"rapport-field withdraw{options}"))
    assert "withdrawn: 1" in type_in(sync)


@pytest.mark.usefixtures("open_service")
def test_a_person_copies_the_command_of_a_refusal(type_in, terminal, options):
    type_in(f"rapport-field enrol {CODE} --server {terminal.origin}{options}")
    for command in ("answer", "answer acme.none"):
        shown = type_in(f"rapport-field {command}{options}", status=1)
        (pulses,) = printed_in(shown)
    (sync,) = printed_in(type_in(pulses))
    type_in(sync)


def test_a_person_copies_the_command_that_offers_an_answer_again(
    type_in, terminal, open_service, options
):
    (sync,) = printed_in(
        type_in(f"rapport-field enrol {CODE} --server {terminal.origin}{options}")
    )
    type_in(sync)
    type_in(f"rapport-field answer{options}", typed=FOURS)
    undisturbed = open_service.intercept
    open_service.intercept = on_path(
        "/v1/submissions", reply_with(problem(400, "malformed"))
    )
    type_in(sync, status=1)
    open_service.intercept = undisturbed

    (again,) = printed_in(type_in(f"rapport-field status{options}", status=1))
    (sync,) = printed_in(type_in(again))

    assert "received by the service: 1" in type_in(sync)


def test_a_person_who_reads_scores_copies_the_next_command(
    type_in, terminal, open_service
):
    open_service.scope = "supervisor"
    open_service.scores[TEAM] = {
        "status": "pending",
        "team": {"id": TEAM, "external_id": "north", "name": "North"},
        "wave_id": "acme.7d0b2e6c-8f4a-4b1e-9d3c-5a6f7e8d9c0b",
        "seals_at": "2026-12-09T08:00:00Z",
        "delay": None,
    }

    shown = type_in(
        f"rapport-field read {CODE} --server {terminal.origin} --tokens 'my tokens'"
    )

    (results,) = printed_in(shown)
    type_in(results)


@pytest.mark.usefixtures("open_service")
def test_language_of_the_first_command_goes_through_to_the_last(type_in, terminal):
    shown = type_in(
        f"rapport-field enrol {CODE} --server {terminal.origin} --language es-419"
    )

    (sync,) = printed_in(shown)
    assert "este dispositivo está inscrito" in shown
    assert "pulsos nuevos en este dispositivo: 1" in type_in(sync)
    kept = type_in("rapport-field answer --language es-419", typed=FOURS)
    (sync,) = printed_in(kept)
    assert "recibidas por el servicio: 1" in type_in(sync)
    assert "nada que enviar" in type_in(sync)


def test_language_of_the_computer_is_that_of_the_person(type_in, terminal, monkeypatch):
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")

    shown = type_in(f"rapport-field enrol {CODE} --server {terminal.origin}")

    (sync,) = printed_in(shown)
    assert (sync, "inscrito" in shown) == ("rapport-field sync", True)


def test_refusals_of_an_enrolment_are_in_the_language_of_the_person(
    type_in, terminal, open_service
):
    spanish = f"--server {terminal.origin} --language es"
    unknown = type_in(f"rapport-field enrol acme-0000 {spanish}", status=1)
    without = type_in(
        f"rapport-field enrol {CODE} --outbox none.db --language es", status=2
    )
    open_service.scope = "supervisor"
    reading = type_in(f"rapport-field enrol {CODE} {spanish}", status=1)
    away = f"rapport-field enrol {CODE} --server http://127.0.0.1:9 --outbox b.db"
    offline = type_in(f"{away} --language es", status=3)

    assert "No existe este código. Compruébelo" in unknown
    assert "(code-unknown, HTTP 404)" in unknown
    assert "diga de qué servicio es su código" in without
    assert "este código es para leer puntuaciones" in reading
    assert "Este código todavía sirve" in reading
    assert "no hay conexión con http://127.0.0.1:9: vuelva a intentarlo" in offline


def test_message_without_a_signal_names_the_address_and_no_class(type_in):
    address = "http://127.0.0.1:9"
    shown = type_in(f"rapport-field enrol {CODE} --server {address}", status=3)

    assert f"no connection to {address}: try again where there is a signal" in shown
    assert "Error" not in shown
