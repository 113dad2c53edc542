"""The table of who may do what, read from the file that people write."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("table.toml")

PLACEHOLDER = re.compile(r"\{(\w+)(?:\.([\w-]+))?\}")
"""``{team}`` stands for each target of the row; ``{wave.first}`` for that wave."""

ANYTHING = "-"
"""The name of the only target of a row that has no placeholder for one."""

SCOPE_MISSING = "scope-missing"
CREDENTIALS_NOT_WANTED = "credentials-not-wanted"


class TableError(Exception):
    """The table contradicts itself, or leaves something out; the message says where."""


@dataclass(frozen=True)
class Combination:
    """One request: what is asked, of which target, by whom, and what is answered."""

    method: str
    path: str
    body: str | None
    target: str
    caller: str
    expected: str

    def __str__(self) -> str:
        target = "" if self.target == ANYTHING else f" [{self.target}]"
        return f"{self.method} {self.path}{target} by {self.caller}"


@dataclass(frozen=True)
class Row:
    """The answers to one request, by caller and target.

    Attributes:
        shut: answers to callers whom no login knows.
        ended: the caller that each was whose access has ended, and the answer.
        answers: by target, and by caller of those who may.
    """

    method: str
    path: str
    body: str | None
    door: str
    shut: Mapping[str, str]
    ended: Mapping[str, tuple[str, str]]
    answers: Mapping[str, Mapping[str, str]]

    def answer(self, target: str, caller: str) -> str:
        """The answer that the table declares."""
        if self.door == "ballot box" and caller != "no token":
            return CREDENTIALS_NOT_WANTED
        answers = self.answers[target]
        if self.door == "login" and caller in self.shut:
            return self.shut[caller]
        if self.door == "login" and caller in self.ended:
            was, ended = self.ended[caller]
            return ended if was in answers else SCOPE_MISSING
        return answers.get(caller, SCOPE_MISSING)


@dataclass(frozen=True)
class Table:
    """All rows, for all callers."""

    rows: Sequence[Row]
    callers: Sequence[str]

    def combinations(self) -> Iterator[Combination]:
        """Every request that the table declares."""
        return self.combinations_of("")

    def combinations_of(self, part: str) -> Iterator[Combination]:
        """Every request whose address has this part."""
        for row in self.rows:
            if part not in row.path:
                continue
            for target in row.answers:
                for caller in self.callers:
                    yield Combination(
                        *(row.method, row.path, row.body, target, caller),
                        row.answer(target, caller),
                    )


def load_table(callers: Sequence[str], foreign: frozenset[str]) -> Table:
    """The table for the callers of a scenario.

    Args:
        callers: all of them.
        foreign: those of the other agency.

    Raises:
        TableError: a row is not clear.
    """
    parsed = tomllib.loads(PATH.read_text(encoding="utf-8"))
    groups = _Groups(parsed["groups"], callers)
    ended = {name: (each["was"], each["get"]) for name, each in parsed["ended"].items()}
    if unknown := {*parsed["shut"], *ended} - set(callers):
        raise TableError(f"no such callers: {sorted(unknown)}")
    rows = [
        _read_row(row, groups, parsed["shut"], ended, foreign) for row in parsed["rows"]
    ]
    return Table(rows, callers)


class _Groups:
    """Callers by the names that rows use."""

    def __init__(
        self, groups: Mapping[str, Sequence[str]], callers: Sequence[str]
    ) -> None:
        self._groups = groups
        self._callers = frozenset(callers)

    def expand(self, name: str) -> frozenset[str]:
        """The callers of a group, or the one caller of this name."""
        if name in self._groups:
            return frozenset().union(*map(self.expand, self._groups[name]))
        if name not in self._callers:
            raise TableError(f"no such caller or group: {name}")
        return frozenset({name})

    @property
    def all(self) -> frozenset[str]:
        return self._callers


def _read_row(
    row: Mapping[str, Any],
    groups: _Groups,
    shut: Mapping[str, str],
    ended: Mapping[str, tuple[str, str]],
    foreign: frozenset[str],
) -> Row:
    ask, door = row["ask"], row.get("door", "login")
    method, path = ask.split()
    body = row.get("body")
    placeholders = PLACEHOLDER.findall(path + (body or ""))
    kinds = {kind for kind, name in placeholders if not name}
    if len(kinds) > 1:
        raise TableError(f"{ask}: two kinds of targets")
    may = (
        frozenset().union(*map(groups.expand, row["may"]))
        if door == "login"
        else groups.all
    )
    answers = (
        _read_lines(ask, row, groups)
        if "gets" in row
        else _read_targets(row["get"], may, foreign)
    )
    for target, by_caller in answers.items():
        if by_caller.keys() != may:
            named = sorted(by_caller.keys() ^ may)
            raise TableError(f"{ask} [{target}]: who may, and who is named: {named}")
    others = {name: (ended[name][0], get) for name, get in row.get("ended", {}).items()}
    return Row(method, path, body, door, shut, {**ended, **others}, answers)


def _read_targets(
    answer: str | Mapping[str, str], may: frozenset[str], foreign: frozenset[str]
) -> dict[str, dict[str, str]]:
    """The same answers for all; own and foreign change places for the other agency."""
    if isinstance(answer, str):
        return {ANYTHING: dict.fromkeys(may, answer)}

    def seen_by(caller: str, target: str) -> str:
        if caller not in foreign or "own" not in answer:
            return answer[target]
        return answer["own" if target == "foreign" else "foreign"]

    return {
        target: {caller: seen_by(caller, target) for caller in may} for target in answer
    }


def _read_lines(
    ask: str, row: Mapping[str, Any], groups: _Groups
) -> dict[str, dict[str, str]]:
    """The answers by caller, one line each, below the names of the targets."""
    lines = row["gets"].strip("\n").splitlines()
    targets = lines.pop(0).split() if lines[0].startswith(" ") else [ANYTHING]
    answers: dict[str, dict[str, str]] = {target: {} for target in targets}
    for line in lines:
        words = line.split()
        name, cells = " ".join(words[: -len(targets)]), words[-len(targets) :]
        for caller in groups.expand(name):
            for target, cell in zip(targets, cells, strict=True):
                if caller in answers[target]:
                    raise TableError(f"{ask}: {caller} is there twice")
                answers[target][caller] = row["refusal"] if cell == "-" else cell
    return answers


def fill_in(text: str, names: Mapping[str, str], target: str) -> str:
    """A path or a body with what its placeholders stand for."""
    return PLACEHOLDER.sub(
        lambda match: names[f"{match[1]}.{match[2] or target}"], text
    )


def is_json(body: str) -> bool:
    """Whether a body is JSON; otherwise it is a form."""
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
