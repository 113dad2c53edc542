"""Joiner of ES modules: what phones fetch is one file, what people read are many.

A phone with a weak signal would wait for each level of imports anew, and small files
compress badly. So the service joins the modules when it starts. Each becomes a function
that returns what it exports, in the order in which modules need each other. Comments
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
_DECLARATION = re.compile(
    r"^export (?P<rest>(?:async )?(?:function|class|const)\*? (?P<name>\w+))",
    re.MULTILINE,
)
_DESTRUCTURED = re.compile(
    r"^export (?P<rest>const [\[{](?P<names>[\w\s,]*)[\]}] =)", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
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

_OPENING, _CLOSING = set("{([,;=<>&|?:%^"), set("})],;.=&|?:")
_WORD = re.compile(r"[\w$]")
_ALIAS = re.compile(r"(\w+)\s+as\s+(\w+)")
_PUNCTUATION = re.compile(r"\W+")


class ModuleUnsupportedError(ValueError):
    """A module imports or exports in a way that the joiner does not know."""


def join_modules(entry: str, read: Reader) -> str:
    """One module that does what a module and all that it imports do.

    Args:
        entry: the path of the module to begin with.
        read: reads a module.

    Raises:
        ModuleUnsupportedError: modules import each other in a circle, or have an
            ``import`` or ``export`` of another form.
    """
    joined: dict[str, str] = {}
    _add(entry, read, joined, ())
    return shorten("".join(joined.values()))


def shorten(source: str) -> str:
    """A script without comments and without white space that means nothing.

    A line break stays unless a bracket, an operator or a semicolon beside it makes
    clear that the statement goes on, or has ended. Templates have no templates inside.
    """
    pieces = [""]
    space = ""
    short = _ShortNames()
    for match in _TOKEN.finditer(source):
        if match["comment"] is not None:
            continue
        if match["space"] is not None:
            space = "\n" if "\n" in space + match["space"] else " "
            continue
        token = match[0].strip(" ") if match["text"] else match[0]
        if match["private"] is not None:
            token = short[token]
        elif token.startswith("`"):
            token = _PRIVATE_IN_TEMPLATE.sub(lambda name: short[name[0]], token)
        pieces += [_needed(space, pieces[-1], token), token]
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


def _add(
    path: str, read: Reader, joined: dict[str, str], needed_by: tuple[str, ...]
) -> None:
    if path in needed_by:
        raise ModuleUnsupportedError(f"a circle: {' > '.join((*needed_by, path))}")
    if path in joined:
        return
    source = read(path)

    def take(match: re.Match[str]) -> str:
        wanted = posixpath.normpath(
            posixpath.join(posixpath.dirname(path), match["path"])
        )
        _add(wanted, read, joined, (*needed_by, path))
        return f"const {_local_names(match)} = {_name(wanted)};\n"

    body = _IMPORT.sub(take, source)
    exported = [match["name"] for match in _DECLARATION.finditer(body)]
    for match in _DESTRUCTURED.finditer(body):
        exported += re.findall(r"\w+", match["names"])
    body = _DECLARATION.sub(r"\g<rest>", body)
    body = _DESTRUCTURED.sub(r"\g<rest>", body)
    body, defaults = _DEFAULT.subn("const standard = ", body)
    if defaults:
        exported.append("default: standard")
    if left := _LEFT_OVER.search(body):
        raise ModuleUnsupportedError(f"{path}: {left[0]}")
    joined[path] = (
        f"const {_name(path)} = (() => {{\n{body}"
        f"return {{ {', '.join(exported)} }};\n}})();\n"
    )


def _local_names(match: re.Match[str]) -> str:
    if match["all"]:
        return match["all"]
    if match["default"]:
        return f"{{ default: {match['default']} }}"
    names = _ALIAS.sub(r"\1: \2", match["names"])
    return f"{{ {' '.join(names.split())} }}"


def _name(path: str) -> str:
    """A name for a module's exports: ``core/poll_book.js`` is ``$core_poll_book``."""
    return "$" + _PUNCTUATION.sub("_", path.removesuffix(".js"))
