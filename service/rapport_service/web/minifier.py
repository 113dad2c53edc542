"""Minifier of scripts: no comments, no needless white space, short names.

It knows the tokens of JavaScript, its brackets and its declarations, and no more of the
language. Where it is not sure it changes nothing, or refuses the script.
"""

import re

from rapport_service.web.script_tokens import Token, is_head, read_tokens
from rapport_service.web.short_names import shorten_names

_CLOSING_BRACKETS = {")", "]", "}"}
_OPENING, _CLOSING = set("{([,;=<>&|?:%^"), set("})],;.=&|?:")
_WORD = re.compile(r"[\w$]")


def minify(source: str) -> str:
    """A script that does the same, in fewer bytes.

    A line break stays unless a bracket, an operator or a semicolon beside it makes
    clear that the statement goes on, or has ended. A comma before a closing bracket
    goes, since no list has gaps; a semicolon before a brace goes, unless it is the body
    of a loop or a condition.

    Raises:
        ScriptUnsupportedError: it is not read with certainty.
    """
    tokens = read_tokens(source)
    shorten_names(tokens)
    pieces = [""]
    is_body = False
    for at, token in enumerate(tokens):
        text, space = token.text, token.space
        is_end = text == "}" and not is_body and pieces[-1] == ";"
        if is_end or (text in _CLOSING_BRACKETS and pieces[-1] == ","):
            pieces.pop()
        if text == ";":
            is_body = _is_body(tokens, at)
        pieces += [_needed(space, pieces[-1], text), text]
    return "".join(pieces) + "\n"


def _is_body(tokens: list[Token], at: int) -> bool:
    """Whether a semicolon is all that a loop or a condition does."""
    return at > 0 and tokens[at - 1].text == ")" and is_head(tokens, at - 1)


def _needed(space: str, before: str, after: str) -> str:
    """The white space that has to stay between two tokens."""
    left, right = before[-1:], after[:1]
    if space == "\n" and not (left in _OPENING or right in _CLOSING or not left):
        return "\n"
    are_words = _WORD.match(left) and _WORD.match(right)
    # `a + +b` is not `a ++b`, and `a / b` must not look like a regular expression.
    is_operator = left in "+-/" and right in "+-/"
    return " " if space and (are_words or is_operator) else ""
