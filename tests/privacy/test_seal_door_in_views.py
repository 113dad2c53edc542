"""The door of the seal reads what people said; a request opens it to destroy that."""

import ast
from pathlib import Path

from rapport_service import api

VIEWS = sorted(Path(api.__file__).parent.rglob("*.py"))


def openings(source):
    """The functions that name the seal's door."""
    return {
        function.name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "Door.SEAL"
    }


def test_the_web_opens_it_to_cancel_a_wave_and_for_nothing_else():
    assert len(VIEWS) > 10
    assert set().union(*(openings(v.read_text("utf-8")) for v in VIEWS)) == {
        "post_wave_cancellation"
    }


def test_a_planted_view_that_opens_it_is_found():
    planted = "def get_all():\n    with reading(Door.SEAL) as session:\n        pass\n"

    assert openings(planted) == {"get_all"}
