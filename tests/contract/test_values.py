"""Values on the wire are in snake_case; codes of problems alone are in kebab-case."""

import re
from collections.abc import Iterator
from enum import EnumType, StrEnum
from typing import Any, Literal, get_origin

from rapport_schemas import enums
from rapport_schemas.enums import words
from rapport_schemas.problems import Problem, Retry
from tools.openapi.conformance import load_published_document
from tools.openapi.example_files import load_examples

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
BAND = re.compile(r"\d+(-\d+|\+)")
"""A range of numbers, such as ``50-199`` or ``200+``."""

MEMBERS_OF_STANDARDS = {"kty", "crv", "alg", "e", "token_type"}
"""Members whose values are those of RFC 7517 (JWK), RFC 7518 and RFC 6749."""

WORD_MEMBERS = {"status", "reason", "kind", "retry", "state", "op", "scope"}
"""Members of the examples that hold a word of a closed list."""


def list_values(document: object, member: str = "") -> Iterator[tuple[str, str]]:
    """Every documented string value, with the member that may have it."""
    match document:
        case dict():
            for value in [*document.get("enum", ()), document.get("const")]:
                if isinstance(value, str):
                    yield member, value
            for name, nested in document.items():
                shapes = nested.items() if name == "properties" else [(member, nested)]
                for owner, shape in shapes:
                    yield from list_values(shape, owner)
        case list():
            for nested in document:
                yield from list_values(nested, member)


def list_miswritten_values(document: object) -> list[tuple[str, str]]:
    """The documented values that break the rule of their member."""
    return sorted(
        (member, value)
        for member, value in set(list_values(document))
        if member not in MEMBERS_OF_STANDARDS and not is_well_written(member, value)
    )


def is_well_written(member: str, value: str) -> bool:
    """Whether a value is in the case that its member asks for."""
    if member == "code":
        return KEBAB_CASE.fullmatch(value) is not None
    return any(case.fullmatch(value) for case in (SNAKE_CASE, BAND))


def test_documented_values_are_in_snake_case():
    document = load_published_document().document

    assert list_miswritten_values(document) == []
    assert {"already_drawn", "ballot_unknown_key", "crisis_start", "after_auth"} <= {
        value for _, value in list_values(document)
    }


def test_kebab_case_is_listed_wherever_it_is_documented():
    """A planted fault in each place where a document may list values."""
    status: dict[str, Any] = {"enum": ["signed", "already-drawn", None]}
    reason = {"anyOf": [{"const": "too-late"}, {"type": "null"}]}
    kinds = {"type": "array", "items": {"enum": ["crisis-start"]}}
    document = {
        "components": {
            "schemas": {"Draw": {"properties": {"status": status, "reason": reason}}}
        },
        "paths": {"/v1": {"parameters": [{"name": "kinds", "schema": kinds}]}},
    }

    assert list_miswritten_values(document) == [
        ("", "crisis-start"),
        ("reason", "too-late"),
        ("status", "already-drawn"),
    ]


def test_snake_case_in_a_code_of_a_problem_is_listed():
    document = {"properties": {"code": {"enum": ["not-used", "not_found"]}}}

    assert list_miswritten_values(document) == [("code", "not_found")]


def test_shared_words_are_in_snake_case():
    lists = [
        kind
        for kind in [*vars(enums).values(), Retry]
        if isinstance(kind, EnumType) or get_origin(kind) is Literal
    ]
    used = {word for kind in lists if kind is not StrEnum for word in words(kind)}

    assert len(lists) > 20
    assert [word for word in sorted(used) if not is_well_written("", word)] == []


def test_codes_of_problems_are_in_kebab_case():
    codes = [problem.kind.code for problem in Problem]

    assert [code for code in codes if not is_well_written("code", code)] == []


def test_examples_hold_no_word_in_kebab_case():
    def list_words(node: object, member: str = "") -> Iterator[str]:
        match node:
            case dict():
                for name, nested in node.items():
                    yield from list_words(nested, name)
            case list():
                for nested in node:
                    yield from list_words(nested, member)
            case str() if member in WORD_MEMBERS:
                yield node

    used = {
        (name, word)
        for name, example in load_examples().items()
        for body in (example.request.get("json"), example.response.get("json"))
        for word in list_words(body)
        if "-" in word
    }

    assert used == set()
