"""Import graph of the service, read from its sources without running them."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("service/rapport_service", "schemas/rapport_schemas")

Graph = Mapping[str, set[str]]


def module_sources() -> dict[str, str]:
    """Every module of the service and its schemas, by name."""
    modules = {}
    for package in PACKAGES:
        folder = ROOT / package
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__init__")
            modules[name] = path.read_text()
    return modules


def build_import_graph(modules: Mapping[str, str]) -> Graph:
    """The imports of each module, its packages included: importing a.b runs a first.

    Imports inside functions count; so does ``importlib.import_module("literal")``.
    """
    edges: dict[str, set[str]] = {}
    for name, text in modules.items():
        named = {
            module
            for full in _named(ast.parse(text))
            for module in _with_packages(full)
            if module in modules
        }
        edges[name] = named - {name}
    return edges


def reachable_modules(edges: Graph, starts: Iterable[str]) -> set[str]:
    """Everything that importing the starts runs, themselves included."""
    waiting = list(starts)
    seen = set(waiting)
    while waiting:
        for following in edges[waiting.pop()] - seen:
            seen.add(following)
            waiting.append(following)
    return seen


def modules_of(edges: Graph, package: str) -> set[str]:
    """The modules of a package."""
    return {name for name in edges if name == package or name.startswith(f"{package}.")}


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                raise AssertionError("relative import: name the whole module")
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="__import__"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def _with_packages(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]
