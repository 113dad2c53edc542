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


def read_locale(environment: Mapping[str, str]) -> str:
    """The language of a computer, by the variables of POSIX; English if none is set.

    Args:
        environment: of the process, such as ``os.environ``.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            tag = value.partition(".")[0].partition("@")[0]
            return FALLBACK_LANGUAGE if tag in {"C", "POSIX"} else tag
    return FALLBACK_LANGUAGE


@dataclass(frozen=True)
class Wording:
    """One text in several languages, English always among them."""

    by_language: Mapping[str, str]

    def __str__(self) -> str:
        return self.by_language[FALLBACK_LANGUAGE]

    def format(self, *values: object) -> "Wording":
        """The text with its gaps filled, in each language.

        Args:
            values: a text that is a wording itself goes in by its language.
        """
        return Wording(
            {
                language: text.format(
                    *(
                        value.in_language(language)
                        if isinstance(value, Wording)
                        else value
                        for value in values
                    )
                )
                for language, text in self.by_language.items()
            }
        )

    def in_language(self, language: str) -> str:
        """The text in a language, or in English where it was not translated."""
        tag = look_up_language(language, self.by_language)
        return self.by_language[tag or FALLBACK_LANGUAGE]


def bilingual_wording(en: str, es: str) -> Wording:
    """A text in the languages that this package speaks."""
    return Wording({FALLBACK_LANGUAGE: en, "es": es})
