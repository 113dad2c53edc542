"""Texts in several languages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

FALLBACK_LANGUAGE = "en"


def look_up_language(tag: str, available: Collection[str]) -> str | None:
    """The language of a tag by the look-up of RFC 4647, section 3.4.

    The tag is shortened until a language is found, so ``es-MX``, ``es-419`` and ``ES``
    find ``es``. An underscore counts as a hyphen, since systems write ``es_MX``.

    Args:
        tag: of the language that a person wants.
        available: the tags to choose from.

    Returns:
        A tag as it stands in ``available``; None if there is no such language.
    """
    tags = {each.lower(): each for each in available}
    subtags = tag.lower().replace("_", "-").split("-")
    while subtags:
        if (match := tags.get("-".join(subtags))) is not None:
            return match
        subtags.pop()
        if subtags and len(subtags[-1]) == 1:  # the x of es-x-north, say
            subtags.pop()
    return None


@dataclass(frozen=True)
class Wording:
    """One text in several languages, English always among them."""

    by_language: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in a language, or in English where it was not translated."""
        tag = look_up_language(language, self.by_language)
        return self.by_language[tag or FALLBACK_LANGUAGE]


def bilingual_wording(en: str, es: str) -> Wording:
    """A text in the languages that this package speaks."""
    return Wording({FALLBACK_LANGUAGE: en, "es": es})
