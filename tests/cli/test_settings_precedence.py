import base64

import click
import pytest

from rapport_service.cli.startup import COMMANDS_WITHOUT_SECRET
from tests.cli.command_runner import environment_for, run_main
from tests.support.commands import walk_commands

EVERY = dict(walk_commands())
LEAVES = [
    path for path, command in EVERY.items() if not isinstance(command, click.Group)
]


def test_commands_are_those_of_the_list():
    assert {" ".join(path) for path in LEAVES} == {
        "organization create",
        "organization admin",
        "organization auditor",
        "organization set",
        "organization show",
        "audit",
        "secret rotate",
        "roster get",
        "roster put",
        "codes mint",
        "client create",
        "client list",
        "client revoke",
        "client rotate",
        "device revoke",
        "doctor",
        "marker declare",
        "marker list",
        "marker retract",
        "pulse create",
        "pulse list",
        "pulse stop",
        "wave plan",
        "wave list",
        "wave cancel",
        "score",
        "trend",
        "heatmap",
        "sustainment",
        "tick",
        "seal init",
        "seal check",
        "wave seal",
        "db roles",
        "db upgrade",
        "db check",
        "db dump",
        "db vacuum",
        "db renew-epoch",
    }


@pytest.mark.parametrize("path", EVERY, ids=lambda path: " ".join(path) or "rapport")
def test_every_command_has_help_that_needs_no_settings(path):
    done = run_main(*path, "--help", environ={})

    assert done.exit_code == 0
    assert done.output.startswith("Usage: ")
    assert EVERY[path].help.splitlines()[0] in done.output


@pytest.mark.parametrize("path", EVERY, ids=lambda path: " ".join(path) or "rapport")
def test_every_help_begins_with_a_short_sentence(path):
    first = EVERY[path].help.splitlines()[0]

    assert first[0].isupper()
    assert len(first) < 88
    assert EVERY[path].help.rstrip().endswith(".")


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_all_bad_settings_are_named_and_nothing_is_done(path):
    done = run_main(
        *path, environ={"RAPPORT_DATABASE_URL": "file.db", "RAPPORT_TYPO": "hush"}
    )

    assert done.exit_code == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        "RAPPORT_TYPO",
        *([] if path[0] in COMMANDS_WITHOUT_SECRET else ["RAPPORT_SECRET"]),
        "RAPPORT_DATABASE_URL",
    ]
    assert done.stdout == ""


def test_no_command_at_all_shows_which_there_are():
    done = run_main(environ={})

    assert "Commands:" in done.output
    assert done.exit_code == 2


def test_an_unknown_command_says_so_before_anything_else():
    done = run_main("planted", environ={})

    assert done.exit_code == 2
    assert "No such command 'planted'" in done.stderr


def test_a_database_without_a_schema_says_what_to_do(tmp_path):
    done = run_main(
        *("organization", "create", "acme", "--name", "Acme"),
        *("--time-zone", "UTC"),
        environ=environment_for(f"sqlite:///{tmp_path}/empty.db"),
    )

    assert done.exit_code == 1
    assert "rapport db upgrade" in done.stderr
    assert "SELECT" not in done.stderr


@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "roles")])
def test_a_database_that_does_not_answer_says_where_to_look(command):
    done = run_main(
        *command, environ=environment_for("postgresql://u:hush@/n?host=/nowhere")
    )

    assert done.exit_code == 1
    assert "RAPPORT_DATABASE_URL" in done.stderr
    assert "hush" not in done.output


WITHOUT_SECRET_CHECK = {
    ("doctor",),
    ("db", "roles"),
    ("db", "check"),
    ("db", "upgrade"),
    ("seal", "init"),
    ("seal", "check"),
}


@pytest.mark.parametrize(
    "path", [path for path in LEAVES if path not in WITHOUT_SECRET_CHECK], ids=" ".join
)
def test_under_another_secret_nothing_is_done(path, migrated):
    other = {"RAPPORT_SECRET": base64.b64encode(bytes(32)).decode()}

    done = run_main(*path, environ=environment_for(f"sqlite:///{migrated}") | other)

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: RAPPORT_SECRET is not the secret of this ")
    assert done.stdout == ""


def test_a_single_tick_without_a_schema_says_what_to_do(tmp_path):
    done = run_main("tick", environ=environment_for(f"sqlite:///{tmp_path}/empty.db"))

    assert done.exit_code == 1
    assert "rapport db upgrade" in done.stderr
    assert len(done.stderr.splitlines()) == 1
