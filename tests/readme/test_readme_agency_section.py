"""The commands for an agency, typed in a new folder from the README's first line on."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.readme.shell import bash

PAGE = Path(__file__).parents[2].joinpath("README.md").read_text()
SECTION = PAGE.partition("## Set up an agency")[2].partition("### The sealing folder")[
    0
]
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
BLOCKS = SHELL.findall(SECTION)
DOCS = Path(__file__).parents[2] / "docs"
ADMINISTRATION = SHELL.findall((DOCS / "administration.md").read_text())
FOR_A_PROGRAM = SHELL.findall((DOCS / "integrators.md").read_text())[0]
PORT = 18643


@pytest.fixture
def typed(tmp_path):
    """Types a block in the folder, with the settings of the blocks before it."""
    others = {name: None for name in os.environ if name.startswith("RAPPORT_")}
    environment = {k: v for k, v in os.environ.items() if k not in others}
    environment["HOME"] = str(tmp_path / "home")
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def run(block):
        settings = "test ! -e secret || export RAPPORT_SECRET=$(cat secret)\n"
        done = bash(settings + block, tmp_path / "folder", environment, seconds=240)
        assert done.returncode == 0, (block, done.stderr)
        return done

    (tmp_path / "folder").mkdir()
    run.environment = environment
    run.folder = tmp_path / "folder"
    return run


def test_section_is_typed_in_its_order_and_ends_with_a_planned_wave(typed):
    *setup, programs, trial = BLOCKS
    for block in setup:
        last = typed(block)

    assert "FAIL" not in last.stdout
    for block in (*ADMINISTRATION, FOR_A_PROGRAM):
        typed(block)
    (shown,) = typed("rapport organization show acme").stdout.splitlines()
    assert shown.split("\t")[2] == "America/Denver"
    secret = typed.folder / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    running = [
        subprocess.Popen(
            line.partition("#")[0].replace(":8000", f":{PORT}").split(),
            cwd=typed.folder,
            env=typed.environment | {"RAPPORT_SECRET": secret.read_text()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for line in programs.splitlines()
    ]
    try:
        assert await_service()
        typed(trial)
        waves = typed("rapport wave list acme").stdout.splitlines()
        assert [wave.split("\t")[1] for wave in waves] == ["planned"]
        assert all(process.poll() is None for process in running)
    finally:
        for process in running:
            process.terminate()
            process.wait(20)


def await_service():
    """Whether the service is ready within a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/readyz") as reply:
                return reply.status == 200
        except OSError:
            time.sleep(0.3)
    return False


def test_section_asks_for_a_time_zone_and_makes_its_roster_first():
    text = "".join(BLOCKS)

    assert "--time-zone" in text
    assert text.index(">roster.json") < text.index("roster put")
