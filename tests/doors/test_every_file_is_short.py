from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("service", "schemas", "client-sdk/src", "client-sdk/tests", "tests", "demo")
LONGEST = 300


def too_long(folder):
    """Sources that nobody can take in at one sitting."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if len(path.read_text().splitlines()) > LONGEST
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_source_file_is_longer_than_three_hundred_lines(folder):
    assert too_long(ROOT / folder) == set()


def test_a_planted_long_file_is_found(tmp_path):
    tmp_path.joinpath("short.py").write_text("#\n" * LONGEST)
    tmp_path.joinpath("planted.py").write_text("#\n" * (LONGEST + 1))

    assert too_long(tmp_path) == {"planted.py"}
