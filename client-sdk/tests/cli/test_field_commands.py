"""``rapport-field``: enrol, sync, pulses, answer, status."""

import socket

import pytest
from fake_service.documents import FORMS
from fake_service.faults import PORTAL, drop_request, on_path, reply_with
from fake_service.http_server import serve
from fake_service.service import CODE, problem
from fake_service.terminal import build_answers

from rapport_client._cli import main

SYNC_LINE = "received by the service: 1"


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves))


@pytest.fixture
def offline_terminal(terminal):
    """The device without a service: a port on which no process listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    terminal.origin = f"http://127.0.0.1:{port}"
    return terminal


def test_enrolment_leads_to_a_settled_answer(terminal, open_service, wave):
    assert terminal.online("enrol", CODE).exit == 0
    assert "new pulses on this device: 1" in terminal.online("sync").out
    kept = terminal("answer", wave, "--answers", "-", typed=build_answers(terminal))
    sent = terminal.online("sync")
    status = terminal("status")

    assert (kept.exit, sent.exit, status.exit) == (0, 0, 0)
    assert sent.out.strip() == SYNC_LINE
    assert "    Your answer was received\n" in status.out
    (content,) = open_service.contents
    assert content["context"] == "normal"


def test_every_command_speaks_json(terminal, wave, tmp_path):
    file = tmp_path / "answers.json"
    assert terminal.online("enrol", CODE, "--json").document == {"enrolled": True}
    assert terminal.online("sync", "--json").document["drawn"] == 1
    (pulse,) = terminal("pulses", "--json").document["pulses"]
    file.write_text(build_answers(terminal))
    kept = terminal("answer", wave, "--answers", file, "--json")
    status = terminal("status", "--json")

    assert pulse["wave_id"] == wave
    assert pulse["closes_at"].endswith("Z")
    assert [each["id"] for each in pulse["questions"]][1:] in FORMS
    assert pulse["questions"][0]["options"][0] == {"value": 1, "text": "Never"}
    assert kept.document == {"wave_id": wave, "state": "queued"}
    assert status.exit == 1
    document = status.document
    assert document.pop("last_contact").endswith("Z")
    assert 0 <= document.pop("oldest") < 60
    assert document == {
        "enrolled": True,
        "queued": 1,
        "in_flight": 0,
        "settled": 0,
        "dead": 0,
        "items": [
            {
                "wave_id": wave,
                "op": "submit",
                "state": "queued",
                "status": None,
                "reason": None,
            }
        ],
    }


def test_pulses_shows_each_question_in_the_language_asked_for(enrolled_terminal, wave):
    english, spanish = (
        enrolled_terminal("pulses").out,
        enrolled_terminal("pulses", "--language", "es").out,
    )

    assert wave in english
    assert "North: 10 people can answer in this group" in english
    assert "4 Often" in english
    assert "4 A menudo" in spanish


def test_nothing_to_answer_is_no_failure(enrolled_terminal, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )

    result = enrolled_terminal("pulses")

    assert result.exit == 0
    assert result.out.startswith("nothing to answer now\nthe next pulse is not known")


def test_a_pulse_is_answered_once(enrolled_terminal, wave):
    answers = build_answers(enrolled_terminal)
    enrolled_terminal("answer", wave, "--answers", "-", typed=answers)

    again = enrolled_terminal("answer", wave, "--answers", "-", "--json", typed=answers)

    assert again.exit == 1
    assert again.document["error"]["name"] == "AlreadyAnswered"


def test_a_wave_that_is_not_open_is_refused(enrolled_terminal):
    result = enrolled_terminal(
        "answer", "acme.no-such-wave", "--answers", "-", typed="{}"
    )

    assert result.exit == 1
    assert "this device has no ballot for this pulse" in result.err
    assert (
        f"can answer now:\n    rapport-field pulses --outbox {enrolled_terminal.outbox}"
        in result.err
    )


def test_an_answer_off_the_scale_is_refused_by_name(enrolled_terminal, wave):
    result = enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal, 6)
    )

    assert result.exit == 1
    assert "A0: must be 1 to 5, 'na' or 'skip'" in result.err
    assert enrolled_terminal("status").out.startswith("nothing was answered")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "[]",
        "{}",
        b"\xff",
        '{"answers": []}',
        '{"answers": {}, "context": 1}',
        '{"answers": {}, "language": "en"}',
    ],
)
def test_a_file_of_another_form_is_a_usage_error(enrolled_terminal, wave, typed):
    result = enrolled_terminal("answer", wave, "--answers", "-", typed=typed)

    assert result.exit == 2
    assert result.err.startswith("rapport-field: -")


def test_a_file_that_is_not_there_is_a_usage_error(enrolled_terminal, wave):
    result = enrolled_terminal("answer", wave, "--answers", "no-such-file")

    assert result.exit == 2
    assert result.err == (
        "rapport-field: cannot read no-such-file: No such file or directory\n"
    )


def test_a_refusal_tells_its_code(terminal):
    result = terminal.online("enrol", "acme-0000-0000-0000", "--json")

    assert result.exit == 1
    assert result.document["error"]["code"] == "code-unknown"


def test_a_refusal_names_every_field(terminal, open_service):
    errors = [{"pointer": "/code", "code": "x", "detail": "is too long"}]
    open_service.intercept = reply_with(problem(422, "invalid", errors=errors))

    result = terminal.online("enrol", CODE)

    assert result.exit == 1
    assert " code: is too long " in result.err


def test_enrolment_without_a_connection_says_so(offline_terminal):
    assert offline_terminal.online("enrol", CODE).exit == 3


def test_a_captive_portal_is_no_connection(terminal, open_service):
    open_service.intercept = reply_with(PORTAL)

    assert terminal.online("enrol", CODE).exit == 3


def test_answers_wait_without_a_connection(enrolled_terminal, open_service, wave):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    open_service.intercept = drop_request

    result = enrolled_terminal("sync")

    assert result.exit == 3
    assert result.out.startswith("waiting to be sent: 1\nno reply from http://")


def test_a_sync_that_a_login_page_answers_has_no_connection(
    enrolled_terminal, open_service, wave
):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    open_service.intercept = on_path("/v1/submissions", reply_with(PORTAL))

    result = enrolled_terminal.online("sync")

    assert result.exit == 3
    assert "waiting to be sent: 1" in result.out
    assert "perhaps this network wants a login first" in result.out


def test_a_sync_that_leaves_answers_waiting_is_not_done(
    enrolled_terminal, open_service, wave
):
    enrolled_terminal(
        "answer", wave, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    open_service.intercept = on_path(
        "/v1/submissions", reply_with(problem(500, "internal"))
    )

    result = enrolled_terminal.online("sync")

    assert result.exit == 1
    assert "waiting to be sent: 1" in result.out


def test_answers_go_to_the_ballot_box_of_the_enrolment(terminal, open_service, wave):
    with serve(open_service) as box:
        terminal.online("enrol", CODE, "--ballot-box", box.origin)
        terminal("sync")
        terminal("answer", wave, "--answers", "-", typed=build_answers(terminal))

        assert terminal("sync").out.strip() == SYNC_LINE
        assert box.connections == 4  # a charter, a key, the questions, an answer

        refused = terminal("sync", "--ballot-box", terminal.origin)

    assert refused.exit == 1
    assert f"was enrolled at {box.origin} and sends nothing to" in refused.err


@pytest.mark.parametrize("command", ["pulses", "status"])
def test_a_mistyped_outbox_makes_no_new_device(terminal, command):
    result = terminal(command)

    assert result.exit == 1
    assert "there is no outbox" in result.err
    assert not terminal.outbox.exists()


def test_command_says_that_the_device_was_never_enrolled(terminal):
    terminal.online("enrol", "acme-0000-0000-0000")

    result = terminal.online("sync")

    assert result.exit == 1
    assert "This device is not enrolled" in result.out


def test_ended_enrolment_is_reported_with_what_to_do(enrolled_terminal, open_service):
    open_service.revoked = True

    result = enrolled_terminal.online("sync")

    assert result.exit == 1
    assert (
        "Ask for a new enrolment code, and enrol with it again (--again" in result.out
    )


def test_file_that_is_no_outbox_is_reported(terminal):
    terminal.outbox.write_text("no database")

    assert terminal("status", "--json").exit == 4


def test_words_of_others_cannot_steer_the_terminal(terminal, open_service):
    title = "\x1b[2Jgood news"
    open_service.intercept = reply_with(problem(400, "new-code", title=title))

    result = terminal.online("enrol", CODE)

    assert "\x1b" not in result.err
    assert "\\x1b[2Jgood news" in result.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["enrol", CODE, "--server", "rapport.example"],
        ["enrol", CODE, "--server", "http://h:port"],
        ["sync", "--serv", "http://127.0.0.1"],
        ["vote"],
        ["ballot"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)

    assert end.value.code == 2
    assert "usage: rapport-field" in capsys.readouterr().err
