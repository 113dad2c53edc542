"""Joiner of ES modules: what phones fetch is one file, what people read are many.

A phone with a weak signal would wait for each level of imports anew, and small files
compress badly. So the service joins the modules when it starts, in the order in which
they need each other. All share one scope, so no two may declare the same name.
"""

import posixpath
import re
from collections.abc import Callable

Reader = Callable[[str], str]
"""Reads a module by its path, such as ``screens/home.js``."""

_IMPORT = re.compile(
    r"^import\s+(?:\*\s+as\s+(?P<all>\w+)|(?P<default>\w+)|\{(?P<names>[^}]*)\})"
    r'\s+from\s+"(?P<path>\.[^"]*)";\n',
    re.MULTILINE,
)
_EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function|class|const)\*? [\w\[{])", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_DECLARATION = re.compile(
    r"^(?P<export>export )?(?:async )?(?:function|class|const|let)\*? "
    r"(?:(?P<name>\w+)|[\[{](?P<names>[\w\s,:]*)[\]}] =)",
    re.MULTILINE,
)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_PUNCTUATION = re.compile(r"\W+")


class ModuleUnsupportedError(ValueError):
    """A module has a form that the joiner does not know, or a name of another."""


def join_modules(entry: str, read: Reader) -> str:
    """One module that does what a module and all that it imports do.

    Args:
        entry: the path of the module to begin with.
        read: reads a module.

    Raises:
        ModuleUnsupportedError: modules import each other in a circle, declare the same
            name, or have an ``import`` or ``export`` of another form.
    """
    joined = _Joined(read)
    joined.add(entry)
    return "".join(joined.bodies)


class _Joined:
    """Modules in one scope, each after those that it needs.

    Attributes:
        bodies: what they do, in order.
    """

    def __init__(self, read: Reader) -> None:
        self.bodies: list[str] = []
        self._read = read
        self._exports: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}

    def add(self, path: str, needed_by: tuple[str, ...] = ()) -> None:
        """Adds a module, and before it those that it needs."""
        if path in needed_by:
            raise ModuleUnsupportedError(f"a circle: {' > '.join((*needed_by, path))}")
        if path in self._exports:
            return

        source = self._read(path)
        for match in _IMPORT.finditer(source):
            self._import(match, path, needed_by)
        body = _IMPORT.sub("", source)
        exported = self._exports.setdefault(path, [])
        for match in _DECLARATION.finditer(body):
            for name in _declared_names(match):
                self._claim(name, path)
                exported += [name] if match["export"] else []
        body = _DEFAULT.sub(f"const {_default_name(path)} = ", _EXPORT.sub("", body))
        if left := _LEFT_OVER.search(body):
            raise ModuleUnsupportedError(f"{path}: {left[0]}")
        self.bodies.append(body)

    def _import(
        self, match: re.Match[str], importer: str, needed_by: tuple[str, ...]
    ) -> None:
        """Adds what a module imports, under the names that it gives to it."""
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(importer), match["path"])
        )
        self.add(path, (*needed_by, importer))
        names = {}
        if (name := match["all"]) and self._owners.get(name) != path:
            names[name] = f"{{ {', '.join(self._exports[path])} }}"
        if name := match["default"]:
            names[name] = _default_name(path)
        for part in (match["names"] or "").split(","):
            name, _, alias = part.strip().partition(" as ")
            if alias:
                names[alias] = name
        for name, value in names.items():
            self._claim(name, path)
            self.bodies.append(f"const {name} = {value};\n")

    def _claim(self, name: str, path: str) -> None:
        owner = self._owners.setdefault(name, path)
        if owner != path:
            raise ModuleUnsupportedError(f"{owner} and {path} both declare {name}")


def _declared_names(match: re.Match[str]) -> list[str]:
    if match["name"]:
        return [match["name"]]
    parts = (part.rpartition(":")[2].strip() for part in match["names"].split(","))
    return [name for name in parts if name]


def _default_name(path: str) -> str:
    """A name for a module's default: that of ``messages/en.js`` is ``$messages_en``."""
    return "$" + _PUNCTUATION.sub("_", path.removesuffix(".js"))
