"""Short names for what a script declares.

Two sorts of names can be replaced with certainty. Private names are seen by their class
alone. A name that the script declares is replaced wherever it occurs, if it is nowhere
the name of a member, and if it occurs only where a declaration of it holds: then it
means no name of the browser, and which of several declarations is meant stays as it is.
"""

import itertools
import re
import string
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rapport_service.web.script_tokens import Token

_DECLARING = {"const", "let", "class", "function"}
_CONTEXTUAL = {"as", "async", "await", "from", "get", "let", "of", "set", "static"}
_RESERVED = {"do", "if", "in", "is", *_CONTEXTUAL}
_WORD = re.compile(r"[\w$]+")
_PRIVATE_IN_TEMPLATE = re.compile(r"(?<=\bthis\.)#\w+")


def shorten_names(tokens: list[Token]) -> None:
    """Replaces private and declared names with short ones, the most used first."""
    private = _ShortNames({}, prefix="#")
    declared = _find_declared(tokens)
    words = Counter(word for each in tokens for word in _WORD.findall(each.text))
    # Every process that serves the app must serve the same bytes.
    order = sorted(declared, key=lambda name: (-words[name], name))
    short = _ShortNames(words, prefix="")
    replaced = {name: short[name] for name in order}
    for token in tokens:
        if token.kind == "private":
            token.text = private[token.text]
        elif token.kind == "template":
            token.text = _PRIVATE_IN_TEMPLATE.sub(
                lambda name: private[name[0]], token.text
            )
        elif token.kind == "word":
            token.text = replaced.get(token.text, token.text)


class _ShortNames(dict[str, str]):
    """Another name for each name, in the order in which they are asked for."""

    def __init__(self, taken: Iterable[str], prefix: str) -> None:
        self._taken = {*taken, *_RESERVED}
        self._prefix = prefix
        self._fresh = _count_names()

    def __missing__(self, name: str) -> str:
        fresh = next(each for each in self._fresh if each not in self._taken)
        self[name] = self._prefix + fresh
        return self[name]


def _count_names() -> Iterator[str]:
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_letters, repeat=length):
            yield "".join(letters)


def _find_declared(tokens: list[Token]) -> set[str]:
    """Names that can be replaced wherever they occur."""
    places: dict[str, list[int]] = defaultdict(list)
    scopes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    refused = set(_RESERVED)
    for at, token in enumerate(tokens):
        if token.kind == "template":
            refused.update(_WORD.findall(token.text))
        if token.kind != "word":
            continue
        places[token.text].append(at)
        if _may_be_member(tokens, at):
            refused.add(token.text)
        elif scope := _find_scope(tokens, at):
            scopes[token.text].append(scope)
    return {
        name
        for name, held in scopes.items()
        if name not in refused
        and all(any(a <= at < b for a, b in held) for at in places[name])
    }


def _text(tokens: list[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _may_be_member(tokens: list[Token], at: int) -> bool:
    """Whether a word may name a member of an object or a class, or a label."""
    before, after = _text(tokens, at - 1), _text(tokens, at + 1)
    if before == ".":
        return _text(tokens, at - 2) != "."  # three dots spread a value
    if after == ":":
        return True
    if _text(tokens, tokens[at].inside) != "{" or before in _DECLARING:
        return False
    if after == "(":  # the method `a() {`, and not the call `a()`
        return _text(tokens, tokens[at + 1].partner + 1) == "{"
    is_begun = before in {"{", ",", "}", ";", "static"} or tokens[at].space == "\n"
    return is_begun and after in {",", "}", "=", ";"}


def _find_scope(tokens: list[Token], at: int) -> tuple[int, int] | None:
    """The scope of a declaration of a word, if there is one here."""
    keyword = at - 2 if _text(tokens, at - 1) == "*" else at - 1
    if _text(tokens, keyword) not in _DECLARING:
        return None
    start = keyword - 1 if _text(tokens, keyword - 1) == "async" else keyword
    if not _begins_statement(tokens, start):
        return None
    around = tokens[at].inside
    if around == -1:
        return 0, len(tokens)
    end = tokens[around].partner
    if tokens[around].text == "{":
        return around, end
    if _text(tokens, around - 1) in {"for", "await"} and _text(tokens, end + 1) == "{":
        return around, tokens[end + 1].partner
    return None


def _begins_statement(tokens: list[Token], at: int) -> bool:
    """Whether a statement begins here, or the head of a loop; no expression goes on."""
    if at == 0 or _text(tokens, at - 1) in {"{", "}", ";", "("}:
        return True
    before = tokens[at - 1]
    is_ended = before.kind != "sign" or before.text in {")", "]"}
    return is_ended and tokens[at].space == "\n"
