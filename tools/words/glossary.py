"""Glossary checker: each word defined once, used in the code, naming one class.

The service and the SDK are two programs: the same document of the wire may be a class
of the same name in both. Within one program a glossary word names one class.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.words.names import Kind, Name, split_words

PROGRAMS = {
    "the service": ("service/", "schemas/"),
    "the SDK": ("client-sdk/src/",),
}
"""Folders of each program."""

_ROW = re.compile(r"^\|(?P<word>[^|]+)\|(?P<meaning>.+)\|\s*$")
_RULE = re.compile(r"^[\s:|-]+$")
_REMARK = re.compile(r"\([^)]*\)")
_HEADER = "word"
_WIRE_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*")


@dataclass(frozen=True)
class Term:
    """Word or phrase of the glossary, with the line that defines it."""

    line: int
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """Lower-case words of the phrase."""
        return split_words(self.text)


def parse_glossary(text: str) -> list[Term]:
    """Read the tables ``| word | meaning |`` of a Markdown page.

    A cell may define several words, separated by commas, with remarks in parentheses.
    """
    terms = []
    for number, line in enumerate(text.splitlines(), start=1):
        row = _ROW.match(line)
        if row is None or _RULE.match(line):
            continue
        cell = _REMARK.sub("", row["word"]).strip(" *_`")
        if cell.lower() != _HEADER:
            terms += [Term(number, word.strip(" *_`")) for word in cell.split(",")]
    return terms


def check_glossary(terms: list[Term], names: Iterable[Name], wire: str) -> list[str]:
    """Return the conflicts between the glossary, the programs' names and the wire.

    Args:
        terms: what the glossary defines.
        names: all names that the sources bind.
        wire: text of the published OpenAPI document.
    """
    ours = [name for name in names if _program(name.path) is not None]
    return [
        *_find_redefined(terms),
        *_find_stale(terms, [name.text for name in ours] + _WIRE_WORD.findall(wire)),
        *_find_ambiguous(terms, ours),
    ]


def _program(path: str) -> str | None:
    """Return the program that a file belongs to, if any."""
    for program, folders in PROGRAMS.items():
        if path.startswith(folders):
            return program
    return None


def _find_redefined(terms: list[Term]) -> Iterator[str]:
    """Yield a conflict for each word that has more than one definition."""
    for words, count in Counter(term.words for term in terms).items():
        if count > 1:
            lines = [str(term.line) for term in terms if term.words == words]
            yield f"{' '.join(words)}: defined {count} times, lines {', '.join(lines)}"


def _find_stale(terms: list[Term], identifiers: Iterable[str]) -> Iterator[str]:
    """Yield a conflict for each word that occurs in no identifier."""
    used = {f"_{'_'.join(split_words(identifier))}_" for identifier in identifiers}
    text = " ".join(sorted(used))
    for term in terms:
        if not any(f"_{form}_" in text for form in _identifier_forms(term.words)):
            yield f"{term.text}: no name of the code or the wire uses it"


def _identifier_forms(words: tuple[str, ...]) -> Iterator[str]:
    """Yield a phrase as it occurs in identifiers: `poll_book`, `pollbook`, plurals."""
    for phrase in ("_".join(words), "".join(words)):
        yield phrase
        yield f"{phrase}s"
        if phrase.endswith("y"):
            yield f"{phrase[:-1]}ies"


def _find_ambiguous(terms: list[Term], names: list[Name]) -> Iterator[str]:
    """Yield a conflict for each word that names several classes of one program."""
    words = {term.words for term in terms}
    classes = defaultdict(list)
    for name in names:
        if name.kind is Kind.CLASS and split_words(name.text) in words:
            classes[_program(name.path), name.text].append(name)
    for (program, text), places in classes.items():
        if len(places) > 1:
            lines = ", ".join(f"{name.path}:{name.line}" for name in places)
            yield (
                f"{text}: {len(places)} classes of {program} ({lines}); a schema ends "
                "in Schema, a row has the plain noun, a value says what it is for"
            )
