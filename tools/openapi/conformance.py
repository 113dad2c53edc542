"""Comparison of every response with the published document."""

import gzip
import json
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from rapport_schemas.problems import CONTENT_TYPE, Problem
from rapport_service.api.operation import operation_of
from tools.openapi.document import (
    DOCUMENT_PATH,
    OPTIONAL_HEADERS,
    http_method,
    path_template,
)

NO_OPERATION_CODES = {
    Problem.NOT_FOUND.kind.code,
    Problem.METHOD_NOT_ALLOWED.kind.code,
    Problem.BAD_REQUEST.kind.code,
}
"""Codes of the problems at addresses without an operation, such as a broken host."""

produced_problems: set[tuple[str | None, str]] = set()
"""The problems that this run produced: operation (None where there is none), code."""


class PublishedDocument:
    """The published document, read strictly.

    Clients ignore members that they do not know. Here such a member is a fault: it is
    sent, and not documented.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @classmethod
    def load(cls) -> "PublishedDocument":
        """The document that ships."""
        return cls(json.loads(DOCUMENT_PATH.read_bytes()))

    @cached_property
    def components(self) -> dict[str, Any]:
        """Every schema, with no member allowed that is not in it."""
        components: dict[str, Any] = json.loads(json.dumps(self.document["components"]))
        for schema in components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        return components

    def operation(self, path: str, verb: str) -> dict[str, Any]:
        """The operation of a path template and a method."""
        operation: dict[str, Any] = self.document["paths"][path][verb.lower()]
        return operation

    def response(self, operation: dict[str, Any], status: int) -> dict[str, Any] | None:
        """The documented response of a status."""
        documented: dict[str, Any] | None = operation["responses"].get(str(status))
        if documented is not None and "$ref" in documented:
            name = documented["$ref"].rpartition("/")[2]
            documented = self.components["responses"][name]
        return documented

    def list_violations(self, schema: dict[str, Any], document: object) -> list[str]:
        """The places where a document breaks a schema of the published document."""
        rooted = {"$ref": "#/x", "x": schema, "components": self.components}
        return [
            f"{error.json_path}: {error.message[:200]}"
            for error in Draft202012Validator(rooted).iter_errors(document)
        ]


@cache
def load_published_document() -> PublishedDocument:
    """The document that ships, read once."""
    return PublishedDocument.load()


def list_response_violations(
    published: PublishedDocument, rule: Rule | None, response: TestResponse
) -> Iterator[str]:
    """Every difference between a response and the published document."""
    if "X-Request-Id" not in response.headers:
        yield "there is no request id"
    body = _decode_body(response)
    if rule is None:
        yield from _violations_without_operation(published, body)
        return
    operation = published.operation(path_template(rule), http_method(rule))
    documented = published.response(operation, response.status_code)
    if documented is None:
        yield f"{response.status_code} is not published"
        return
    for header in documented.get("headers", {}):
        if header not in {*response.headers.keys(), *OPTIONAL_HEADERS}:
            yield f"{header} is missing"
    content = documented.get("content", {})
    media = response.mimetype or ""
    if media not in content:
        if response.data or content:
            yield f"a body of {media or 'no type'} is not published"
    elif media.endswith("json") and response.request.method != "HEAD":
        yield from published.list_violations(content[media]["schema"], json.loads(body))


def _violations_without_operation(
    published: PublishedDocument, body: bytes
) -> Iterator[str]:
    problem = json.loads(body)
    yield from published.list_violations(
        {"$ref": "#/components/schemas/Problem"}, problem
    )
    if problem.get("code") not in NO_OPERATION_CODES:
        yield f"{problem.get('code')} is not for addresses without an operation"


def _decode_body(response: TestResponse) -> bytes:
    data = response.get_data()
    return gzip.decompress(data) if response.content_encoding == "gzip" else data


def match_rule(app: Flask, response: TestResponse) -> Rule | None:
    """The route that answered; None where there is none."""
    asked = response.request
    try:
        rule, _ = app.url_map.bind_to_environ(asked.environ).match(return_rule=True)
    except HTTPException:
        return None
    return rule


class ContractClient(FlaskClient):
    """A test client that fails where a response is not as published."""

    published: PublishedDocument | None = None
    """Used instead of the committed document, where a test sets it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Sends a request and checks the response."""
        response = super().open(*args, **kwargs)
        rule = match_rule(self.application, response)
        if rule is not None and not operation_of(self._view(rule)).is_documented:
            return response  # health and pages have no contract
        violations = list(
            list_response_violations(
                self.published or load_published_document(), rule, response
            )
        )
        asked = f"{response.request.method} {response.request.path}"
        assert not violations, f"{asked} -> {response.status}: {violations}"
        if response.mimetype == CONTENT_TYPE:
            name = None if rule is None else self._view(rule).__name__
            produced_problems.add((name, json.loads(_decode_body(response))["code"]))
        return response

    def _view(self, rule: Rule) -> Any:
        return self.application.view_functions[rule.endpoint]
