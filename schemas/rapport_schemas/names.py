"""Names and external ids, wherever they come in: one form, and nothing that hides.

A name is text in Unicode's normal form C. Characters that nobody can see are refused by
their names and places, but for those that scripts and emoji need: joiners and variation
selectors. An id can also be written in an address and on a command line.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from rapport_schemas.errors import ErrorCode
from rapport_schemas.rules import Violation

RESERVED_PEOPLE = frozenset({"admin"})
"""Ids that no roster can give to a person: an agency begins with that administrator."""

_JOINERS = "\u200c\u200d"
_ZERO_WIDTH_JOINER = "\u200d"
_KEYCAP = "\u20e3"

_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose a form of the character before them."""

_BLANKS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u2d7f\u3164\uffa0\U0001107f\U0001d159"
)
"""Invisible characters that Unicode counts as visible ones."""

_SUSPECT = re.compile(f"[{''.join(_BLANKS)}]|{_SELECTORS.pattern}")
"""Printable characters that have to be looked at one by one."""

_PLAIN = re.compile("[A-Za-z0-9](?:[A-Za-z0-9 _.-]*[A-Za-z0-9])?")

_IGNORED_IN_KEYS = re.compile(f"[{_JOINERS}]|{_SELECTORS.pattern}")

_NO_SEGMENTS = frozenset({"", ".", ".."})
"""Parts of a path that clients and proxies leave out."""

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


def is_plain(text: str) -> bool:
    """Whether a text is plainly a good name or id, so that no rule need look at it."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in RESERVED_PEOPLE


def normalize_name(text: str) -> str:
    """The one form of a name: Unicode's normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clash_key(name: str) -> str:
    """The same for all names that people could take for one another.

    Such names differ in upper and lower case, in how their accents are coded, or in
    characters that nobody can see.
    """
    if name.isascii():
        return name.lower()
    folded = _IGNORED_IN_KEYS.sub("", unicodedata.normalize("NFC", name)).casefold()
    return unicodedata.normalize("NFC", folded)


def find_clashes(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The place of each name that clashes with an earlier one, and the earlier one."""
    earlier: dict[str, str] = {}
    for index, name in enumerate(names):
        key = clash_key(name)
        if key in earlier:
            yield index, earlier[key]
        else:
            earlier[key] = name


def find_name_faults(text: str) -> list[Violation]:
    """The rules on characters that a name breaks; not the one on its length."""
    if text.isprintable() and (text.isascii() or not _SUSPECT.search(text)):
        hidden = None
    else:
        hidden = next(_find_hidden(text), None)
    if hidden is not None:
        name = describe_character(text[hidden])
        detail = f"must not have the invisible {name} at position {hidden + 1}"
    elif text != text.strip():
        detail = "must not begin or end with a space"
    else:
        return []
    return [Violation(ErrorCode.WRONG_FORMAT, detail)]


def find_id_faults(text: str) -> list[Violation]:
    """The rules on characters that an external id breaks.

    Beside those of a name: every id can be written in an address and in a command.
    """
    faults = find_name_faults(text)
    if text.startswith("-"):
        option = "must not begin with -, as the options of commands do"
        faults.append(Violation(ErrorCode.WRONG_FORMAT, option))
    if ("/" in text or text.startswith(".")) and not _NO_SEGMENTS.isdisjoint(
        text.split("/")
    ):
        parts = "must not be . or .. or nothing, nor have such a part between slashes"
        faults.append(Violation(ErrorCode.WRONG_FORMAT, parts))
    return faults


def find_person_id_faults(text: str) -> list[Violation]:
    """The rules on characters that the id of a person in a roster breaks."""
    faults = find_id_faults(text)
    if clash_key(text) in RESERVED_PEOPLE:
        reserved = "must not be the id of the agency's first administrator"
        faults.append(Violation(ErrorCode.RESERVED, reserved))
    return faults


def describe_character(character: str) -> str:
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
