"""A sentence in every language that people read scores in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict


class Told(TypedDict):
    """A sentence as a document has it; `code` is for programs and never changes."""

    code: str
    en: str
    es: str


@dataclass(frozen=True)
class Words:
    """The same few words in each language."""

    en: str
    es: str


@dataclass(frozen=True)
class Sentence:
    """A sentence with places, in braces, for words and numbers.

    Attributes:
        code: what the sentence says, from a closed list.
    """

    code: str
    en: str
    es: str

    def __call__(self, **places: Words | str | int) -> Told:
        """The sentence with its places filled."""
        return {
            "code": self.code,
            "en": _start(self.en.format(**{k: _en(v) for k, v in places.items()})),
            "es": _start(self.es.format(**{k: _es(v) for k, v in places.items()})),
        }


_SOUNDS_LIKE_Y = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)
"""How a word begins before which Spanish says "e" for "and"."""


def listed(words: Sequence[Words]) -> Words:
    """Several words as one enumeration: "trust and communication"."""
    spanish = " e " if _SOUNDS_LIKE_Y.match(words[-1].es) else " y "
    return Words(
        _enumerated([word.en for word in words], " and "),
        _enumerated([word.es for word in words], spanish),
    )


def _enumerated(words: Sequence[str], last: str) -> str:
    *first, end = words
    return f"{', '.join(first)}{last}{end}" if first else end


def _en(value: Words | str | int) -> str:
    return value.en if isinstance(value, Words) else str(value)


def _es(value: Words | str | int) -> str:
    return value.es if isinstance(value, Words) else str(value)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
