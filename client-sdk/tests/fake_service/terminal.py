"""Runner of the ``rapport-field`` command in the test's process."""

import io
import json
import sys
from dataclasses import dataclass

from rapport_client._cli import main


@dataclass(frozen=True)
class CommandResult:
    """Exit status and output of a command."""

    exit: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)


class Terminal:
    """Runs commands on one outbox, in this process."""

    def __init__(self, outbox, origin, capsys, monkeypatch):
        self.outbox = outbox
        self.origin = origin
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words, typed=b""):
        """Runs a command; ``typed`` is the whole standard input, text or bytes."""
        self.type_next(typed)
        status = main([*map(str, words), "--outbox", str(self.outbox)])
        return CommandResult(status, *self._capsys.readouterr())

    def type_next(self, typed):
        """Makes text or bytes the whole standard input of the next command."""
        stdin = io.TextIOWrapper(
            io.BytesIO(typed if isinstance(typed, bytes) else typed.encode())
        )
        self._monkeypatch.setattr(sys, "stdin", stdin)

    def online(self, *words, **more):
        """Runs a command that uses the network."""
        return self(*words, "--server", self.origin, **more)

    def without_outbox(self, *words):
        """Runs a command that needs no device."""
        return CommandResult(main([*map(str, words)]), *self._capsys.readouterr())


def build_answers(terminal, value=4):
    """The content of a file with answers to the open pulse."""
    (pulse,) = terminal("pulses", "--json").document["pulses"]
    answers = {question["id"]: value for question in pulse["questions"]}
    return json.dumps({"answers": answers, "context": "normal"})
