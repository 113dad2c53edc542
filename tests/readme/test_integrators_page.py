"""``docs/integrators.md`` names only addresses, commands and words that exist."""

import json
import re
from pathlib import Path

import click
import pytest

from rapport_schemas import clients, codes
from rapport_schemas.markers import KINDS, ROLES
from rapport_schemas.openapi import document
from rapport_schemas.planning import STATES
from rapport_service.cli import rapport
from rapport_service.pollbook.clients import SCOPES
from rapport_service.pollbook.models import Purpose
from rapport_service.registry.markers import ADMIN
from rapport_service.registry.models import MarkerKind, WaveState

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
    command = rapport
    for word in line.split():
        assert isinstance(command, click.Group)
        command = command.commands[word]


def test_the_page_names_every_scope_and_every_kind_of_marker():
    for name in (*SCOPES, *KINDS):
        assert f"`{name}`" in PAGE


def test_the_words_on_the_wire_are_those_of_the_rooms():
    assert set(KINDS) == set(MarkerKind)
    assert set(STATES) == set(WaveState)
    assert set(clients.SCOPES) == set(SCOPES)
    assert set(codes.PURPOSES) == set(Purpose)
    assert set(ROLES) == {ADMIN}
