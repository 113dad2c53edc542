"""Descriptions of the document's members, parameters and headers, from one catalogue.

A word is explained once, in ``descriptions.toml``. Where it means two things, the entry
of a schema (``Client.id``) goes before that of the word (``id``).
The last sentence of an entry, about null, is left out where null is not allowed.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rapport_schemas.problems import Problem

CATALOGUE_PATH = Path(__file__).parents[2] / "schemas/rapport_schemas/descriptions.toml"

NULL = " Null: "
"""Beginning of the sentence about null."""

MIN_TELLING_WORDS = 3
"""Words that a description needs besides its name's and those that tell nothing."""

STOP_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "a all an and are as at be but by can each every for from ha have if in into i "
        "it no not null of on one only or other our that the their them there these "
        "they thi those to wa were what when where which who will with you your "
        "boolean field integer member number object parameter property string text",
    )
)
"""Words that tell nothing of a member, or only its type; without an s at their end."""

UNBOUNDED = frozenset(
    {
        "BriefEffect.retention",
        "PercentInterval.high",
        "PercentInterval.low",
        "Retention.percent",
        "ScoreTrend.per_four_weeks",
    }
)
"""Numbers without bounds: ratios with a divisor that can be as small as it likes."""

Node = dict[str, Any]
Lineages = Mapping[str, tuple[str, ...]]
"""By a schema or an operation with a query: schemas whose entries are about it."""


@dataclass(frozen=True)
class Catalogue:
    """Sentences about members, and about the values of those that have a closed list.

    Attributes:
        members: by name, with the schema before it where it needs one.
        values: by the same names, a meaning of each value.
    """

    members: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls) -> Self:
        """The catalogue that ships, and the titles of the catalogue of problems."""
        written = tomllib.loads(CATALOGUE_PATH.read_text(encoding="utf-8"))
        codes = {problem.kind.code: problem.kind.title for problem in Problem}
        return cls(written["members"], {**written["values"], "Problem.code": codes})


@dataclass(frozen=True)
class Described:
    """A property, parameter or header of a document.

    Attributes:
        owner: the schema or the operation that has it; empty where many share it.
        name: its name.
        node: the part of the document that its description belongs in.
        schema: the schema of its values.
    """

    owner: str
    name: str
    node: Node
    schema: Node

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name

    def find_entry(
        self, entries: Mapping[str, object], lineages: Lineages
    ) -> str | None:
        """The name of the entry about it; None where there is none."""
        owners = lineages.get(self.owner, (self.owner,))
        names = (*(f"{owner}.{self.name}" for owner in owners), self.name)
        return next((name for name in names if name in entries), None)

    @property
    def allows_null(self) -> bool:
        """Whether null is a value of it."""
        kinds, choices = self.schema.get("type", []), self.schema.get("anyOf", [])
        return "null" in kinds or {"type": "null"} in choices

    @property
    def enum(self) -> list[str]:
        """The words that its value, or each of its values, is one of."""
        listed = self.schema.get("enum", self.schema.get("items", {}).get("enum", []))
        return [value for value in listed if isinstance(value, str)]


def list_described(document: Node) -> Iterator[Described]:
    """Every property, parameter and header of a document."""
    components = document["components"]
    for owner, schema in components["schemas"].items():
        for name, member in schema.get("properties", {}).items():
            yield Described(owner, name, member, member)
    for parameter in components.get("parameters", {}).values():
        yield Described("", parameter["name"], parameter, parameter["schema"])
    for name, header in components.get("headers", {}).items():
        yield Described("", name, header, header["schema"])
    for operation in list_operation_nodes(document):
        owner = operation["operationId"]
        own = [(each.get("name"), each) for each in operation.get("parameters", [])]
        for response in operation["responses"].values():
            own += response.get("headers", {}).items()
        for name, node in own:
            if "$ref" not in node:
                yield Described(owner, name, node, node["schema"])


def list_operation_nodes(document: Node) -> Iterator[Node]:
    """Every operation of a document."""
    for methods in document["paths"].values():
        yield from methods.values()


def describe(document: Node, catalogue: Catalogue, lineages: Lineages) -> None:
    """Writes each description into the document, with the meaning of each value."""
    for described in list_described(document):
        entry = described.find_entry(catalogue.members, lineages)
        if entry is not None:
            text, null, meaning = catalogue.members[entry].partition(NULL)
            described.node["description"] = (
                text + null + meaning if described.allows_null else text
            )
        explained = described.find_entry(catalogue.values, lineages)
        meanings = catalogue.values[explained] if explained else {}
        lines = [
            f"{_bullet(value)}{meanings[value]}"
            for value in described.enum
            if value in meanings
        ]
        if entry is not None and lines:
            described.node["description"] += "\n\n" + "\n".join(lines)


def list_unused_entries(
    document: Node, catalogue: Catalogue, lineages: Lineages
) -> list[str]:
    """Entries of the catalogue that describe nothing in the document."""
    used = set()
    for described in list_described(document):
        used.add(described.find_entry(catalogue.members, lineages))
        explained = described.find_entry(catalogue.values, lineages)
        used |= {f"{explained}: {value}" for value in described.enum}
    written = [
        *catalogue.members,
        *(f"{name}: {value}" for name, of in catalogue.values.items() for value in of),
    ]
    return [
        f"the catalogue describes {entry}, which is not in the document"
        for entry in written
        if entry not in used
    ]


def list_undescribed(document: Node) -> list[str]:
    """Properties, parameters, headers and values that nothing explains."""
    gaps = []
    for described in list_described(document):
        text = described.node.get("description", "")
        if not text:
            gaps.append(f"{described} has no description")
        elif _count_telling_words(text, described) < MIN_TELLING_WORDS:
            gaps.append(f"the description of {described} repeats its name")
        if text and described.allows_null and NULL not in text:
            gaps.append(f"the description of {described} does not say what null means")
        gaps += [
            f"the description of {described} does not say what {value} means"
            for value in described.enum
            if _bullet(value) not in text
        ]
    return gaps


def list_unbounded_numbers(document: Node) -> list[str]:
    """Numbers of which nothing says how small or how large they can be."""
    return [
        f"{described} is a number without minimum or maximum"
        for described in list_described(document)
        if str(described) not in UNBOUNDED
        for number in _list_numbers(described.schema)
        if not {"minimum", "maximum", "enum", "const"} & number.keys()
    ]


def list_unformatted(document: Node) -> list[str]:
    """Instants and dates, by their names, without the format of one."""
    formats = {"_at": "date-time", "_on": "date"}
    return [
        f"{described} has not the format {formats[described.name[-3:]]}"
        for described in list_described(document)
        if described.name[-3:] in formats
        and described.schema.get("items", described.schema).get("format")
        != formats[described.name[-3:]]
    ]


def _bullet(value: str) -> str:
    return f"* `{value}`: "


def _count_telling_words(text: str, described: Described) -> int:
    prose = text.partition("\n")[0]
    named = _stems(f"{described.owner} {described.name}")
    return len(_stems(prose) - named - STOP_WORDS)


def _stems(text: str) -> set[str]:
    """The words of a text or of a name, in lower case, without the s of a plural."""
    parted = re.sub("(?<=[a-z0-9])(?=[A-Z])", " ", text).lower()
    return {word.removesuffix("s") for word in re.findall(r"[^\W_]+", parted)}


def _list_numbers(schema: Node) -> Iterator[Node]:
    kinds = schema.get("type", [])
    if {"integer", "number"} & {*([kinds] if isinstance(kinds, str) else kinds)}:
        yield schema
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _list_numbers(schema[keyword])
