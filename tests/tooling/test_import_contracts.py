import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("service", "schemas", "client-sdk/src")


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


def test_every_import_contract_is_kept():
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        (
            "service/rapport_service/releases/seal.py",
            "from rapport_service.pollbook import service",
            "Sealing and its consequences never see the poll book",
        ),
        (
            "service/rapport_service/cli/waves.py",
            "from rapport_service.api import problems",
            "The command line never imports the API",
        ),
        (
            "client-sdk/src/rapport_client/_outbox/outbox.py",
            "from rapport_client._sync import pacing",
            "The rooms of the SDK import only rooms below",
        ),
        (
            "client-sdk/src/rapport_client/_protocol/send.py",
            "import time",
            "The protocol and what it carries are sans I/O: no socket, no database, "
            "no clock",
        ),
        (
            "client-sdk/src/rapport_client/_sync/pacing.py",
            "from rapport_client._outbox import enrolment",
            "On the phone, too, the sender of ballots never sees the poll book",
        ),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path, file, line, contract):
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / file
    planted.write_text(f"{planted.read_text()}\n{line}\n")

    done = lint(tmp_path)

    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout
