"""Packages that a command loads: help is there at once, also on a slow machine."""

import subprocess
import sys

import click
import pytest

from rapport_service.cli import COMMANDS
from tests.support.commands import find_command, walk_commands

HEAVY = {"sqlalchemy", "flask", "werkzeug", "alembic", "cryptography", "marshmallow"}
STATISTICS = {"numpy", "scipy"}

LOADED = """
import sys
from rapport_service.cli import rapport
rapport({words!r}, prog_name="rapport", standalone_mode=False)
print("loaded", *{{name.partition(".")[0] for name in sys.modules}})
"""


def packages_for(*words):
    """The top-level packages in memory after a command."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--help",), ("--version",)])
def test_help_and_version_load_neither_framework_nor_database(words):
    packages = packages_for(*words)

    assert "click" in packages
    assert packages & (HEAVY | STATISTICS) == set()


@pytest.mark.parametrize(
    "words", [("organization", "--help"), ("tick", "--help"), ("doctor", "--help")]
)
def test_help_of_a_command_loads_no_statistics(words):
    assert packages_for(*words) & STATISTICS == set()


def test_planted_import_is_noticed():
    assert "sqlalchemy" in packages_for("organization", "--help")


@pytest.mark.parametrize("name", COMMANDS)
def test_sentence_in_the_list_is_the_first_one_of_the_commands_own_help(name):
    help_text = " ".join(find_command([name]).help.split())

    assert help_text.startswith(COMMANDS[name][1])
    assert COMMANDS[name][1].endswith(".")


def test_list_in_the_help_has_every_command():
    shown = find_command([]).get_help(click.Context(find_command([])))

    for path, _ in walk_commands():
        if len(path) == 1:
            assert f"\n  {path[0]} " in shown
