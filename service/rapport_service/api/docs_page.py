"""The published document: ``/v1/openapi.json`` for programs, ``/docs`` for people."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, render_template

from rapport_schemas import openapi
from rapport_schemas.openapi import OpenApiSchema
from rapport_service.api.json_io import document_response
from rapport_service.api.operation import response

blueprint = Blueprint("docs_page", __name__, template_folder="templates")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page is text and one style sheet of ours: no script, no image, no third party."""


@blueprint.get("/v1/openapi.json")
@response(OpenApiSchema)
def get_openapi() -> object:
    """This document (OpenAPI 3.1)."""
    return openapi.document()


@blueprint.get("/docs")
def get_docs() -> Response:
    """The same for people: a page that loads nothing from elsewhere."""
    response = document_response(_render_page(), media_type="text/html")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/docs/style.css")
def get_style() -> Response:
    """The style sheet of the page."""
    return document_response(_load_style(), media_type="text/css")


@cache
def _render_page() -> bytes:
    published: dict[str, Any] = json.loads(openapi.document())
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
        schemas=dict(sorted(published["components"]["schemas"].items())),
        responses=published["components"]["responses"],
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
    """A schema in a few words, such as ``list of text`` or ``DrawRequest``."""
    words = "anything"
    match schema:
        case {"$ref": str(ref)}:
            words = ref.rpartition("/")[2]
        case {"const": value}:
            words = json.dumps(value)
        case {"enum": values}:
            words = " | ".join(json.dumps(value) for value in values)
        case {"type": "array", "items": inner}:
            words = f"list of {shape(inner)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            words = f"object of {shape(inner)}"
        case {"allOf": [first, *_]}:
            words = shape(first)
        case {"type": [*kinds]}:
            words = " | ".join(map(str, kinds))
        case {"type": kind}:
            words = str(kind)
    return words


@blueprint.app_template_filter("bounds")
def bounds(schema: dict[str, Any]) -> str:
    """The limits of a schema, such as ``maxLength 64``."""
    keywords = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
    limits = [f"{word} {schema[word]}" for word in keywords if word in schema]
    if "pattern" in schema:
        limits.append(schema["pattern"])
    return ", ".join(limits)
