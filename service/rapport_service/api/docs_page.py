"""The published document: ``/v1/openapi.json`` for programs, ``/docs`` for people."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from rapport_schemas import openapi
from rapport_schemas.openapi import OpenApiSchema
from rapport_service.api.json_io import HTML, document_response
from rapport_service.api.operation import response

blueprint = Blueprint("docs_page", __name__, template_folder="templates")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page is text and one style sheet of ours: no script, no image, no third party."""

FORMAT_NAMES = {
    "uuid": "UUID",
    "date": "date (RFC 3339)",
    "date-time": "date and time (RFC 3339)",
    "uri-reference": "address",
}
"""Formats of JSON Schema, in words."""


CODE, BOLD, PLAIN = (
    Markup("<code>{}</code>"),
    Markup("<strong>{}</strong>"),
    Markup("{}"),
)
"""Spans of prose in HTML."""


def page_response(markup: bytes) -> Response:
    """A page for people, which loads nothing but the style sheet."""
    reply = document_response(markup, media_type=HTML)
    reply.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    reply.headers["Referrer-Policy"] = "no-referrer"
    return reply


@blueprint.get("/v1/openapi.json")
@response(OpenApiSchema)
def get_openapi() -> object:
    """This document (OpenAPI 3.1)."""
    return openapi.document()


@blueprint.get("/docs")
def get_docs() -> Response:
    """The same for people: a page that loads nothing from elsewhere."""
    return page_response(_render_page())


@blueprint.get("/docs/style.css")
def get_style() -> Response:
    """The style sheet of the page."""
    return document_response(_load_style(), media_type="text/css")


@cache
def _render_page() -> bytes:
    published: dict[str, Any] = json.loads(openapi.document())
    components = published["components"]
    groups: dict[str, list[dict[str, Any]]] = {
        tag["name"]: [] for tag in published["tags"]
    }
    for path, methods in published["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(
                {"path": path, "method": method.upper(), **operation}
            )
    return render_template(
        "docs_page.html",
        document=published,
        groups=groups,
        schemas=dict(sorted(components["schemas"].items())),
        responses=components["responses"],
        request_headers=components["parameters"],
        response_headers=components["headers"],
    ).encode()


@cache
def _load_style() -> bytes:
    return files(__package__).joinpath("templates", "docs_page.css").read_bytes()


@blueprint.app_template_filter("anchor")
def anchor(tag: str) -> str:
    """The id of a tag's section on the page."""
    return tag.lower().replace(" ", "-")


@blueprint.app_template_filter("shape")
def shape(schema: dict[str, Any]) -> str:
    """A schema in a few words, such as ``list of string`` or ``DrawRequest``."""
    words = "anything"
    match schema:
        case {"$ref": str(ref)}:
            words = ref.rpartition("/")[2]
        case {"const": value}:
            words = json.dumps(value)
        case {"type": "array", "items": inner}:
            words = f"list of {shape(inner)}"
        case {"type": "object" | ["object", *_], "additionalProperties": dict(inner)}:
            words = f"object of {shape(inner)}"
        case {"type": [*kinds]}:
            words = str(next(kind for kind in kinds if kind != "null"))
        case {"type": kind}:
            words = str(kind)
        case {"anyOf": [first, *_]} | {"allOf": [first, *_]}:
            words = shape(first)
        case {"enum": values}:
            words = " | ".join(map(json.dumps, values))
    return words


@blueprint.app_template_filter("allows_null")
def allows_null(schema: dict[str, Any]) -> bool:
    """Whether null is a value of a schema."""
    return "null" in schema.get("type", []) or {"type": "null"} in schema.get(
        "anyOf", []
    )


@blueprint.app_template_filter("bounds")
def bounds(schema: dict[str, Any]) -> list[str]:
    """The limits of a schema in words, such as ``1 to 64 characters``."""
    described = schema.get("items", schema)
    limits = [
        _describe_range(schema, "minItems", "maxItems", " entries"),
        _describe_range(described, "minLength", "maxLength", " characters"),
        _describe_range(described, "minimum", "maximum", ""),
        FORMAT_NAMES.get(described.get("format", "")),
        f"default {json.dumps(schema['default'])}" if "default" in schema else None,
    ]
    return [limit for limit in limits if limit]


@blueprint.app_template_filter("pattern")
def pattern(schema: dict[str, Any]) -> str | None:
    """The pattern of a text; None where its format says as much."""
    described = schema.get("items", schema)
    return None if "format" in described else described.get("pattern")


@blueprint.app_template_filter("shown")
def shown(value: object) -> str:
    """An example's body for people: text as it is, JSON on lines."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)


@blueprint.app_template_filter("prose")
def prose(text: str) -> Markup:
    """Markdown as our descriptions have it: paragraphs, lists, code and bold."""
    blocks = (_render_block(block) for block in text.split("\n\n"))
    return Markup("").join(blocks)


def _render_block(block: str) -> Markup:
    if not block.startswith("* "):
        return Markup("<p>{}</p>").format(_render_spans(block))
    entries = (_render_spans(line) for line in block[2:].split("\n* "))
    return Markup("<ul>{}</ul>").format(
        Markup("").join(map(Markup("<li>{}</li>").format, entries))
    )


def _render_spans(line: str) -> Markup:
    pieces = [
        (CODE if at % 2 else BOLD if inner % 2 else PLAIN).format(span)
        for at, part in enumerate(line.split("`"))
        for inner, span in enumerate([part] if at % 2 else part.split("**"))
    ]
    return Markup("").join(pieces)


def _describe_range(
    schema: dict[str, Any], lowest: str, highest: str, unit: str
) -> str | None:
    low, high = schema.get(lowest), schema.get(highest)
    if low is None and high is None:
        return None
    if low is None:
        return f"at most {_format_number(high)}{unit}"
    if high is None:
        return f"{_format_number(low)}{unit} or more"
    if low == high:
        return f"exactly {_format_number(low)}{unit}"
    return f"{_format_number(low)} to {_format_number(high)}{unit}"


def _format_number(value: Any) -> str:  # noqa: ANN401  # a number of a JSON document
    return f"{value:,g}" if value % 1 else f"{int(value):,}"
