"""The published document about the wire."""

from functools import cache
from importlib.resources import files

from marshmallow import INCLUDE, Schema, fields


class OpenApiSchema(Schema):
    """An OpenAPI 3.1 document."""

    class Meta:
        """Its members are those of the OpenAPI Specification."""

        unknown = INCLUDE

    openapi = fields.String(required=True)


@cache
def document() -> bytes:
    """The document's bytes as they ship."""
    return files(__package__).joinpath("openapi.json").read_bytes()
