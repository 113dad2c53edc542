"""Documents of which one is sent or given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema


@dataclass(frozen=True)
class DiscriminatedUnion:
    """One of several documents, told apart by the value of one member.

    Attributes:
        name: what they are together.
        member: the member that tells.
        schemas: the schema of each value.
    """

    name: str
    discriminator: str
    schemas: Mapping[str, type[Schema]]

    def dump(self, document: Mapping[str, Any]) -> object:
        """A document written through the schema that its member names."""
        return self.schemas[document[self.discriminator]]().dump(document)
