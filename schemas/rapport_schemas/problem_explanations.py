"""Explanations of problems, and what to do about them, in English and Spanish."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from marshmallow import Schema, fields

from rapport_schemas.fields import BoundedInteger, Word
from rapport_schemas.problems import Problem, Retry

RETRY_SENTENCES = {
    Retry.NO: {
        "en": "Do not send it again: the answer would be the same.",
        "es": "No lo envíe de nuevo: la respuesta sería la misma.",
    },
    Retry.LATER: {
        "en": "Send the same again later.",
        "es": "Envíe lo mismo más tarde.",
    },
    Retry.AFTER_AUTH: {
        "en": "Send it again with a new access token.",
        "es": "Envíelo de nuevo con otro token de acceso.",
    },
    Retry.AFTER_FIX: {
        "en": "Correct your request, then send it again.",
        "es": "Corrija su petición y envíela de nuevo.",
    },
}


@dataclass(frozen=True)
class ExplainedMember:
    """A member of a problem document, and what it is."""

    name: str
    meaning: str


@dataclass(frozen=True)
class ProblemExplanation:
    """A kind of problem, explained in one language.

    Attributes:
        type: the address of this explanation.
        code: its name for programs.
        title: what is wrong, and what to do.
        status: the HTTP status that it comes with.
        retry: the advice to programs.
        retry_sentence: the advice in words.
        meaning: what has happened.
        action: what to do about it.
        members: what its documents may have besides what all have.
    """

    type: str
    code: str
    title: str
    status: int
    retry: Retry
    retry_sentence: str
    meaning: str
    action: str
    members: tuple[ExplainedMember, ...]


@cache
def explain_problem(problem: Problem, language: str) -> ProblemExplanation:
    """The explanation of a problem in ``en`` or ``es``."""
    texts = load_texts()
    explained = texts["problems"][problem.kind.code]
    return ProblemExplanation(
        type=f"/problems/{problem.kind.code}",
        code=problem.kind.code,
        title=problem.title_in(language),
        status=problem.kind.status,
        retry=problem.kind.retry,
        retry_sentence=RETRY_SENTENCES[problem.kind.retry][language],
        meaning=explained["meaning"][language],
        action=explained["action"][language],
        members=tuple(
            ExplainedMember(name, texts["members"][name][language])
            for name in explained["members"]
        ),
    )


@cache
def load_texts() -> dict[str, Any]:
    """The texts as they ship."""
    source = files(__package__).joinpath("problem_explanations.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


class ExplainedMemberSchema(Schema):
    """A member that a problem document may have."""

    name = fields.String(required=True)
    meaning = fields.String(required=True)


class ProblemExplanationSchema(Schema):
    """A kind of problem: what it means, and what to do about it."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    status = BoundedInteger(400, 599)
    retry = Word(Retry)
    meaning = fields.String(required=True)
    action = fields.String(required=True)
    members = fields.List(fields.Nested(ExplainedMemberSchema), required=True)


class ProblemExplanationsSchema(Schema):
    """Every kind of problem, by code."""

    problems = fields.List(fields.Nested(ProblemExplanationSchema), required=True)
