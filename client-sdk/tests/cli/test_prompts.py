"""``rapport-field answer`` without a file: questions, one after another."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

FOURS = "4\n" * 5


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves))


def test_typed_numbers_answer_the_questions(enrolled_terminal, open_service, wave):
    result = enrolled_terminal("answer", wave, typed=FOURS + "stretched\ny\n")
    enrolled_terminal.online("sync")

    assert result.exit == 0
    assert result.out.startswith("kept on this device, not sent yet. To send it")
    (content,) = open_service.contents
    assert list(content["answers"].values()) == [4] * 5
    assert content["context"] == "stretched"


def test_the_one_open_pulse_needs_no_id(enrolled_terminal, wave):
    result = enrolled_terminal("answer", "--json", typed=FOURS + "s\ny\n")
    again = enrolled_terminal("answer")

    assert result.document == {"wave_id": wave, "state": "queued"}
    assert "no pulse can be answered now" in again.err
    assert enrolled_terminal("withdraw", "--json").document["wave_id"] == wave


def test_promises_are_shown_before_the_first_question(enrolled_terminal, wave):
    result = enrolled_terminal("answer", wave, typed=FOURS + "s\ny\n")

    shown, first, _ = result.err.partition("1/6")
    assert first
    assert "* Nobody learns who said what." in shown


def test_words_of_the_prompt_are_those_of_a_file_of_answers(
    enrolled_terminal, open_service, wave
):
    enrolled_terminal("answer", wave, typed="na\nSkip\n1\n1\n1\n\nyes\n")
    enrolled_terminal.online("sync")

    (content,) = open_service.contents
    assert list(content["answers"].values()) == ["na", "skip", 1, 1, 1]
    assert content["context"] is None


def test_word_outside_the_list_is_asked_again(enrolled_terminal, open_service, wave):
    result = enrolled_terminal(
        "answer", wave, typed="\n0\n6\nfour\n" + FOURS + "3\ncri\nperhaps\ny\n"
    )
    enrolled_terminal.online("sync")

    assert result.err.count("type one of these: 1, 2, 3, 4, 5, na, skip. The") == 4
    assert result.err.count("type one of these: normal, stretched, crisis. The") == 1
    assert open_service.contents[0]["context"] == "crisis"


def test_mistyped_number_is_asked_again(enrolled_terminal, wave):
    result = enrolled_terminal(
        "answer", wave, typed=b"\xff\n" + (FOURS + "\ny\n").encode()
    )

    assert result.exit == 0


@pytest.mark.parametrize("typed", ["", "4\n", FOURS, FOURS + "n\n", FOURS + "s\nn\n"])
def test_no_answer_is_kept_before_the_last_confirmation(enrolled_terminal, wave, typed):
    result = enrolled_terminal("answer", wave, typed=typed)

    assert result.exit == 1
    assert "nothing was kept" in result.err
    assert enrolled_terminal("status").out.startswith("nothing was answered")


def test_outcome_repeats_no_question(enrolled_terminal, wave):
    result = enrolled_terminal(
        "answer", wave, "--language", "es", "--json", typed=FOURS + "\ny\n"
    )

    assert result.document == {"wave_id": wave, "state": "queued"}
    assert "1/6  A0" in result.err
    assert "  5     Siempre" in result.err


def test_prompts_in_spanish_are_spanish_to_the_last_line(enrolled_terminal, wave):
    typed = "x\n" + FOURS + "\nperhaps\nsí\n"

    result = enrolled_terminal("answer", wave, "--language", "es", typed=typed)

    assert result.out.startswith("guardado en este dispositivo, aún sin enviar. Para")
    assert "Escriba una de estas opciones, por favor: 1, 2, 3" in result.err
    assert "Su respuesta, o Enter para no responderla: " in result.err
    assert result.err.count("¿Guardar estas respuestas?") == 2
    assert "Your" not in result.err


def test_a_language_that_there_is_not_is_english(enrolled_terminal, wave):
    result = enrolled_terminal(
        "answer", wave, "--language", "de", typed=FOURS + "\ny\n"
    )

    assert "  5     Always" in result.err
    assert "Keep these answers? They cannot be changed. [y/n]" in result.err


def test_a_person_at_a_real_terminal_is_asked(enrolled_terminal, wave):
    ours, theirs = pty.openpty()
    words = ["answer", wave, "--outbox", enrolled_terminal.outbox]
    with subprocess.Popen(
        [sys.executable, "-m", "rapport_client", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    ) as process:
        os.close(theirs)
        os.write(ours, (FOURS + "normal\ny\n").encode())
        shown = read_all(ours)
    os.close(ours)

    assert process.returncode == 0
    assert "6/6" in shown
    assert "kept on this device" in shown
    assert "Your answer waits to be sent" in enrolled_terminal("status").out


def read_all(terminal):
    """All that is written until the other end closes, which Linux tells as an error."""
    shown = b""
    with suppress(OSError):
        while data := os.read(terminal, 4096):
            shown += data
    return shown.decode()
