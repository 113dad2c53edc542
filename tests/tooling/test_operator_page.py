"""The page on what the operator can learn names tests and commands that exist."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.commands import find_command

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security/what-the-operator-can-learn.md").read_text()
RESIDUAL = re.compile(r"^\* \*\*R(\d+)\. ", re.MULTILINE)


def find_missing(page):
    """The names in code style that are no test, no target and no command of ours."""
    named = re.findall(r"`([^`]+)`", " ".join(page.split()))
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    tests = {
        node.name
        for path in ROOT.joinpath("tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    return {
        name
        for name in named
        if (name.startswith("test_") and name not in tests)
        or (name.startswith("make ") and name.removeprefix("make ") not in targets)
        or (name.startswith("rapport ") and find_command(name.split()[1:]) is None)
    }


def test_page_names_tests_and_commands_that_exist():
    assert find_missing(PAGE) == set()


@pytest.mark.parametrize(
    "name", ["test_of_nothing", "make nothing", "rapport nothing", "rapport db nothing"]
)
def test_planted_name_is_detected(name):
    assert name in find_missing(f"{PAGE}\n`{name}`")


def test_residuals_are_numbered_in_order():
    numbers = [int(number) for number in RESIDUAL.findall(PAGE)]

    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(numbers) >= 21


def test_residuals_that_the_page_refers_to_are_in_the_list():
    numbers = set(RESIDUAL.findall(PAGE))

    assert set(re.findall(r"\bR(\d+)\b", PAGE)) == numbers
