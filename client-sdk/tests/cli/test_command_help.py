"""The command line: entry points and help."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from rapport_client._cli import main
from rapport_client._cli.outcome import EXIT_STATUS_HELP, Exit
from rapport_client._cli.parser import BALLOT_COMMANDS, FIELD_COMMANDS

SDK = Path(__file__).parents[2]
COMMANDS = [
    *([command.name] for command in FIELD_COMMANDS),
    *(["ballot", command.name] for command in BALLOT_COMMANDS),
]


def read_help(words, capsys):
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_installed_command_is_this_one():
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]

    module, _, name = project["scripts"]["rapport-field"].partition(":")

    assert getattr(import_module(module), name) is main


def test_command_runs_as_a_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "rapport_client", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("usage: rapport-field")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_speaks_json(words, capsys):
    help_text = read_help(words, capsys)

    assert help_text.startswith(f"usage: rapport-field {' '.join(words)}")
    assert "--json" in help_text


@pytest.mark.parametrize("words", [[], ["ballot"]])
def test_the_help_names_every_command_and_every_exit_status(words, capsys):
    help_text = read_help(words, capsys)

    for command in COMMANDS:
        if command[:-1] == words:
            assert f" {command[-1]} " in help_text
    assert " ".join(EXIT_STATUS_HELP.split()) in help_text


def test_every_exit_status_is_documented():
    documented = [line.split()[0] for line in EXIT_STATUS_HELP.splitlines()[1:]]

    assert documented == [str(int(status)) for status in Exit]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_readme_names_every_command(words):
    assert f"rapport-field {' '.join(words)}" in (SDK / "README.md").read_text()
