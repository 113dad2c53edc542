"""Unions of documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema


@dataclass(frozen=True)
class DiscriminatedUnion:
    """One of several documents; the value of one member says which.

    Attributes:
        name: the name of the union in the published document.
        discriminator: the member that says which.
        schemas: the schema of each value.
    """

    name: str
    discriminator: str
    schemas: Mapping[str, type[Schema]]

    def dump(self, document: Mapping[str, Any]) -> object:
        """A document written through the schema that its discriminator names."""
        return self.schemas[document[self.discriminator]]().dump(document)
