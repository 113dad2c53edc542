"""Joiner of ES modules: what phones fetch is one file, what people read are many.

A phone with a weak signal would wait for each level of imports anew, and small files
compress badly. So the service joins the modules when it starts, in the order in which
they need each other. All share one scope, so no two may declare the same name. Comments
and needless white space stay behind. Private names become short, since nothing outside
a class can name them; all other names stay as they are.
"""

import itertools
import posixpath
import re
import string
from collections.abc import Callable, Iterator

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
_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`
      |(?<=[(,=:&|?!>\[])[ ]?/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/\w*)
    |(?P<space>\s+)
    |(?P<private>\#[A-Za-z]\w*)
    |(?P<code>[\w$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
"""Comments; strings, templates and regular expressions; white space; private names; all
the rest."""

_PRIVATE_IN_TEMPLATE = re.compile(r"(?<=\bthis\.)#\w+")

_HEADS = {"for", "await", "while", "if"}
_CLOSING_BRACKETS = {")", "]", "}"}
_OPENING, _CLOSING = set("{([,;=<>&|?:%^"), set("})],;.=&|?:")
_WORD = re.compile(r"[\w$]")
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
    return shorten("".join(joined.bodies))


def shorten(source: str) -> str:
    """A script without comments and without white space that means nothing.

    A line break stays unless a bracket, an operator or a semicolon beside it makes
    clear that the statement goes on, or has ended. A comma before a closing bracket
    goes, since no list has gaps; a semicolon before a brace goes, unless it is the body
    of a loop or a condition. Templates have no templates inside.
    """
    pieces = [""]
    space = ""
    heads = [False]
    is_head = is_body = False
    short = _ShortNames()
    for match in _TOKEN.finditer(source):
        if match["comment"] is not None:
            continue
        if match["space"] is not None:
            space = "\n" if "\n" in space + match["space"] else " "
            continue
        piece = match[0].strip(" ") if match["text"] else match[0]
        if match["private"] is not None:
            piece = short[piece]
        elif piece.startswith("`"):
            piece = _PRIVATE_IN_TEMPLATE.sub(lambda name: short[name[0]], piece)
        is_end = piece == "}" and not is_body and pieces[-1] == ";"
        if is_end or (piece in _CLOSING_BRACKETS and pieces[-1] == ","):
            pieces.pop()
        if piece == "(":
            heads.append(pieces[-1] in _HEADS)
        elif piece == ")":
            is_head = heads.pop()
        elif piece == ";":
            is_body = pieces[-1] == ")" and is_head
        pieces += [_needed(space, pieces[-1], piece), piece]
        space = ""
    return "".join(pieces) + "\n"


class _ShortNames(dict[str, str]):
    """Another name for each private name of a script, in the order of their use."""

    def __init__(self) -> None:
        self._fresh = _count_names()

    def __missing__(self, name: str) -> str:
        self[name] = f"#{next(self._fresh)}"
        return self[name]


def _count_names() -> Iterator[str]:
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_letters, repeat=length):
            yield "".join(letters)


def _needed(space: str, before: str, after: str) -> str:
    """The white space that has to stay between two tokens."""
    left, right = before[-1:], after[:1]
    if space == "\n" and not (left in _OPENING or right in _CLOSING or not left):
        return "\n"
    are_words = _WORD.match(left) and _WORD.match(right)
    # `a + +b` is not `a ++b`, and `a / b` must not look like a regular expression.
    is_operator = left in "+-/" and right in "+-/"
    return " " if space and (are_words or is_operator) else ""


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
