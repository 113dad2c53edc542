"""Checks of every problem document: its form, and words that it must not hold."""

import json
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from rapport_schemas.errors import ErrorCode
from rapport_schemas.problems import Problem
from tests.support.admin import dotted_path

MEMBERS = {"type", "title", "status", "code", "retry", "request_id"}
EXTRA = {
    "detail",
    "errors",
    "more_errors",
    "limits",
    "accept",
    "error",
    "needs",
    "removals",
    "taken_by",
}

DETAIL = re.compile(r"(is|must|names) [^.].*[^.]$")
"""How a detail speaks of the value: what it is or must be, and no full stop."""

INNARDS = re.compile(
    r"Traceback|File \"|\w+(Error|Exception)\b|sqlalchemy|sqlite|psycopg|werkzeug|flask"
    r"|\bSELECT\b|\bINSERT\b|\bUPDATE\b|constraint|relation \"|no such table"
    r"|permission denied|not authorized",
    re.IGNORECASE,
)
"""Words of the implementation, which no caller should read."""


def read_problem(reply: TestResponse) -> Problem:
    """The problem of a reply, after a check of the reply's form."""
    assert reply.mimetype == "application/problem+json", reply.text
    document = reply.get_json()
    assert document.keys() >= MEMBERS, document
    assert document.keys() <= MEMBERS | EXTRA, document
    (problem,) = (p for p in Problem if p.kind.code == document["code"])
    assert document["type"] == f"/problems/{problem.kind.code}"
    assert document["title"] == problem.kind.title
    assert document["status"] == reply.status_code == problem.kind.status
    assert document["retry"] == problem.kind.retry
    assert re.fullmatch(r"[0-9a-f]{32}", document["request_id"])
    assert reply.headers["X-Request-Id"] == document["request_id"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert not INNARDS.search(json.dumps(without_places(document))), reply.text
    for error in document.get("errors", []):
        check_field_error(error)
    if problem.kind.status == 401:
        assert reply.headers["WWW-Authenticate"].split()[0] in {"Bearer", "Basic"}
    if problem.kind.status in {429, 503}:
        assert int(reply.headers["Retry-After"]) > 0
    if problem is Problem.METHOD_NOT_ALLOWED:
        assert reply.headers["Allow"]
    return problem


def without_places(document: Mapping[str, Any]) -> dict[str, Any]:
    """A problem without the names of members that the caller had sent."""
    errors = [
        {name: error[name] for name in error.keys() - {"pointer", "parameter"}}
        for error in document.get("errors", [])
    ]
    return {**document, "errors": errors}


def field_names(reply: TestResponse) -> set[str]:
    """The fields that a problem names."""
    return {dotted_path(error) for error in reply.get_json().get("errors", [])}


def check_field_error(error: dict[str, str]) -> None:
    """The form of a field error: a place, a code of the list, and one voice."""
    is_parameter = error["pointer"] is None
    assert error.keys() == {"pointer", "code", "detail"} | (
        {"parameter"} if is_parameter else set()
    )
    assert error["code"] in set(ErrorCode)
    assert DETAIL.match(error["detail"]), error["detail"]
