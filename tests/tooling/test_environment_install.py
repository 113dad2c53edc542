import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNCHANGED = ("pyproject.toml", "client-sdk/pyproject.toml")

# Stands for python3, and for the python of the environment it makes: notes its
# arguments, and makes an environment of nothing but itself.
PYTHON = """#!/bin/sh
echo "$*" >>"{calls}"
if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; fi
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the environment is made from."""
    for name in ("requirements", "client-sdk"):
        tmp_path.joinpath(name).mkdir()
    for name in ("requirements/install", *UNCHANGED):
        shutil.copy(ROOT / name, tmp_path / name)
    for lock in ("runtime", "dev"):
        tmp_path.joinpath("requirements", f"{lock}.txt").write_text(f"# {lock}\n")
    python = tmp_path / "python"
    python.write_text(PYTHON.format(calls=tmp_path / "calls"))
    python.chmod(0o755)
    return tmp_path


def install(checkout, lock, python=None):
    """Runs the script and returns how it ended, and what it asked of Python."""
    calls = checkout / "calls"
    calls.write_text("")
    done = subprocess.run(
        [checkout / "requirements" / "install", lock],
        env=os.environ | {"PYTHON": str(python or checkout / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    asked = [line for line in calls.read_text().splitlines() if line.startswith("-m")]
    return done, asked


def wants_install(asked, lock):
    return any(f"--require-hashes -r requirements/{lock}.txt" in line for line in asked)


def test_the_first_time_makes_it_from_the_hashed_lock(checkout):
    done, asked = install(checkout, "runtime")

    assert done.returncode == 0, done.stderr
    assert asked[0] == "-m venv --clear .venv"
    assert wants_install(asked, "runtime")
    assert "--no-build-isolation --no-deps -e . -e ./client-sdk" in asked[-1]


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_the_second_time_does_nothing(checkout, lock):
    install(checkout, lock)

    done, asked = install(checkout, lock)

    assert (done.returncode, done.stdout, asked) == (0, "", [])


def test_a_developers_environment_serves_the_runtime_too(checkout):
    install(checkout, "dev")

    assert install(checkout, "runtime")[1] == []


def test_a_runtime_environment_becomes_a_developers_one_by_addition(checkout):
    install(checkout, "runtime")

    _, asked = install(checkout, "dev")

    assert not any("venv" in line for line in asked)
    assert wants_install(asked, "dev")


def test_another_lock_makes_it_anew_and_a_developer_stays_one(checkout):
    install(checkout, "dev")
    checkout.joinpath("requirements", "dev.txt").write_text("# dev, renewed\n")

    _, asked = install(checkout, "runtime")

    assert asked[0] == "-m venv --clear .venv"
    assert wants_install(asked, "dev")


def test_an_install_that_was_interrupted_is_begun_again(checkout):
    install(checkout, "runtime")
    checkout.joinpath(".venv", "runtime.note").unlink()

    assert wants_install(install(checkout, "runtime")[1], "runtime")


def test_a_changed_project_is_installed_again_and_nothing_else(checkout):
    install(checkout, "runtime")
    with checkout.joinpath("pyproject.toml").open("a") as project:
        project.write("# changed\n")

    _, asked = install(checkout, "runtime")

    assert len(asked) == 1
    assert "-e ." in asked[0]


@pytest.mark.parametrize(
    ("refuses", "says"),
    [
        ("sys.version_info", "3.11 or newer is needed: apt-get install python3"),
        ("ensurepip", "cannot make virtual environments: apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_named_with_its_apt_line(checkout, refuses, says):
    python = checkout / "unfit"
    python.write_text(f'#!/bin/sh\ncase "$2" in *{refuses}*) exit 1;; esac\n')
    python.chmod(0o755)

    done, _ = install(checkout, "runtime", python)

    assert done.returncode == 2
    assert says in done.stderr
    assert not checkout.joinpath(".venv").exists()


def test_a_missing_python_is_named_with_its_apt_line(checkout):
    done, _ = install(checkout, "runtime", python="python-that-is-missing")

    assert done.returncode == 2
    assert "apt-get install python3 python3-venv" in done.stderr
