"""Tokens of a script: words, signs, strings, templates, regular expressions.

A slash begins a comment, a regular expression, or divides. What stands before it tells
which; where it does not, the script is refused, since a wrong guess would cut a string
in two or take code for a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "private", "sign", "text", "template", "regexp"]

_PLAIN = r"""[^{}"'`/]|"[^"\\\n]*\""""
_PART = rf"\$\{{(?:{_PLAIN}|\{{(?:{_PLAIN})*\}})*\}}"
"""A part of a template: code without slashes, with braces one deep."""

_TOKEN = re.compile(
    rf"""(?P<comment>/\*.*?\*/|//[^\n]*)
    |(?P<space>\s+)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<template>`(?:\\.|{_PART}|(?!\$\{{)[^`\\])*`)
    |(?P<private>\#[A-Za-z]\w*)
    |(?P<word>[\w$]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_REGEXP = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")

_BEFORE_EXPRESSION = set("(,=:&|?!>[<{;*%^~")
_KEYWORDS_BEFORE_EXPRESSION = {
    "await", "case", "delete", "do", "else", "in", "instanceof", "new", "of", "return",
    "throw", "typeof", "void", "yield",
}  # fmt: skip
_HEADS = {"for", "if", "while", "with"}
_PAIRS = {")": "(", "]": "[", "}": "{"}


class ScriptUnsupportedError(ValueError):
    """A script has a form that is not read with certainty."""


@dataclass
class Token:
    """A piece of a script.

    Attributes:
        kind: what it is.
        text: its characters.
        space: white space before it: none, a blank, or a line break.
        partner: index of the other bracket of its pair, if it is a bracket.
        inside: index of the innermost bracket around it; -1 where there is none.
    """

    kind: Kind
    text: str
    space: str = ""
    partner: int = -1
    inside: int = -1


def read_tokens(source: str) -> list[Token]:
    """The tokens of a script, without its comments.

    Raises:
        ScriptUnsupportedError: it has a slash that may divide or begin a regular
            expression, a template with much inside, or brackets without partners.
    """
    tokens: list[Token] = []
    opened = [-1]
    for kind, text, space in _scan(source, tokens):
        token = Token(kind, text, space)
        if kind == "sign" and text in _PAIRS:
            token.partner = opened.pop()
            if not opened or tokens[token.partner].text != _PAIRS[text]:
                raise ScriptUnsupportedError(f"a bracket without partner: {text}")
            tokens[token.partner].partner = len(tokens)
        token.inside = opened[-1]
        if kind == "sign" and text in _PAIRS.values():
            opened.append(len(tokens))
        tokens.append(token)
    if len(opened) > 1:
        raise ScriptUnsupportedError(f"a bracket is not closed: {source[-40:]}")
    return tokens


def is_head(tokens: list[Token], closing: int) -> bool:
    """Whether a closing parenthesis ends the head of a loop or a condition."""
    before = tokens[closing].partner - 1
    if before > 0 and tokens[before].text == "await":
        before -= 1
    return before >= 0 and tokens[before].text in _HEADS


def _scan(source: str, before: list[Token]) -> Iterator[tuple[Kind, str, str]]:
    """Kinds and texts, and the white space before each."""
    at, space = 0, ""
    while match := _TOKEN.match(source, at):
        kind, text = str(match.lastgroup), match[0]
        at = match.end()
        if kind in {"comment", "space"}:
            is_break = "\n" in space + text and (kind == "space" or text[1] == "*")
            space = "\n" if is_break or "\n" in space else space or " "
            continue
        if text == "/" and _begins_regexp(before):
            regexp = _REGEXP.match(source, at - 1)
            if regexp is None:
                raise ScriptUnsupportedError(f"not closed: {source[at - 1 : at + 30]}")
            kind, text, at = "regexp", regexp[0], regexp.end()
        elif kind == "sign" and text in {'"', "'", "`"}:
            raise ScriptUnsupportedError(f"not read: {text}{source[at : at + 30]}")
        yield kind, text, space  # type: ignore[misc]  # the groups have these names
        space = ""


def _begins_regexp(before: list[Token]) -> bool:
    """Whether a slash begins a regular expression; else it divides."""
    if not before:
        return True
    last = before[-1]
    if last.kind == "word":
        is_name = len(before) > 1 and before[-2].text == "."  # `a.of / b`
        return last.text in _KEYWORDS_BEFORE_EXPRESSION and not is_name
    if last.kind != "sign":
        return False
    if last.text == ")":
        return is_head(before, len(before) - 1)
    if last.text in {"}", "+", "-"}:  # a block or an object; `a++ /` or `+ /`
        raise ScriptUnsupportedError(f"a slash after {last.text} may mean two things")
    return last.text in _BEFORE_EXPRESSION
