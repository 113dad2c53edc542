"""A source file is read at one sitting: at most 600 lines, rather fewer than 400."""

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
    "benchmarks",
    "migrations",
)
EXCEPTIONS = {"versions/0001_first_schema.py"}
"""The whole schema as one list of tables, in the order that their keys need."""

MAX_LINES = 600
WARN_LINES = 400


def long_files(folder, max_lines):
    """Lines of each source file that has more of them, by its path."""
    lengths = {
        str(path.relative_to(folder)): len(path.read_text().splitlines())
        for path in sorted(folder.rglob("*.py"))
    }
    return {path: lines for path, lines in lengths.items() if lines > max_lines}


@pytest.mark.parametrize("folder", FOLDERS)
def test_source_file_has_at_most_six_hundred_lines(folder, capsys):
    lengths = long_files(ROOT / folder, WARN_LINES)

    with capsys.disabled():
        for path, lines in lengths.items():
            print(f"long file: {folder}/{path} has {lines} lines")  # noqa: T201 - warns only
    overlong = {path for path, lines in lengths.items() if lines > MAX_LINES}
    assert overlong == (EXCEPTIONS if folder == "migrations" else set())


def test_planted_long_file_is_detected(tmp_path):
    tmp_path.joinpath("short.py").write_text("#\n" * WARN_LINES)
    tmp_path.joinpath("long.py").write_text("#\n" * (WARN_LINES + 1))
    tmp_path.joinpath("overlong.py").write_text("#\n" * (MAX_LINES + 1))

    assert long_files(tmp_path, WARN_LINES).keys() == {"long.py", "overlong.py"}
    assert long_files(tmp_path, MAX_LINES) == {"overlong.py": MAX_LINES + 1}
