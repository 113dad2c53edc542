"""Texts in several languages."""

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True)
class Wording:
    """One text in several languages, English always among them."""

    by_language: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in a language, or in English where it was not translated."""
        return self.by_language.get(language, self.by_language[FALLBACK_LANGUAGE])


def bilingual_wording(en: str, es: str) -> Wording:
    """A text in the languages that this package speaks."""
    return Wording({FALLBACK_LANGUAGE: en, "es": es})
