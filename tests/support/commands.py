"""The tree of the commands of ``rapport``, each loaded when it is asked for."""

import click

from rapport_service.cli import rapport


def subcommands(command):
    """The names and commands of a group; nothing for a command that has none below."""
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    return {
        name: command.get_command(context, name)
        for name in command.list_commands(context)
    }


def walk_commands(command=rapport, path=()):
    """Every command and group, by the words that call it; the root is ``()``."""
    yield path, command
    for name, below in subcommands(command).items():
        yield from walk_commands(below, (*path, name))


def find_command(words):
    """The command that words call; None if there is none."""
    command = rapport
    for word in words:
        command = subcommands(command).get(word)
        if command is None:
            return None
    return command
