"""Writer of the OpenAPI document, from the views and their schemas.

``python -m tools.openapi.document`` writes it anew.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import Any

from apispec import APISpec
from flask import Flask
from werkzeug.routing import Rule

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.problems import CONTENT_TYPE, Problem, ProblemSchema
from rapport_schemas.submissions import SUBMISSION_ITEM, ContentSchema
from rapport_service.api.json_io import CSV, HTML, JSON
from rapport_service.api.operation import Operation, operation_of
from rapport_service.api.problems import BALLOT_BOX, RETRYABLE_STATUSES
from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from rapport_service.tables.table import Table
from tools.openapi.descriptions import (
    Catalogue,
    Lineages,
    describe,
    list_unused_entries,
)
from tools.openapi.example_files import load_examples
from tools.openapi.json_schemas import (
    SchemaPlugin,
    add_union,
    complete_schemas,
    docstring_markdown,
    schema_lineage,
    schema_lineages,
)
from tools.openapi.linked_examples import link_examples
from tools.openapi.tags import TAG_NAMES, TAGS

DOCUMENT_PATH = Path(__file__).parents[2] / "schemas/rapport_schemas/openapi.json"

INTRODUCTION = """\
Rapport has two doors. The **poll book** knows who you are and never sees an answer. The
**ballot box** takes answers and never asks who you are: a request with an
`Authorization` header or a cookie is refused there. A **ballot**, signed blindly at the
first door, is what the second one asks for.

Bodies are JSON, base64url is without padding, and every failure is a problem document
(RFC 9457): `code` says which, `retry` what to do about it. Requests and responses may
be coded with gzip. Members that you do not know may appear in any response.
"""

SERVERS = [
    {
        "url": "/",
        "description": "The service that you read this document from. The ballot box "
        "may have another address.",
    }
]

REQUEST_HEADERS = ("Accept-Language", "If-Match", "If-None-Match")
"""Headers of requests, each documented once for all operations that heed it."""

RESPONSE_HEADERS = {
    "ETag": {"type": "string"},
    "Link": {"type": "string"},
    "Location": {"type": "string", "format": "uri-reference"},
    "Retry-After": {"type": "string", "pattern": "^[0-9]+$"},
    "WWW-Authenticate": {"type": "string"},
}
"""Headers of responses, and the schemas of their values."""

OPTIONAL_HEADERS = {"Link"}
"""Headers that not every reply has: only CSV, and only where the list goes on."""

COMMON_RESPONSES = {
    "Internal": (Problem.INTERNAL,),
    "Unavailable": (Problem.NOT_READY, Problem.STORAGE_FULL, Problem.BUSY),
}
"""Problems of every operation, one response a status; documented once."""

COMMON_PROBLEMS = tuple(chain.from_iterable(COMMON_RESPONSES.values()))


def build_document() -> dict[str, Any]:
    """The document as the views have it, with its descriptions and examples."""
    document, lineages = _document_of_views()
    describe(document, Catalogue.load(), lineages)
    link_examples(document, load_examples())
    return document


def list_stale_descriptions() -> list[str]:
    """Entries of the catalogue about what the views no longer have."""
    document, lineages = _document_of_views()
    return list_unused_entries(document, Catalogue.load(), lineages)


def _document_of_views() -> tuple[dict[str, Any], Lineages]:
    shapes = SchemaPlugin()
    spec = APISpec(
        title="Rapport",
        version="1.0",
        openapi_version="3.1.0",
        plugins=[shapes],
        info={"description": INTRODUCTION},
        servers=SERVERS,
    )
    for tag in TAGS:
        spec.tag({"name": tag.name, "description": tag.description})
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    spec.components.security_scheme("client", {"type": "http", "scheme": "basic"})
    spec.components.schema("Problem", schema=ProblemSchema)
    spec.components.schema("Content", schema=ContentSchema)
    add_union(spec, SUBMISSION_ITEM)
    for name in REQUEST_HEADERS:
        spec.components.parameter(name, "header", {"schema": {"type": "string"}})
    for name, schema in RESPONSE_HEADERS.items():
        spec.components.header(name, {"schema": schema})
    for name, problems in COMMON_RESPONSES.items():
        spec.components.response(name, _problem_response(problems))
    lineages = {}
    for rule, view, operation in list_operations(create_routes_app()):
        if isinstance(operation.response_schema, DiscriminatedUnion):
            add_union(spec, operation.response_schema)
        if operation.query_schema is not None:
            lineages[view.__name__] = schema_lineage(operation.query_schema)
        documented = _operation(rule, view, operation)
        spec.path(
            path_template(rule), operations={http_method(rule).lower(): documented}
        )
    document: dict[str, Any] = json.loads(json.dumps(spec.to_dict()))
    complete_schemas(document, shapes)
    return document, lineages | schema_lineages(shapes)


def render_document() -> str:
    """The document as it is committed."""
    return json.dumps(build_document(), ensure_ascii=False, indent=1) + "\n"


def list_operations(
    app: Flask,
) -> Iterator[tuple[Rule, Callable[..., object], Operation]]:
    """Every route that states a contract, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        operation = operation_of(view)
        if operation.is_documented:
            yield rule, view, operation


def path_template(rule: Rule) -> str:
    """A route's path as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def list_operation_problems(rule: Rule, operation: Operation) -> list[Problem]:
    """The problems of a route, besides those of every route."""
    common = set() if operation.ignores_query else {Problem.INVALID}
    if _blueprint(rule) == BALLOT_BOX:
        common.add(Problem.CREDENTIALS_NOT_WANTED)
    return sorted(operation.problems | common, key=lambda problem: problem.kind.code)


def http_method(rule: Rule) -> str:
    """The one method of a route."""
    (only,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
    return only


def _operation(
    rule: Rule, view: Callable[..., object], operation: Operation
) -> dict[str, Any]:
    summary, _, rest = docstring_markdown(view).partition("\n")
    documented: dict[str, Any] = {
        "operationId": view.__name__,
        "summary": summary,
        "tags": [TAG_NAMES[_blueprint(rule)]],
        "security": _security(operation),
    }
    if rest.strip():
        documented["description"] = rest.strip()
    parameters: list[Any] = [
        _path_parameter(rule, name) for name in sorted(rule.arguments)
    ]
    if operation.query_schema is not None:
        parameters.append({"in": "query", "schema": operation.query_schema})
    parameters += _header_parameters(rule, operation)
    if parameters:
        documented["parameters"] = parameters
    if operation.body_schema is not None:
        documented["requestBody"] = {
            "required": True,
            "content": {
                media: {
                    "schema": {"type": "string"}
                    if media == CSV
                    else operation.body_schema
                }
                for media in operation.content_types
            },
        }
    documented["responses"] = _responses(rule, operation)
    return documented


def _header_parameters(rule: Rule, operation: Operation) -> list[str]:
    """The references of the headers that a request may have."""
    return [
        *(["If-Match"] if operation.heeds_if_match else []),
        *(["If-None-Match"] if http_method(rule) == "GET" else []),
        *(["Accept-Language"] if _blueprint(rule) != BALLOT_BOX else []),
    ]


def _responses(rule: Rule, operation: Operation) -> dict[str, Any]:
    given: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.response_schema is not None:
        schema = operation.response_schema
        given["content"] = {
            JSON: {
                "schema": schema.name
                if isinstance(schema, DiscriminatedUnion)
                else schema
            }
        }
        if operation.table is not None:
            given["content"][CSV] = {"schema": _csv_schema(operation.table)}
        if operation.has_page:
            given["content"][HTML] = {"schema": {"type": "string"}}
    responses: dict[str, Any] = {str(operation.status): given}
    if http_method(rule) == "GET":
        given["headers"] = {"ETag": "ETag"}
        if operation.table is not None and "next" in _member_names(operation):
            given["headers"]["Link"] = "Link"
        responses["304"] = {"description": "Not changed: `If-None-Match` has its ETag."}
    if operation.location is not None:
        given["headers"] = {"Location": "Location"}
    by_status: dict[int, list[Problem]] = {}
    for problem in list_operation_problems(rule, operation):
        by_status.setdefault(problem.kind.status, []).append(problem)
    for status, alike in sorted(by_status.items()):
        responses[str(status)] = _problem_response(alike)
    for name, problems in COMMON_RESPONSES.items():
        responses[str(problems[0].kind.status)] = name
    return responses


def _member_names(operation: Operation) -> AbstractSet[str]:
    """The members of a reply that is always of one schema."""
    schema = operation.response_schema
    return schema().fields.keys() if isinstance(schema, type) else set()


def _csv_schema(table: Table) -> dict[str, str]:
    columns = ", ".join(f"`{name}`" for name in table.header)
    return {
        "type": "string",
        "description": f"The same as a table (RFC 4180, UTF-8). Columns: {columns}.",
    }


def _problem_response(alike: Sequence[Problem]) -> dict[str, Any]:
    documented: dict[str, Any] = {
        "description": "\n".join(
            f"* `{problem.kind.code}`: {problem.kind.title}" for problem in alike
        ),
        "content": {
            CONTENT_TYPE: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {
                            "properties": {
                                "code": {"enum": [each.kind.code for each in alike]},
                                "status": {"const": alike[0].kind.status},
                            }
                        },
                    ]
                }
            }
        },
    }
    if alike[0].kind.status in RETRYABLE_STATUSES:
        documented["headers"] = {"Retry-After": "Retry-After"}
    if alike[0].kind.status == HTTPStatus.UNAUTHORIZED:
        documented["headers"] = {"WWW-Authenticate": "WWW-Authenticate"}
    return documented


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.scopes is not None:
        return [{"bearer": [scope]} for scope in sorted(operation.scopes)]
    if Problem.CLIENT_INVALID in operation.problems:
        return [{}, {"client": []}]
    return []


def _path_parameter(rule: Rule, name: str) -> dict[str, Any]:
    is_uuid = f"uuid:{name}" in rule.rule
    schema = {"type": "string", **({"format": "uuid"} if is_uuid else {})}
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _blueprint(rule: Rule) -> str:
    return str(rule.endpoint).partition(".")[0]


def create_routes_app() -> Flask:
    """A service without a database: its routes are all that is wanted."""
    return create_app(Settings(secret=bytes(32), database_url="sqlite://"))


if __name__ == "__main__":
    DOCUMENT_PATH.write_text(render_document(), encoding="utf-8")
