"""Reader of source files: the names that they bind and their docstrings' first lines.

Another language is another reader in ``READERS``.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Kind(Enum):
    """Kind of thing that a name is bound to."""

    CLASS = auto()
    MODULE = auto()
    TEST = auto()
    """A test function or file, whose name is a sentence."""

    VALUE = auto()
    """A function, argument, variable or attribute."""


@dataclass(frozen=True)
class Name:
    """Name bound at a place in the sources."""

    path: str
    line: int
    text: str
    kind: Kind


@dataclass(frozen=True)
class Docstring:
    """First line of a docstring, at its place in the sources."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Source:
    """Names and docstrings of one file."""

    names: tuple[Name, ...]
    docstrings: tuple[Docstring, ...]


def split_words(name: str) -> tuple[str, ...]:
    """Split snake_case and CamelCase into lower-case words, without digits."""
    return tuple(word.lower() for word in _WORD.findall(name))


def read_paths(paths: Iterable[str]) -> Iterator[Name]:
    """Yield the names of modules, and of each folder once."""
    folders: set[PurePosixPath] = set()
    for path in map(PurePosixPath, paths):
        folders.update(path.parents)
        kind = Kind.TEST if path.stem.startswith("test_") else Kind.MODULE
        yield Name(str(path), 1, path.stem, kind)
    for folder in sorted(folders):
        yield Name(str(folder), 1, folder.name, Kind.MODULE)


def read_python(path: str, text: str) -> Source:
    """Parse a Python file.

    Attributes count if they are those of ``self`` or ``cls``, imports if they are
    renamed: other names of modules and objects are bound elsewhere. The literal after
    an assignment is a docstring as well.
    """
    nodes = list(ast.walk(ast.parse(text)))
    names = [
        Name(path, line, name, kind)
        for node in nodes
        for name, kind, line in _bound_names(node)
    ]
    docstrings = [
        Docstring(path, literal.lineno, str(literal.value).strip().partition("\n")[0])
        for node in nodes
        for literal in _docstring_literals(node)
    ]
    return Source(tuple(names), tuple(docstrings))


READERS: dict[str, Callable[[str, str], Source]] = {".py": read_python}
"""Parser by suffix: it takes a path and the file's text."""


def _bound_names(node: ast.AST) -> Iterator[tuple[str, Kind, int]]:
    """Yield the names that one node binds, with their kinds and lines."""
    match node:
        case ast.ClassDef(name=name, lineno=line):
            yield name, Kind.CLASS, line
        case (
            ast.FunctionDef(name=name, lineno=line)
            | ast.AsyncFunctionDef(name=name, lineno=line)
        ):
            yield name, Kind.TEST if name.startswith("test_") else Kind.VALUE, line
        case (
            ast.arg(arg=name, lineno=line)
            | ast.Name(id=name, ctx=ast.Store(), lineno=line)
            | ast.Attribute(
                value=ast.Name(id="self" | "cls"),
                attr=name,
                ctx=ast.Store(),
                lineno=line,
            )
            | ast.alias(asname=str(name), lineno=line)
            | ast.ExceptHandler(name=str(name), lineno=line)
            | ast.MatchAs(name=str(name), lineno=line)
            | ast.MatchStar(name=str(name), lineno=line)
            | ast.MatchMapping(rest=str(name), lineno=line)
        ):
            yield name, Kind.VALUE, line


def _docstring_literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the docstring of a definition and those of the attributes in it."""
    documented: tuple[type[ast.stmt], ...]
    match node:
        case ast.Module(body=body) | ast.ClassDef(body=body):
            documented = (ast.Assign, ast.AnnAssign)
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            documented = ()
        case _:
            return
    for before, statement in zip([None, *body], body, strict=False):
        match statement:
            case ast.Expr(value=ast.Constant(value=str()) as literal) if (
                before is None or isinstance(before, documented)
            ):
                yield literal
