"""``rapport-field``: errors with their reason, and advice on the next step."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from fake_service.service import CODE
from fake_service.terminal import build_answers


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


COMMANDS = {
    "pulses": [],
    "status": [],
    "export-dead": [],
    "withdraw": ["acme.any"],
    "answer": ["acme.any"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_mistyped_person_is_answered_with_the_people_of_the_outbox(
    enrolled_terminal, open_service, command
):
    open_service.codes["acme-0000-0000-0000"] = None
    enrolled_terminal.online("enrol", "acme-0000-0000-0000", "--person", "maria")

    result = enrolled_terminal(command, *COMMANDS[command], "--person", "mria")

    assert result.exit == 1
    assert "no person called mria uses this outbox" in result.err
    assert "people on this device: maria, me" in result.err


def test_a_mistyped_person_does_not_sync(enrolled_terminal, open_service):
    open_service.log.clear()

    result = enrolled_terminal.online("sync", "--person", "mria")

    assert "people on this device: me" in result.err
    assert open_service.log == []


def test_closed_wave_is_distinguished_from_an_unknown_one(
    enrolled_terminal, open_service, keys
):
    now = datetime.now(UTC)
    closed = open_service.add_wave(
        keys[1], opens_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1)
    )
    enrolled_terminal.online("sync")

    assert "this pulse has closed" in enrolled_terminal("answer", closed.id).err
    assert "has no ballot for this pulse" in enrolled_terminal("answer", "acme.any").err


def test_withdrawn_answer_is_not_called_answered(answered_terminal, wave):
    answered_terminal("withdraw", wave)

    assert "you have withdrawn your answer" in answered_terminal("answer", wave).err


def test_pulse_that_was_never_answered_is_not_withdrawn(enrolled_terminal, wave):
    result = enrolled_terminal("withdraw", wave)

    assert result.exit == 1
    assert "this pulse was not answered on this device" in result.err
    assert wave in enrolled_terminal("pulses").out


def test_a_second_withdrawal_says_what_became_of_the_first(answered_terminal, wave):
    answered_terminal.online("sync")
    assert "To send the withdrawal" in answered_terminal("withdraw", wave).out
    assert "To send the withdrawal" in answered_terminal("withdraw", wave).out
    answered_terminal.online("sync")

    again = answered_terminal("withdraw", wave)

    assert again.exit == 0
    assert again.out == "Your answer was withdrawn: it is counted nowhere\n"


def test_a_second_withdrawal_says_that_the_first_came_too_late(
    answered_terminal, open_service, wave
):
    answered_terminal.online("sync")
    open_service.waves[wave].sealed = True
    answered_terminal("withdraw", wave)
    assert "have been unlocked, all together" in answered_terminal.online("sync").out

    again = answered_terminal("withdraw", wave)

    assert again.exit == 1
    assert (
        "An answer can no longer be withdrawn: the answers to this pulse" in again.out
    )
    spanish = answered_terminal("status", "--language", "es").out
    assert "las respuestas a este pulso ya se abrieron, todas juntas" in spanish


def test_corrupt_withdrawal_is_reported(answered_terminal, wave):
    answered_terminal("withdraw", wave)
    with sqlite3.connect(answered_terminal.outbox) as rows:
        rows.execute("UPDATE outbox SET item = zeroblob(300) WHERE op = 'withdraw'")

    result = answered_terminal("withdraw", wave)

    assert result.exit == 4
    assert "cannot be read any more" in result.err


def test_everything_that_is_missing_is_named_at_once(enrolled_terminal, wave):
    given = json.loads(build_answers(enrolled_terminal))
    first, second, third, *_ = list(given["answers"])
    for item in (first, second, third):
        del given["answers"][item]

    result = enrolled_terminal(
        "answer", wave, "--answers", "-", typed=json.dumps(given)
    )

    assert f"rapport-field: {first}, {second} and {third} have no answer" in result.err


def test_a_missing_outbox_can_be_named_or_made(terminal):
    result = terminal("status")

    assert "--outbox" in result.err
    assert "rapport-field enrol" in result.err


def test_before_the_first_sync_there_is_nothing_to_answer_yet(terminal):
    terminal.online("enrol", CODE)

    result = terminal("pulses")

    assert result.exit == 0
    assert "nothing to answer yet. First, where there is a signal:" in result.out
    assert "aún no hay nada" in terminal("pulses", "--language", "es").out


def test_empty_sync_leaves_nothing_to_answer_now(terminal, open_service):
    open_service.waves.clear()
    terminal.online("enrol", CODE)
    terminal.online("sync")

    assert terminal("pulses").out == (
        "nothing to answer now\n"
        "the next pulse is not known yet. To ask the service for it:\n"
        f"    rapport-field sync --outbox {terminal.outbox}\n"
    )


def test_person_who_is_not_asked_reads_so_until_the_roster_changes(
    terminal, open_service
):
    open_service.waves.clear()
    open_service.not_asked = True
    terminal.online("enrol", CODE)

    synced, shown = terminal.online("sync"), terminal("pulses")

    for text in (synced.out, shown.out):
        assert "you are not asked in pulses to come" in text
        assert "rapport-field" not in text
    assert terminal("pulses", "--json").document["is_asked"] is False
    assert "no se le preguntará" in terminal("pulses", "--language", "es-MX").out
    open_service.not_asked = False
    assert "not asked" not in terminal.online("sync").out
    assert terminal("pulses", "--json").document["is_asked"] is True


def test_person_who_is_not_asked_any_more_still_answers_an_announced_pulse(
    enrolled_terminal, open_service, wave
):
    open_service.not_asked = True
    enrolled_terminal.online("sync")

    assert wave in enrolled_terminal("pulses").out


def test_person_whose_enrolment_failed_is_not_among_the_people_of_a_device(
    enrolled_terminal,
):
    enrolled_terminal.online("enrol", "acme-0000-0000-0000", "--person", "eve")

    result = enrolled_terminal("status", "--person", "mria")

    assert "people on this device: me\n" in result.err
    assert enrolled_terminal("status", "--person", "eve").exit == 0


def test_no_person_is_named_where_none_is_enrolled(terminal):
    terminal.online("enrol", "acme-0000-0000-0000", "--person", "eve")

    assert "people on this device: none yet" in terminal("status").err


def test_missing_key_can_be_restored_or_discarded(enrolled_terminal, tmp_path):
    (tmp_path / "outbox.db.key").unlink()

    result = enrolled_terminal("status")

    assert result.exit == 4
    assert "--key-file" in result.err
    assert "ask for a new enrolment code" in result.err


def test_person_who_is_not_enrolled_learns_how_to_enrol(terminal):
    terminal.online("enrol", CODE.replace("7", "8"))

    assert "enrol it with the code that your agency gave you" in terminal("status").out
