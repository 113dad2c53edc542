"""JSON Schemas from marshmallow schemas, finished for readers."""

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
    """apispec's converter, with the keywords of our fields."""

    def init_attribute_functions(self) -> None:
        """Adds the keywords of our fields."""
        super().init_attribute_functions()
        self.add_attribute_function(_extra_keywords)


class SchemaPlugin(MarshmallowPlugin):
    """apispec's plugin with our converter and our names."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=schema_name)


def schema_name(schema: type[Schema] | Schema | str) -> str:
    """The name of a schema in the document: its class without ``Schema``."""
    assert not isinstance(schema, str)
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def add_union(spec: APISpec, union: DiscriminatedUnion) -> None:
    """Adds a union and its schemas, once."""
    if union.name in spec.components.schemas:
        return
    for schema in union.schemas.values():
        if (
            schema_name(schema) not in spec.components.schemas
        ):  # two unions may share one
            spec.components.schema(schema_name(schema), schema=schema)
    refs = {
        value: f"#/components/schemas/{schema_name(schema)}"
        for value, schema in union.schemas.items()
    }
    spec.components.schema(
        union.name,
        {
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": union.discriminator, "mapping": refs},
        },
    )


def complete_schemas(document: dict[str, Any], plugin: MarshmallowPlugin) -> None:
    """Gives every schema its docstring; leaves the schemas of replies open.

    Members may be added to replies; in requests, unknown members are refused.
    """
    assert plugin.converter is not None
    schemas = document["components"]["schemas"]
    for (schema, *_), name in plugin.converter.refs.items():
        schemas[name]["description"] = docstring_markdown(schema)
    requested = _request_schemas(document)
    for name, shape in schemas.items():
        if name not in requested and shape.get("additionalProperties") is False:
            del shape["additionalProperties"]
        for member in shape.get("properties", {}).values():
            if "const" in member:
                del member["default"]


def schema_lineages(plugin: MarshmallowPlugin) -> dict[str, tuple[str, ...]]:
    """By the name of each schema, that and the names of the schemas it extends."""
    assert plugin.converter is not None
    return {
        name: schema_lineage(schema)
        for (schema, *_), name in plugin.converter.refs.items()
    }


def schema_lineage(schema: type[Schema]) -> tuple[str, ...]:
    """The name of a schema, and the names of the schemas it extends."""
    return tuple(
        schema_name(base)
        for base in schema.__mro__
        if issubclass(base, Schema) and base is not Schema
    )


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
    """The schemas of request bodies in JSON."""
    names: set[str] = set()

    def walk(node: object) -> None:
        match node:
            case {"$ref": str(ref)} if (name := ref.rpartition("/")[2]) not in names:
                names.add(name)
                walk(document["components"]["schemas"][name])
            case dict():
                for nested in node.values():
                    walk(nested)
            case list():
                for nested in node:
                    walk(nested)

    for path in document["paths"].values():
        for operation in path.values():
            walk(operation.get("requestBody", {}).get("content", {}).get(JSON))
    return names
