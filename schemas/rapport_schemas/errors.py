"""Errors of documents that cross the wire. Plain Python, for every room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

NOT_UTF_8 = "Send the text in UTF-8."
"""The detail of a document in another encoding."""


class ErrorCode(StrEnum):
    """Rules that a value can break, for programs. The list is closed."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown-field"
    REPEATED = "repeated"
    WRONG_TYPE = "wrong-type"
    WRONG_FORMAT = "wrong-format"
    WRONG_LENGTH = "wrong-length"
    OUT_OF_RANGE = "out-of-range"
    NOT_IN_LIST = "not-in-list"
    NOT_EMPTY = "not-empty"
    TOO_EARLY = "too-early"
    OVERLAP = "overlap"
    CONFLICT = "conflict"
    UNKNOWN_TEAM = "unknown-team"
    NOT_ONE_ROOT = "not-one-root"
    CYCLE = "cycle"
    TOO_DEEP = "too-deep"
    RESERVED = "reserved"


@dataclass(frozen=True)
class FieldError:
    """A rule that a request breaks.

    Attributes:
        pointer: where the value is in the body (RFC 6901), or where it is missing;
            empty for the whole body, None for what is not in the body.
        code: the rule, for programs.
        detail: what is allowed, said of the value in words that quote nothing that was
            sent, such as ``must be text``.
        parameter: the name of the query parameter that the value belongs to.
    """

    pointer: str | None
    code: ErrorCode
    detail: str
    parameter: str | None = None

    def __str__(self) -> str:
        """The error for people, such as ``people.3.team: is missing``."""
        path = self.parameter or ".".join(split_pointer(self.pointer or ""))
        return f"{path}: {self.detail}" if path else self.detail


def join_pointer(*tokens: object) -> str:
    """A JSON pointer (RFC 6901) from member names and indices."""
    return "".join(
        f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in tokens
    )


def split_pointer(pointer: str) -> list[str]:
    """The member names and indices of a JSON pointer."""
    return [
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]
    ]


class DocumentMalformedError(Exception):
    """The bytes are not in the expected format, so no field can be checked.

    Attributes:
        detail: the place and the reason, where they are known; otherwise None.
    """

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or "malformed")
        self.detail = detail


class DocumentInvalidError(Exception):
    """The document breaks rules; ``errors`` names every value."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors: Sequence[FieldError] = list(errors)
        super().__init__("\n".join(map(str, self.errors)))
