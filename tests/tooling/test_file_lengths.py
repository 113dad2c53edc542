from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "service",
    "schemas",
    "client-sdk/src",
    "client-sdk/tests",
    "tests",
    "tools",
    "demo",
)
MAX_LINES = 600


def overlong_files(folder):
    """Sources that nobody can take in at one sitting."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if len(path.read_text().splitlines()) > MAX_LINES
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_source_file_is_longer_than_six_hundred_lines(folder):
    assert overlong_files(ROOT / folder) == set()


def test_a_planted_long_file_is_found(tmp_path):
    tmp_path.joinpath("short.py").write_text("#\n" * MAX_LINES)
    tmp_path.joinpath("planted.py").write_text("#\n" * (MAX_LINES + 1))

    assert overlong_files(tmp_path) == {"planted.py"}
