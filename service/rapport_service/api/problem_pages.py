"""``/problems``: explanations of every problem, for people and for programs.

The ``type`` of every problem document leads here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from flask import Blueprint, Response, render_template

from rapport_schemas.problem_explanations import (
    ProblemExplanationSchema,
    ProblemExplanationsSchema,
    explain_problem,
)
from rapport_schemas.problems import ENGLISH, SPANISH, Problem
from rapport_service.api.docs_page import page_response
from rapport_service.api.json_io import wants_page
from rapport_service.api.operation import describe, ignore_query, response
from rapport_service.api.problems import ProblemError, negotiate_language

blueprint = Blueprint("problem_pages", __name__, template_folder="templates")

P = ParamSpec("P")

PROBLEMS = {problem.kind.code: problem for problem in Problem}

LABELS = {
    ENGLISH: {
        "index": "Problems",
        "contract": "The HTTP contract",
        "introduction": "What went wrong, and what you can do about it.",
        "meaning": "What it means",
        "action": "What to do",
        "retry": "Try again?",
        "members": "What the reply may also say",
        "status": "HTTP status",
        "code": "Code",
        "all": "All problems",
    },
    SPANISH: {
        "index": "Problemas",
        "contract": "El contrato HTTP",
        "introduction": "Qué ha ido mal y qué puede hacer.",
        "meaning": "Qué significa",
        "action": "Qué hacer",
        "retry": "¿Intentarlo de nuevo?",
        "members": "Qué más puede decir la respuesta",
        "status": "Estado HTTP",
        "code": "Código",
        "all": "Todos los problemas",
    },
}
"""Headings of the pages."""


def localized(
    view: Callable[Concatenate[str, P], Response],
) -> Callable[P, Response]:
    """The view gets the reader's language; its reply is a page or JSON."""

    @wraps(view)
    def with_language(*args: P.args, **kwargs: P.kwargs) -> Response:
        language = negotiate_language() or ENGLISH
        reply = view(language, *args, **kwargs)
        reply.content_language.add(language)
        reply.vary.update(["Accept", "Accept-Language"])
        return reply

    describe(with_language, has_page=True)
    return with_language


@blueprint.get("/problems")
@ignore_query
@localized
@response(ProblemExplanationsSchema)
def list_problems(language: str) -> object:
    """Lists every kind of problem, with what it means and what to do.

    It is a page for people, in English or Spanish, or JSON for programs.
    """
    explained = [explain_problem(problem, language) for problem in Problem]
    if wants_page():
        return _render("problem_list.html", language, problems=explained)
    return {"problems": explained}


@blueprint.get("/problems/<code>")
@ignore_query
@localized
@response(ProblemExplanationSchema, Problem.NOT_FOUND)
def get_problem(language: str, code: str) -> object:
    """Explains a kind of problem: what it means, and what to do about it.

    It is a page for people, in English or Spanish, or JSON for programs. The ``type``
    of a problem document is this address.
    """
    if code not in PROBLEMS:
        raise ProblemError(Problem.NOT_FOUND)
    explained = explain_problem(PROBLEMS[code], language)
    if wants_page():
        return _render("problem.html", language, problem=explained)
    return explained


def _render(template: str, language: str, **context: object) -> Response:
    markup = render_template(
        template, language=language, labels=LABELS[language], **context
    )
    return page_response(markup.encode())
