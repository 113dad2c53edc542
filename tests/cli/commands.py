"""Running a command as somebody at a terminal does."""

import json

from click.testing import CliRunner


def run(command, *line, status=0, **given):
    """What a command prints; checks its exit status."""
    result = CliRunner().invoke(command, [str(word) for word in line], **given)
    assert result.exit_code == status, result.output
    return result.output


def run_json(command, *line):
    """What a command prints with ``--json``."""
    return json.loads(run(command, *line, "--json"))
