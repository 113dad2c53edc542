"""``rapport-field``: one service for an outbox, its move, refused answers, the date."""

import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from fake_service.http_server import serve
from fake_service.phone import ManualClock
from fake_service.service import CODE, FakeService
from fake_service.terminal import build_answers

from rapport_client._sync import account

SPANISH = ("--language", "es")


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves.values()))


@pytest.fixture
def answered_terminal(enrolled_terminal, wave):
    """The terminal of a person whose answer waits."""
    enrolled_terminal(
        "answer", wave.id, "--answers", "-", typed=build_answers(enrolled_terminal)
    )
    return enrolled_terminal


@pytest.fixture
def refused_terminal(answered_terminal, open_service, wave):
    """The terminal of a person whose answer was refused, and could be taken now."""
    open_service.waves.clear()
    assert answered_terminal("sync").exit == 1
    open_service.waves[wave.id] = wave
    return answered_terminal


@pytest.fixture
def stranger():
    """Another Rapport on a socket of its own."""
    with serve(FakeService()) as front:
        yield front


def test_sync_needs_no_address_after_the_enrolment(answered_terminal, open_service):
    assert answered_terminal("sync").out.startswith("received by the service: 1")
    assert len(open_service.contents) == 1


def test_sync_with_another_service_is_refused_by_name(
    answered_terminal, open_service, stranger
):
    refused = answered_terminal("sync", "--server", stranger.origin)

    assert refused.exit == 1
    assert f"was enrolled at {answered_terminal.origin}" in refused.err
    assert f"sends nothing to {stranger.origin}" in refused.err
    assert "`rapport-field move`" in refused.err
    assert stranger.transport.log == []
    assert answered_terminal("sync").exit == 0
    assert len(open_service.contents) == 1


def test_sync_of_another_process_needs_no_address(answered_terminal, open_service):
    """Over real sockets, as a person runs it."""
    words = [sys.executable, "-m", "rapport_client", "sync"]

    done = subprocess.run(
        [*words, "--outbox", answered_terminal.outbox],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("received by the service: 1")
    assert len(open_service.contents) == 1


def test_second_person_enrols_without_an_address(enrolled_terminal, open_service):
    open_service.codes["acme-0000-0000-0000"] = None

    result = enrolled_terminal("enrol", "acme-0000-0000-0000", "--person", "ben")

    assert (result.exit, result.err) == (0, "")


@pytest.mark.parametrize("existing", [False, True])
def test_first_enrolment_without_an_address_says_what_is_missing(terminal, existing):
    if existing:
        terminal.online("enrol", "acme-0000-0000-0000")

    result = terminal("enrol", CODE)

    assert result.exit == 2
    assert "--server https://rapport.example" in result.err
    assert terminal.outbox.exists() == existing


def test_move_follows_the_service(answered_terminal, open_service):
    with serve(open_service) as new:
        moved = answered_terminal("move", f"{new.origin}/", "--json")
        sent = answered_terminal("sync")

    assert moved.exit == 0
    assert moved.document == {"server": new.origin, "ballot_box": new.origin}
    assert sent.out.startswith("received by the service: 1")


def test_move_to_a_stranger_is_refused(answered_terminal, stranger):
    refused = answered_terminal("move", stranger.origin)

    assert refused.exit == 1
    assert f"{stranger.origin} is not the service of this outbox" in refused.err
    assert [request.url for request in stranger.transport.log] == [
        f"{stranger.origin}/v1/jwks"
    ]
    assert answered_terminal("sync").exit == 0


def test_move_to_a_place_where_nothing_listens_has_no_connection(answered_terminal):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert answered_terminal("move", f"http://127.0.0.1:{port}").exit == 3
    assert answered_terminal("sync").exit == 0


def test_move_takes_a_new_code(enrolled_terminal, open_service):
    open_service.valid_refresh_tokens.clear()
    open_service.codes["acme-0000-0000-0000"] = None
    open_service.people["acme-0000-0000-0000"] = CODE
    with serve(open_service) as new:
        ended = enrolled_terminal("move", new.origin)
        moved = enrolled_terminal("move", new.origin, "--code", "acme-0000-0000-0000")

    assert ended.exit == 1
    assert "ask for a new code, and move with it (--code" in ended.err
    assert moved.out.startswith(f"moved to {new.origin}. Next:\n    rapport-field sync")


def test_refused_answer_is_shown_as_refused_and_sent_again_by_hand(
    refused_terminal, open_service, wave
):
    status = refused_terminal("status").out
    assert "An answer was refused and stays on this device" in status
    assert (
        "if the cause has gone, send it again with:\n    rapport-field offer-again "
        in status
    )
    assert "vuelva a enviarla" in refused_terminal("status", *SPANISH).out
    again = refused_terminal("answer", wave.id)
    assert "An answer was refused" in again.err
    assert "has been answered" not in again.err

    offered = refused_terminal("offer-again", wave.id)

    assert (offered.exit, offered.err) == (0, "")
    assert offered.out.startswith("it waits again. To send it, where there is a signal")
    assert refused_terminal("sync").out.startswith("received by the service: 1")
    assert len(open_service.contents) == 1


def test_offering_again_speaks_spanish_and_json(refused_terminal, wave):
    result = refused_terminal("offer-again", wave.id, "--json")
    assert result.document == {"wave_id": wave.id, "state": "queued"}

    nothing = refused_terminal("offer-again", wave.id)

    assert nothing.exit == 1
    assert "nothing of this pulse was refused" in nothing.err


def test_pulses_says_when_the_next_one_opens(enrolled_terminal, open_service, keys):
    opens_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)
    wave = open_service.add_wave(
        keys[1],
        state="announced",
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=7),
    )
    enrolled_terminal("sync")
    local = opens_at.astimezone().strftime("%Y-%m-%d %H:%M %Z")

    with_open_pulse = enrolled_terminal("pulses").out
    enrolled_terminal(
        *("answer", with_open_pulse.split()[0], "--answers", "-"),
        typed=build_answers(enrolled_terminal),
    )

    assert f"\n\nthe next pulse opens on {local}: North\n" in with_open_pulse
    assert enrolled_terminal("pulses").out == (
        f"nothing to answer now\nthe next pulse opens on {local}: North\n"
    )
    spanish = enrolled_terminal("pulses", *SPANISH).out
    assert f"el próximo pulso se abre el {local}: North\n" in spanish
    document = enrolled_terminal("pulses", "--json").document
    assert document["next"]["wave_id"] == wave.id
    assert document["next"]["opens_at"] == opens_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert document["date_notice"] is None


def test_wrong_date_is_reported_by_sync_and_pulses(terminal, monkeypatch, wave):
    slow = ManualClock(datetime.now(UTC) - timedelta(days=730), time.monotonic())
    monkeypatch.setattr(account, "SystemClock", lambda: slow)
    terminal.online("enrol", CODE)

    synced = terminal("sync")
    english, spanish = terminal("pulses").out, terminal("pulses", *SPANISH).out

    assert synced.exit == 0
    assert "This device's date cannot be right: it says " in synced.out
    assert wave.id in english
    assert "This device's date cannot be right" in english
    assert "La fecha de este dispositivo no puede ser correcta" in spanish
    document = terminal("pulses", "--json").document
    assert document["date_notice"].startswith("This device's date cannot be right")
