"""The SDK against two running services: wrong addresses, a move, a forged ``Date``."""

import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from demo import waves
from demo.installation import Installation
from demo.server import Server
from rapport_client import (
    FieldDevice,
    MoveRefused,
    SystemClock,
    Urllib3Transport,
    WrongOrigin,
)

PEOPLE = 9
YEAR_SECONDS = 365 * 24 * 60 * 60
LAST_DECADE = "Mon, 30 Nov 2020 08:00:00 GMT"


@dataclass
class RunningService:
    """A service on a port, with an agency whose wave is open."""

    server: Server
    wave: str
    codes: list[str]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    people = [{"external_id": f"e-{n}", "team": "a"} for n in range(PEOPLE)]
    teams = [{"external_id": "a", "name": "Team A", "parent": None}]
    roster = folder / "roster.json"
    roster.write_text(json.dumps({"teams": teams, "people": people}))
    with Server(Installation.inside(folder), tick_seconds=0.2) as server:
        rapport = server.installation.rapport
        rapport(
            "organization",
            "create",
            "acme",
            "--name",
            "Acme County",
            "--time-zone",
            "UTC",
        )
        rapport("roster", "put", "acme", str(roster))
        wave = waves.plan_wave(
            server.installation,
            "acme",
            draw=timedelta(seconds=1),
            answer=timedelta(hours=1),
            send=timedelta(hours=1),
        )
        minted = rapport("codes", "mint", "acme", "--all").splitlines()
        waves.wait_until(wave.opens_at)
        codes = [line.split("\t")[1] for line in minted]
        yield RunningService(server, wave.id, codes)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Another service, which knows nothing of the first."""
    folder = tmp_path_factory.mktemp("stranger")
    with Server(Installation.inside(folder), tick_seconds=60) as server:
        yield server


@pytest.fixture
def answered_path(service, tmp_path):
    """The outbox of a person whose answer waits."""
    path = tmp_path / "outbox.db"
    with FieldDevice(path, service.server.url) as device:
        device.enrol(service.codes.pop())
        device.sync()
        answer(device, service.wave)
    return path


def answer(device, wave):
    pulse = device.pulse(wave)
    device.answer(pulse, {question.id: 4 for question in pulse.questions})


def run_field(*words):
    return subprocess.run(
        [sys.executable, "-m", "rapport_client", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_answer_survives_a_sync_with_another_service(service, stranger, answered_path):
    wrong = run_field("sync", "--server", stranger.url, "--outbox", answered_path)
    right = run_field("sync", "--outbox", answered_path)

    assert wrong.returncode == 1
    assert f"enrolled at {service.server.url}" in wrong.stderr
    assert f"sends nothing to {stranger.url}" in wrong.stderr
    assert right.stdout.startswith("received by the service: 1\n")
    with pytest.raises(WrongOrigin):
        FieldDevice(answered_path, stranger.url)


def test_answer_follows_its_service_to_another_port_and_no_stranger(
    service, stranger, answered_path
):
    with FieldDevice(answered_path) as device:
        with pytest.raises(MoveRefused, match="is not the service of this outbox"):
            device.move(stranger.url)
        assert device.status().queued == 1

        with Server(service.server.installation) as elsewhere:
            device.move(elsewhere.url)
            assert device.server == elsewhere.url
            assert str(device.sync()) == "accepted=1 waiting=0 dead=0"


class ForgedDates:
    """A line that strips ``Date``, or sets another one."""

    def __init__(self, date, transport):
        self.date, self.transport = date, transport

    def send(self, request):
        response = self.transport.send(request)
        headers = {k: v for k, v in response.headers.items() if k != "date"}
        if self.date is not None:
            headers["date"] = self.date
        return replace(response, headers=headers)


class WrongClock(SystemClock):
    """A wall clock that is off by so many years."""

    def __init__(self, years):
        self.years = years

    def wall(self):
        return time.time() + self.years * YEAR_SECONDS


@pytest.mark.parametrize(
    ("date", "years"),
    [(None, -2), (None, 3), (LAST_DECADE, 0), (LAST_DECADE, -2)],
    ids=["no date, slow clock", "no date, fast clock", "wrong date", "both wrong"],
)
def test_open_pulse_is_shown_and_a_wrong_clock_reported(service, tmp_path, date, years):
    with (
        closing(Urllib3Transport()) as transport,
        FieldDevice(
            tmp_path / "outbox.db",
            service.server.url,
            transport=ForgedDates(date, transport),
            clock=WrongClock(years),
        ) as device,
    ):
        device.enrol(service.codes.pop())
        report = device.sync()
        answer(device, service.wave)

        assert str(device.sync()).startswith("accepted=1 waiting=0 dead=0")
    reported = ["date cannot be right" in notice for notice in report.notices]
    assert reported == ([True] if years else [])
