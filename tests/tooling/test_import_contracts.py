import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("service", "schemas", "client-sdk/src")
SERVICE = "service/rapport_service"
SDK = "client-sdk/src/rapport_client"

PLANTED_IMPORTS = {
    "The two doors never import each other": (
        f"{SERVICE}/ballotbox/service.py",
        "from rapport_service.pollbook import tokens",
    ),
    "Imports point one way": (
        f"{SERVICE}/registry/queries.py",
        "from rapport_service.releases import history",
    ),
    "The API and the lifecycle never import each other": (
        f"{SERVICE}/api/resources/waves.py",
        "from rapport_service.lifecycle import wave",
    ),
    "Pages for people never see the ballot box, and no room that acts on time": (
        f"{SERVICE}/web/assets.py",
        "from rapport_service.ballotbox import service",
    ),
    "Sealing and its consequences never see the poll book": (
        f"{SERVICE}/releases/seal.py",
        "from rapport_service.pollbook import service",
    ),
    "Reports read the registry and the agency, nothing else": (
        f"{SERVICE}/reports/trend.py",
        "from rapport_service.releases import history",
    ),
    "Pure rooms: no framework, no database, no clock, no room with state": (
        f"{SERVICE}/stats/intervals.py",
        "import time",
    ),
    "Flask and click live at the edge and in core": (
        f"{SERVICE}/waves/planning.py",
        "import flask",
    ),
    "The command line never imports the API": (
        f"{SERVICE}/cli/waves.py",
        "from rapport_service.api import problems",
    ),
    "The wire contract stands alone": (
        "schemas/rapport_schemas/reports.py",
        "import rapport_service.disclosure.bands",
    ),
    "The SDK never imports the service": (
        f"{SDK}/errors.py",
        "import rapport_schemas.reports",
    ),
    "The rooms of the SDK import only rooms below": (
        f"{SDK}/_outbox/outbox.py",
        "from rapport_client._sync import pacing",
    ),
    "The protocol and what it carries are sans I/O: no socket, no database, no clock": (
        f"{SDK}/_protocol/send.py",
        "import time",
    ),
    "On the phone, too, the sender of ballots never sees the poll book": (
        f"{SDK}/_sync/pacing.py",
        "from rapport_client._outbox import enrolment",
    ),
}
"""For each contract a file, and a line in it that breaks the contract."""


def lint(root):
    """Runs the import contracts on the sources below a folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": ":".join(str(root / s) for s in SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy of all sources, to plant faults in."""
    copy = tmp_path_factory.mktemp("sources")
    for folder in SOURCES:
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_every_import_contract_is_kept():
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout
    assert " 0 broken" in result.stdout


def test_every_import_contract_has_a_planted_fault():
    settings = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == PLANTED_IMPORTS.keys()


def assert_breaks(sources, contract, file, line):
    path = sources / file
    honest = path.read_text()
    path.write_text(f"{honest}\n{line}\n")
    try:
        result = lint(sources)
    finally:
        path.write_text(honest)

    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout


@pytest.mark.parametrize("contract", PLANTED_IMPORTS)
def test_planted_import_breaks_its_contract(sources, contract):
    assert_breaks(sources, contract, *PLANTED_IMPORTS[contract])


DETOURS = {
    "The command line never imports the API": (
        f"{SERVICE}/cli/waves.py",
        "from rapport_service import app",
    ),
    "The protocol and what it carries are sans I/O: no socket, no database, no clock": (
        f"{SDK}/_status_messages.py",
        "import sqlite3",
    ),
}
"""For a contract, a forbidden import by a way that it once let pass."""


@pytest.mark.parametrize("contract", DETOURS)
def test_planted_detour_breaks_its_contract(sources, contract):
    assert_breaks(sources, contract, *DETOURS[contract])


@pytest.mark.parametrize("folder", [SERVICE, SDK])
def test_module_without_a_layer_breaks_the_layers(sources, folder):
    path = sources / folder / "planted.py"
    path.write_text("")
    try:
        result = lint(sources)
    finally:
        path.unlink()

    assert result.returncode == 1
    assert "planted" in result.stdout
