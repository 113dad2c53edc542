"""Names of the people on one device: one form, and nothing that hides.

The rule is the service's own for names and ids, so that a person is the same one here
and in the roster.
"""

import re
import unicodedata
from collections.abc import Iterator

MAX_NAME_LENGTH = 200
"""Characters of a name in Unicode's normal form C."""

_JOINERS = "\u200c\u200d"
_ZERO_WIDTH_JOINER = "\u200d"
_KEYCAP = "\u20e3"

_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose a form of the character before them."""

_BLANKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u2d7f\u3164\uffa0\U0001107f\U0001d159"
)
"""Invisible characters that Unicode counts as visible ones."""

_IGNORED_IN_KEYS = re.compile(f"[{_JOINERS}]|{_SELECTORS.pattern}")

_CONTROL_NAMES = {
    "\0": "NULL",
    "\t": "TAB",
    "\n": "LINE FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
}

_UNNAMED_KINDS = {
    "Cc": "CONTROL CHARACTER",
    "Cs": "SURROGATE",
    "Co": "PRIVATE USE CHARACTER",
    "Cn": "UNASSIGNED CHARACTER",
}


def require_name(text: str) -> str:
    """The one form of a name.

    Raises:
        ValueError: it is empty or too long, begins or ends with a space, or has a
            character that nobody can see; says which and where.
    """
    name = unicodedata.normalize("NFC", text)
    hidden = next(_find_hidden(name), None)
    if hidden is not None:
        character = _describe_character(name[hidden])
        raise ValueError(
            f"a name must not have the invisible {character} at position {hidden + 1}"
        )
    if name != name.strip():
        raise ValueError("a name must not begin or end with a space")
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        raise ValueError(f"a name must have 1 to {MAX_NAME_LENGTH} characters")
    return name


def clash_key(name: str) -> str:
    """The same for all names that people could take for one another.

    Such names differ in upper and lower case, in how their accents are coded, or in
    invisible characters.
    """
    if name.isascii():
        return name.lower()
    folded = _IGNORED_IN_KEYS.sub("", unicodedata.normalize("NFC", name)).casefold()
    return unicodedata.normalize("NFC", folded)


def _describe_character(character: str) -> str:
    """A character by its name in Unicode, or by its number where it has none."""
    name = _CONTROL_NAMES.get(character) or unicodedata.name(character, "")
    kind = _UNNAMED_KINDS.get(unicodedata.category(character), "CHARACTER")
    return name or f"{kind} U+{ord(character):04X}"


def _find_hidden(text: str) -> Iterator[int]:
    """The places of characters that cannot be seen and that no script needs there."""
    for index, character in enumerate(text):
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        if character in _JOINERS:
            is_hidden = not _joins(character, before, after)
        elif _SELECTORS.match(character):
            is_hidden = not _selects(before, after)
        else:
            is_hidden = character in _BLANKS or not character.isprintable()
        if is_hidden:
            yield index


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner is between letters, or one of emoji between emoji."""
    if _is_letter(before) and _is_letter(after):
        return True
    return joiner == _ZERO_WIDTH_JOINER and _is_emoji(before) and _is_emoji(after)


def _selects(before: str, after: str) -> bool:
    """Whether a selector follows a character that has several forms."""
    if not before:
        return False
    return after == _KEYCAP or unicodedata.category(before) in {"Lo", "So", "Sm", "Po"}


def _is_letter(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"


def _is_emoji(character: str) -> bool:
    """Whether this is a symbol, a colour of skin, or what chooses a symbol's form."""
    return bool(character) and (
        unicodedata.category(character) in {"So", "Sk"}
        or _SELECTORS.match(character) is not None
    )
