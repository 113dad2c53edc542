"""Fields that know the rules of the wire."""

from marshmallow import ValidationError, fields, validate


class Text(fields.String):
    """Text that people wrote: not empty, bounded, without control characters.

    Args:
        longest: how many characters it may have.
        required: whether it must be there.
        allow_none: whether null will do.
    """

    def __init__(
        self, longest: int, *, required: bool = True, allow_none: bool = False
    ) -> None:
        super().__init__(
            required=required,
            allow_none=allow_none,
            validate=[validate.Length(1, longest), _printable],
        )


class StrictInteger(fields.Integer):
    """An integer that is one: no text, no booleans, within bounds.

    JSON knows no integers, so 1.0 is one (JSON Schema says the same).
    """

    def __init__(self, lowest: int, highest: int) -> None:
        super().__init__(
            required=True, strict=True, validate=validate.Range(lowest, highest)
        )

    def _validated(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def _printable(text: str) -> None:
    if not text.isprintable() or text != text.strip():
        raise ValidationError("must be printable text without outer spaces")
