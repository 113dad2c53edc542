"""``tests/README.md`` names folders, helper modules and attacks that exist."""

import ast
import re
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "tests/README.md").read_text(encoding="utf-8")
ATTACK = re.compile(r"^\| A(\d+) \| (\*?)", re.MULTILINE)


def function_names():
    """The names of all test functions of the service."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for path in ROOT.joinpath("tests").rglob("test_*.py")
    )
    return {
        node.name
        for node in chain.from_iterable(map(ast.walk, trees))
        if isinstance(node, ast.FunctionDef)
    }


def test_every_folder_of_the_page_exists():
    folders = re.findall(r"`((?:client-sdk/)?tests/[\w/]*|tools/\w+/?)`", PAGE)

    assert len(folders) > 10
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_page_lists_the_support_modules():
    section = PAGE.partition("## Support modules")[2].partition("## Run them")[0]
    modules = {path.stem for path in ROOT.joinpath("tests/support").glob("[!_]*.py")}

    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == modules


def test_attacks_have_tests_unless_they_are_in_italics():
    attacks = dict(ATTACK.findall(PAGE))
    tested = {
        match[1]
        for name in function_names()
        if (match := re.match(r"test_a(\d+)_", name))
    }

    assert [*attacks] == [str(number) for number in range(1, 34)]
    assert {number for number, italic in attacks.items() if not italic} == tested
