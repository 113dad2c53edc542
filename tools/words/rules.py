"""Comparison of names and docstrings with the table of the old idiom."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.words.idiom import (
    ALLOWANCES,
    IDIOMS,
    OPENINGS,
    TEST_OPENINGS,
    Idiom,
    Scope,
)
from tools.words.names import Docstring, Kind, Name, Source, split_words

_CODE = re.compile(r"``?[^`]*``?")
_PROSE_WORD = re.compile(r"[a-z]+")
_TEST_PREFIX = re.compile(r"^test_([a-z]\d+_)?")
_ALLOWED = tuple(split_words(allowance.phrase) for allowance in ALLOWANCES)

Words = tuple[str, ...]

_ROWS: dict[str, list[tuple[Idiom, Words]]] = defaultdict(list)
"""Rows of the table with each of their forms, by the form's first word."""

for _row in IDIOMS:
    for _form in map(split_words, _row.forms.split()):
        _ROWS[_form[0]].append((_row, _form))


@dataclass(frozen=True)
class Hit:
    """Name or docstring that breaks a rule, with the proposed standard term."""

    path: str
    line: int
    text: str
    term: str

    def __str__(self) -> str:
        """Format as a line of ``--list``."""
        return f"{self.path}:{self.line}: {self.text} -> {self.term}"


def check_source(source: Source) -> list[Hit]:
    """Check the names and docstrings of one file."""
    return [*check_names(source.names), *check_docstrings(source.docstrings)]


def check_names(names: Iterable[Name]) -> Iterator[Hit]:
    """Yield one hit for each name that breaks a rule."""
    for name in names:
        terms = _check_test_opening(name) if name.kind is Kind.TEST else []
        terms += [
            f"{'_'.join(form)}: {row.term}"
            for row, form in _candidate_rows(split_words(name.text))
            if _applies(row, form, name)
        ]
        if terms:
            yield Hit(name.path, name.line, name.text, "; ".join(terms))


def check_docstrings(docstrings: Iterable[Docstring]) -> Iterator[Hit]:
    """Yield one hit for each docstring whose first line breaks a rule."""
    for docstring in docstrings:
        words = _prose_words(docstring.text)
        remaining = _without_allowed(words)
        terms = [
            f"begins with {opening!r}: put the subject first"
            for opening in OPENINGS
            if _begins(words, opening.split())
        ]
        terms += [
            f"{'_'.join(form)}: {row.term}"
            for row, form in _candidate_rows(remaining)
            if row.prose and _contains(remaining, form)
        ]
        if terms:
            text = f'"{docstring.text}"'
            yield Hit(docstring.path, docstring.line, text, "; ".join(terms))


def _check_test_opening(name: Name) -> list[str]:
    """Return the proposals for the beginning of a test's name."""
    words = split_words(_TEST_PREFIX.sub("", name.text))
    return [
        f"begins with {opening!r}: put a noun first"
        for opening in TEST_OPENINGS
        if _begins(words, opening.split())
    ]


def _candidate_rows(words: Iterable[str]) -> Iterator[tuple[Idiom, Words]]:
    """Yield the rows of the table, each with the form that begins with a word."""
    for word in dict.fromkeys(words):
        yield from _ROWS.get(word, [])


def _applies(row: Idiom, form: Words, name: Name) -> bool:
    """Whether a name holds a form of a row where the row refuses it."""
    words = split_words(name.text)
    if row.scope is Scope.WORD:
        checked = row.prose or name.kind is not Kind.TEST
        return checked and _contains(_without_allowed(words), form)
    matches = {
        Scope.FIRST_WORD: _begins(words, form),
        Scope.CONSTANT: name.text.isupper() and _begins(words, form),
        Scope.NAME: words == form,
        Scope.CLASS: name.kind is Kind.CLASS and words == form,
        Scope.MODULE: name.kind is Kind.MODULE and words == form,
    }
    return name.kind is not Kind.TEST and matches[row.scope]


def _prose_words(text: str) -> Words:
    """Split a sentence into lower-case words, without the code in it."""
    return tuple(_PROSE_WORD.findall(_CODE.sub(" ", text).lower()))


def _without_allowed(words: Sequence[str]) -> Words:
    """Replace each allowed phrase by a mark that matches no word."""
    kept = list(words)
    for phrase in _ALLOWED:
        for start in range(len(kept) - len(phrase) + 1):
            if tuple(kept[start : start + len(phrase)]) == phrase:
                kept[start : start + len(phrase)] = ["-"] * len(phrase)
    return tuple(kept)


def _begins(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the first words are those of a phrase."""
    return tuple(words[: len(phrase)]) == tuple(phrase)


def _contains(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a phrase occurs among words, consecutively."""
    return any(_begins(words[start:], phrase) for start in range(len(words)))
