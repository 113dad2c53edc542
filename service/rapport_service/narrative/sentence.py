"""A sentence in each language that people read scores in: English and Spanish."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

MONTHS = (
    *(("January", "enero"), ("February", "febrero"), ("March", "marzo")),
    *(("April", "abril"), ("May", "mayo"), ("June", "junio"), ("July", "julio")),
    *(("August", "agosto"), ("September", "septiembre"), ("October", "octubre")),
    *(("November", "noviembre"), ("December", "diciembre")),
)


class Sentence(TypedDict):
    """A sentence as a document has it; `code` is for programs and never changes."""

    code: str
    en: str
    es: str


@dataclass(frozen=True)
class Phrase:
    """The same few words in each language."""

    en: str
    es: str

    def format(self, **places: "Phrase | str | int") -> "Phrase":
        """The words with their places, in braces, filled."""
        return Phrase(
            self.en.format(**{k: _en(v) for k, v in places.items()}),
            self.es.format(**{k: _es(v) for k, v in places.items()}),
        )


@dataclass(frozen=True)
class SentenceTemplate:
    """A sentence with places, in braces, for words and numbers.

    Attributes:
        code: the sentence for programs, from a closed list.
        en: the text in English.
        es: the text in Spanish.
    """

    code: str
    en: str
    es: str

    def __call__(self, **places: Phrase | str | int) -> Sentence:
        """The sentence with its places filled."""
        filled = Phrase(self.en, self.es).format(**places)
        return {
            "code": self.code,
            "en": _capitalize(filled.en),
            "es": _capitalize(filled.es),
        }


_SOUNDS_LIKE_Y = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)
"""The beginning of a word before which Spanish says "e" for "and"."""


def join_phrases(words: Sequence[Phrase]) -> Phrase:
    """Several words as one enumeration: "trust and communication"."""
    spanish = " e " if _SOUNDS_LIKE_Y.match(words[-1].es) else " y "
    return Phrase(
        _join_words([word.en for word in words], " and "),
        _join_words([word.es for word in words], spanish),
    )


def format_day(day: date) -> Phrase:
    """A date as people say it, such as 1 March 2027."""
    en, es = MONTHS[day.month - 1]
    return Phrase(f"{day.day} {en} {day.year}", f"{day.day} de {es} de {day.year}")


def _join_words(words: Sequence[str], last: str) -> str:
    *first, end = words
    return f"{', '.join(first)}{last}{end}" if first else end


def _en(value: Phrase | str | int) -> str:
    return value.en if isinstance(value, Phrase) else str(value)


def _es(value: Phrase | str | int) -> str:
    return value.es if isinstance(value, Phrase) else str(value)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
