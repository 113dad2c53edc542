"""The sentence templates of a module of the narrative."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

from rapport_service.narrative.sentence import SentenceTemplate


def templates_of(module: ModuleType) -> list[SentenceTemplate]:
    """The templates that a module binds itself, also in tables; no imported ones."""
    values = [vars(module)[name] for name in _assigned_names(module)]
    return [
        template
        for value in values
        for template in (value.values() if isinstance(value, dict) else [value])
        if isinstance(template, SentenceTemplate)
    ]


def _assigned_names(module: ModuleType) -> Iterator[str]:
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield name
