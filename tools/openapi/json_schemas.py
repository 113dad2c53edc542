"""JSON Schemas out of marshmallow schemas, polished for readers."""

import inspect
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_service.api.json_io import JSON

METADATA_KEYWORDS = ("contentMediaType", "contentSchema")
"""JSON Schema keywords that apispec does not take over by itself."""


class Converter(OpenAPIConverter):
    """apispec's converter, taught what it does not know."""

    def init_attribute_functions(self) -> None:
        """Adds what is particular to our fields."""
        super().init_attribute_functions()
        self.add_attribute_function(_extra_keywords)


class SchemaPlugin(MarshmallowPlugin):
    """The plugin that makes schemas of schemas."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=schema_name)


def schema_name(schema: type[Schema] | Schema | str) -> str:
    """What the document calls a schema."""
    assert not isinstance(schema, str)
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Document")


def add_choice(spec: APISpec, choice: DiscriminatedUnion) -> None:
    """Adds a choice and what it is between, once."""
    if choice.name in spec.components.schemas:
        return
    for schema in choice.schemas.values():
        if (
            schema_name(schema) not in spec.components.schemas
        ):  # two choices may share one
            spec.components.schema(schema_name(schema), schema=schema)
    refs = {
        value: f"#/components/schemas/{schema_name(schema)}"
        for value, schema in choice.schemas.items()
    }
    spec.components.schema(
        choice.name,
        {
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": choice.discriminator, "mapping": refs},
        },
    )


def complete_schemas(document: dict[str, Any], plugin: MarshmallowPlugin) -> None:
    """Gives every schema its docstring; leaves what the service gives open.

    Members may be added to replies; whoever sends one that is not known is told.
    """
    assert plugin.converter is not None
    told = document["components"]["schemas"]
    for (schema, *_), called in plugin.converter.refs.items():
        told[called]["description"] = docstring_markdown(schema)
    sent = _request_schemas(document)
    for called, shape in told.items():
        if called not in sent and shape.get("additionalProperties") is False:
            del shape["additionalProperties"]
        for member in shape.get("properties", {}).values():
            if "const" in member:
                del member["default"]


def docstring_markdown(documented: object) -> str:
    """A docstring as Markdown."""
    return (inspect.getdoc(documented) or "").replace("``", "`")


def _extra_keywords(
    _converter: OpenAPIConverter, field: fields.Field[Any], **_: object
) -> dict[str, object]:
    if isinstance(field, fields.Constant):
        return {"const": field.constant}
    return {
        key: field.metadata[key] for key in METADATA_KEYWORDS if key in field.metadata
    }


def _request_schemas(document: dict[str, Any]) -> set[str]:
    """The schemas of what is sent to the service as JSON."""
    found: set[str] = set()

    def walk(node: object) -> None:
        match node:
            case {"$ref": str(ref)} if (called := ref.rpartition("/")[2]) not in found:
                found.add(called)
                walk(document["components"]["schemas"][called])
            case dict():
                for below in node.values():
                    walk(below)
            case list():
                for below in node:
                    walk(below)

    for path in document["paths"].values():
        for operation in path.values():
            walk(operation.get("requestBody", {}).get("content", {}).get(JSON))
    return found
