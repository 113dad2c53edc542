"""``docs/field-problems.md`` names tests that exist and that name their thread."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/field-problems.md").read_text(encoding="utf-8")
THREAD = re.compile(r"#\d+")
NAMED = re.compile(r"`((?:client-sdk/)?tests/[\w/]+\.py)::(\w+)`")


def function_names(path):
    """The names of the functions of a file; none if there is no file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def thread_numbers(file, name):
    """The numbers of the threads that the docstring of a test names."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    (test,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return set(THREAD.findall(ast.get_docstring(test) or ""))


def missing_tests(page):
    """The tests that a page names and that do not exist."""
    return [
        f"{file}::{name}"
        for file, name in NAMED.findall(page)
        if name not in function_names(ROOT / file)
    ]


def test_every_test_that_the_page_names_exists():
    assert len(NAMED.findall(PAGE)) >= 14
    assert missing_tests(PAGE) == []


def test_a_missing_test_is_detected():
    assert missing_tests(
        "`tests/known_field_problems/test_field_problems_page.py::test_nothing`"
    )
    assert missing_tests("`client-sdk/tests/test_nowhere.py::test_nothing`")


def test_the_page_has_one_row_for_each_problem_in_order():
    rows = re.findall(r"^\| (T\d+) \|", PAGE, re.MULTILINE)

    assert rows == [f"T{number}" for number in range(1, 16)]


def test_every_test_names_a_thread_of_its_row():
    for row in PAGE.splitlines():
        for file, name in NAMED.findall(row):
            threads = thread_numbers(file, name)

            assert threads, f"{name} names no thread"
            assert threads <= set(THREAD.findall(row)), name
