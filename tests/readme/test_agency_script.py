"""An agency set up, asked and read through the SDK alone: the script of its README."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.installation import Installation
from demo.server import Server
from rapport_client import AsyncClient, FieldDevice, Pending, Released

PAGE = Path(__file__).parents[2].joinpath("client-sdk/README.md").read_text()
(SCRIPT,) = re.findall(r"```python\n(import time.*?)```", PAGE, re.DOTALL)
PEOPLE = [f"person-{number}" for number in range(8)]
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    installation = Installation.inside(tmp_path_factory.mktemp("installation"))
    with Server(installation, tick_seconds=0.2) as server:
        yield server


def create_organization(server, name):
    """Creates an agency; returns the code of its first administrator."""
    printed = server.installation.rapport(
        "organization", "create", name, "--name", "Acme", "--time-zone", "UTC"
    )
    (code,) = re.findall(rf"{name}(?:-[0-9A-Z]{{4}}){{3}}", printed)
    return code


def test_the_script_of_the_readme_is_short():
    lines = [line for line in SCRIPT.splitlines() if line and line[0] != "#"]

    assert len(lines) <= 36


def test_the_script_sets_up_an_agency_and_reads_its_score(
    server, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    script = SCRIPT.replace("http://127.0.0.1:8000", server.url)

    exec(script, {"code": create_organization(server, "acme")})

    counts, *sent, score = capsys.readouterr().out.splitlines()
    assert counts == "ChangeCounts(added=8, changed=0, removed=0)"
    assert sent == ["accepted=1 waiting=0 dead=0"] * len(PEOPLE)
    assert re.match(r"Acme: trust \d+ \(\d+ to \d+\), communication", score)


async def set_up_and_read(server, code, folder):
    """The same steps as those of the script, in an asynchronous program."""
    async with AsyncClient.from_reading_code(
        server.url, code, folder / "admin.json"
    ) as admin:
        agency = {"external_id": "agency", "name": "Acme", "parent": None}
        people = [{"external_id": name, "team": "agency"} for name in PEOPLE]
        await admin.roster.put({"teams": [agency], "people": people})
        begin = datetime.now(UTC)
        wave = await admin.waves.plan(
            announces_at=begin + 2 * SECOND,
            opens_at=begin + 5 * SECOND,
            closes_at=begin + 30 * SECOND,
            seals_at=begin + 31 * SECOND,
        )
        codes = await asyncio.gather(
            *(admin.people.create_code(name) for name in PEOPLE)
        )
        while (await admin.waves.get(wave)).state != "open":  # noqa: ASYNC110 - a tick
            await asyncio.sleep(1)
        for name, made in zip(PEOPLE, codes, strict=True):
            await asyncio.to_thread(answer, server.url, folder / name, made.code)
        while isinstance(  # noqa: ASYNC110 - a tick of another process ends it
            score := await admin.teams.score("agency", wave), Pending
        ):
            await asyncio.sleep(1)
        return score


def answer(server, path, code):
    with FieldDevice(path, server=server) as device:
        device.enrol(code)
        device.sync()
        for pulse in device.open_pulses():
            device.answer(pulse, {q.id: 4 for q in pulse.questions})
        assert device.sync().accepted == 1


def test_an_asynchronous_program_does_the_same(server, tmp_path):
    code = create_organization(server, "metro")

    score = asyncio.run(set_up_and_read(server, code, tmp_path))

    assert isinstance(score, Released)
