"""Running a command as somebody at a terminal does."""

import json

from click.testing import CliRunner


def run_command(command, *line, status=0, **given):
    """What a command prints; checks its exit status."""
    return _invoke(command, *line, status=status, **given).output


def run_command_json(command, *line):
    """What a command prints with ``--json``, without the notes beside it."""
    return json.loads(_invoke(command, *line, "--json", status=0).stdout)


def _invoke(command, *line, status, **given):
    result = CliRunner().invoke(command, [str(word) for word in line], **given)
    assert result.exit_code == status, result.output
    return result
