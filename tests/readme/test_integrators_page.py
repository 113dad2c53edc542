"""``docs/integrators.md`` names only addresses, commands and words that exist."""

import json
import re
from pathlib import Path

import pytest

from rapport_schemas.enums import CLIENT_SCOPES, MarkerKind
from rapport_schemas.openapi import document
from tests.support.commands import find_command

PAGE = Path(__file__).parents[2].joinpath("docs/integrators.md").read_text("utf-8")


def bare(path):
    return re.sub(r"\{\w+\}", "{}", path)


def test_every_address_on_the_page_is_in_the_contract():
    published = {
        (method.upper(), bare(path))
        for path, methods in json.loads(document())["paths"].items()
        for method in methods
    }

    named = re.findall(r"`(GET|POST|PUT) (/v1/[^`?]+)`", PAGE)

    assert len(named) > 12
    assert {(method, bare(path)) for method, path in named} <= published


@pytest.mark.parametrize(
    "line",
    sorted(
        set(re.findall(r"rapport ((?:client|device|organization) \w+|doctor)", PAGE))
    ),
)
def test_every_command_on_the_page_is_there(line):
    assert find_command(line.split()) is not None


def test_the_page_names_every_scope_and_every_kind_of_marker():
    for name in (*CLIENT_SCOPES, *MarkerKind):
        assert f"`{name}`" in PAGE
