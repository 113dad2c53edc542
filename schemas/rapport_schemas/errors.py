"""Errors of documents that cross the wire. Plain Python, for every room."""

from collections.abc import Sequence
from dataclasses import dataclass

NOT_UTF_8 = "Send the text in UTF-8."
"""The detail of a document in another encoding."""


@dataclass(frozen=True)
class FieldError:
    """A rule that a document breaks.

    Attributes:
        field: the dotted path of the field; empty for the document as a whole.
        rule: the rule, in words that quote nothing that was sent.
    """

    field: str
    rule: str


class DocumentMalformedError(Exception):
    """The bytes are not in the expected format, so no field can be checked.

    Attributes:
        detail: the place and the reason, where they are known; otherwise None.
    """

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or "malformed")
        self.detail = detail


class DocumentInvalidError(Exception):
    """The document breaks rules; ``errors`` names every field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(f"{len(errors)} field errors")
        self.errors = list(errors)
