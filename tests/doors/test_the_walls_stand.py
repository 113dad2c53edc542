import os
import shutil
import subprocess
import sys
from pathlib import Path

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


def test_a_planted_import_breaks_its_contract(tmp_path):
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    sealing = tmp_path / "service/rapport_service/waves/seal.py"
    sealing.write_text(
        f"{sealing.read_text()}\nfrom rapport_service.pollbook import draw\n"
    )

    done = lint(tmp_path)

    assert done.returncode == 1
    assert "Whoever seals never sees the poll book BROKEN" in done.stdout
