"""Rules of values as marshmallow's validators, each with a code for programs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from marshmallow import ValidationError, validate

from rapport_schemas.errors import ErrorCode


class Violation(NamedTuple):
    """A rule that a value breaks: its code, and what is allowed."""

    code: ErrorCode
    detail: str


def violation_error(code: ErrorCode, detail: str) -> ValidationError:
    """The error of a value that breaks a rule."""
    return ValidationError([Violation(code, detail)])


class Length(validate.Length):
    """How many characters a text, or entries a list, may have."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  # as marshmallow declares it
        """Checks a value."""
        try:
            return super().__call__(value)
        except ValidationError as error:
            unit = "characters" if isinstance(value, str) else "entries"
            bounds = _describe_bounds(self.equal, self.min, self.max)
            raise violation_error(
                ErrorCode.WRONG_LENGTH, f"must have {bounds} {unit}"
            ) from error


class Range(validate.Range):
    """The smallest and the largest number."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  # as marshmallow declares it
        """Checks a value."""
        try:
            return super().__call__(value)
        except ValidationError as error:
            bounds = _describe_bounds(None, self.min, self.max)
            raise violation_error(
                ErrorCode.OUT_OF_RANGE, f"must be {bounds}"
            ) from error


class OneOf(validate.OneOf):
    """The words of a closed list."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  # as marshmallow declares it
        """Checks a value."""
        try:
            return super().__call__(value)
        except ValidationError as error:
            raise violation_error(
                ErrorCode.NOT_IN_LIST, f"must be one of {', '.join(self.choices)}"
            ) from error


class Pattern(validate.Regexp):
    """The form of a text, explained by an example."""

    def __init__(self, pattern: str, example: str) -> None:
        super().__init__(pattern)
        self.example = example

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  # as marshmallow declares it
        """Checks a value.

        In Python ``$`` also matches before a line feed at the end; in JSON Schema not.
        """
        if self.regex.match(value) is None or value.endswith("\n"):
            raise violation_error(
                ErrorCode.WRONG_FORMAT, f"must have a form such as {self.example}"
            )
        return value


def _describe_bounds(equal: Any, low: Any, high: Any) -> str:  # noqa: ANN401
    if equal is not None:
        return f"exactly {equal}"
    if low == high:
        return f"{low}"
    return f"at most {high}" if not low else f"from {low} to {high}"
