"""The seal's door reads answers; a request opens it only to destroy them."""

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


def test_api_opens_the_door_of_the_seal_to_cancel_a_wave_alone():
    assert len(VIEWS) > 10
    assert set().union(*(openings(v.read_text("utf-8")) for v in VIEWS)) == {
        "cancel_wave"
    }


def test_planted_view_that_opens_it_is_detected():
    planted = (
        "def get_all():\n    with transaction(Door.SEAL) as session:\n        pass\n"
    )

    assert openings(planted) == {"get_all"}
