"""Marshmallow fields with the rules of the wire."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from marshmallow import ValidationError, fields, missing

from rapport_schemas.enums import MAX_NAME_LENGTH, words
from rapport_schemas.errors import ErrorCode
from rapport_schemas.names import (
    find_id_faults,
    find_name_faults,
    find_person_id_faults,
    is_plain,
    normalize_name,
)
from rapport_schemas.rules import (
    Length,
    OneOf,
    Pattern,
    Range,
    Violation,
    violation_error,
)

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ORGANIZATION = "[a-z][a-z0-9]{2,19}"
_YEAR = "(19[7-9]|[2-8][0-9]{2})[0-9]"
_SHA_256 = "[A-Za-z0-9_-]{43}"
_EXAMPLE_UUID = "f0ef784a-15ce-4035-8902-8806174ef81e"
FaultFinder = Callable[[str], list[Violation]]
_EXAMPLE_SHA_256 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


class Text(fields.String):
    """Text that people wrote: not empty, bounded, without what cannot be seen.

    It is loaded in Unicode's normal form C.

    Args:
        max_length: how many characters it may have.
        required: whether it must be there.
        allow_none: whether null will do.
        find_faults: finds what else is wrong with it.
    """

    def __init__(
        self,
        max_length: int,
        *,
        required: bool = True,
        allow_none: bool = False,
        find_faults: FaultFinder = find_name_faults,
    ) -> None:
        self.find_faults = find_faults
        super().__init__(
            required=required,
            allow_none=allow_none,
            validate=[Length(1, max_length), self._require_faultless],
        )
        self.max_length = max_length

    def accepts(self, value: object) -> bool:
        """Whether a value is loaded as it is; quicker than loading it."""
        if value is None:
            return bool(self.allow_none)
        return (
            isinstance(value, str)
            and 0 < len(value) <= self.max_length
            and (
                is_plain(value)
                or (not self.find_faults(value) and normalize_name(value) == value)
            )
        )

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # as marshmallow declares it
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,  # noqa: ANN401
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return normalize_name(text)

    def _require_faultless(self, text: str) -> None:
        if faults := self.find_faults(text):
            raise ValidationError([*faults])


class ExternalId(Text):
    """An id that the agency chose, of a team or a person; addresses can have it."""

    def __init__(
        self,
        *,
        required: bool = True,
        allow_none: bool = False,
        find_faults: FaultFinder = find_id_faults,
    ) -> None:
        super().__init__(
            MAX_NAME_LENGTH,
            required=required,
            allow_none=allow_none,
            find_faults=find_faults,
        )


class RosterPersonId(ExternalId):
    """The id of a person in a roster, which is none that the service needs."""

    def __init__(self) -> None:
        super().__init__(find_faults=find_person_id_faults)


class Word(fields.String):
    """A word of a closed list.

    Args:
        kind: an enumeration, a part of one, or a literal type.
        required: whether it must be there.
        allow_none: whether null will do.
    """

    def __init__(
        self,
        kind: object,
        *,
        required: bool = True,
        allow_none: bool = False,
    ) -> None:
        super().__init__(
            required=required,
            allow_none=allow_none,
            validate=OneOf(words(kind)),
        )


class WholeNumber(fields.Integer):
    """An integer that is one: no text, no booleans.

    JSON knows no integers, so 1.0 is one (JSON Schema says the same).
    """

    def _validated(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class StrictInteger(WholeNumber):
    """A whole number that must be there, within bounds."""

    def __init__(self, minimum: int, maximum: int) -> None:
        super().__init__(required=True, validate=Range(minimum, maximum))


class QueryNumber(WholeNumber):
    """A whole number of a query string, which holds text: decimal digits.

    Args:
        minimum: the smallest.
        maximum: the largest.
        default: what it is where it is left out, if anything.
    """

    def __init__(self, minimum: int, maximum: int, default: int | None = None) -> None:
        super().__init__(
            load_default=missing if default is None else default,
            validate=Range(minimum, maximum),
        )

    def _validated(self, value: object) -> int:
        if not (isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value)):
            raise self.make_error("invalid")
        return super()._validated(int(value))


class BoundedInteger(fields.Integer):
    """A whole number of a reply, with the range that it can have.

    Args:
        minimum: the smallest; None where there is none.
        maximum: the largest; None where there is none.
        allow_none: whether it can be null.
    """

    def __init__(
        self,
        minimum: int | None = None,
        maximum: int | None = None,
        *,
        allow_none: bool = False,
    ) -> None:
        super().__init__(
            required=True,
            allow_none=allow_none,
            validate=Range(minimum, maximum),
        )


class BoundedFloat(fields.Float):
    """A number of a reply, with the range that it can have.

    Args:
        minimum: the smallest; None where there is none.
        maximum: the largest; None where there is none.
        allow_none: whether it can be null.
    """

    def __init__(
        self,
        minimum: float | None = None,
        maximum: float | None = None,
        *,
        allow_none: bool = False,
    ) -> None:
        super().__init__(
            required=True,
            allow_none=allow_none,
            validate=Range(minimum, maximum),
        )


class StrictBoolean(fields.Boolean):
    """True or false, and not the 1 or 0 that Python takes for their equals."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # as marshmallow declares it
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,  # noqa: ANN401
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        flag: bool = super()._deserialize(value, attr, data, **kwargs)
        return flag


class PatternString(fields.String):
    """Text of one form; each kind has a pattern, and an example for messages.

    ``format`` is the form's name in JSON Schema, where it has one.
    """

    pattern: ClassVar[str]
    example: ClassVar[str]
    format: ClassVar[str | None] = None

    def __init__(self, *, required: bool = False, allow_none: bool = False) -> None:
        super().__init__(
            required=required,
            allow_none=allow_none,
            validate=Pattern(self.pattern, self.example),
            metadata={"format": self.format} if self.format else {},
        )


class NewId(PatternString):
    """The id of what is to be created: a UUID of the client's, or else a random one."""

    pattern = rf"^{_UUID}$"
    example = _EXAMPLE_UUID

    def __init__(self) -> None:
        super().__init__()
        self.load_default = uuid4
        self.post_load = [UUID]


class TeamId(PatternString):
    """A team's id, a UUID."""

    pattern = rf"^{_UUID}$"
    example = _EXAMPLE_UUID
    format = "uuid"


class MarkerId(PatternString):
    """A marker's id, a UUID."""

    pattern = rf"^{_UUID}$"
    example = _EXAMPLE_UUID
    format = "uuid"


class WaveId(PatternString):
    """A wave's id: its organization's, a full stop, a UUID."""

    pattern = rf"^{_ORGANIZATION}\.{_UUID}$"
    example = f"acme.{_EXAMPLE_UUID}"


class ClientId(PatternString):
    """A service client's id: its organization's, a full stop, a UUID."""

    pattern = rf"^{_ORGANIZATION}\.{_UUID}$"
    example = f"acme.{_EXAMPLE_UUID}"


class Digest(PatternString):
    """A SHA-256, base64url without padding."""

    pattern = rf"^{_SHA_256}$"
    example = _EXAMPLE_SHA_256


class Envelope(PatternString):
    """An envelope: 337 bytes, base64url without padding."""

    pattern = "^[A-Za-z0-9_-]{449}[AQgw]$"
    example = "BNqr...3wQ, 450 characters"


class Kid(PatternString):
    """A ballot key's name: its organization's id, a full stop, its thumbprint."""

    pattern = rf"^{_ORGANIZATION}\.{_SHA_256}$"
    example = f"acme.{_EXAMPLE_SHA_256}"


class Instant(PatternString):
    """A point in time: UTC, whole seconds, ``Z``."""

    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
    example = "2027-01-11T09:00:00Z"
    format = "date-time"


class CalendarString(PatternString):
    """Text that must also be a date of the calendar."""

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # as marshmallow declares it
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,  # noqa: ANN401
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            if re.match(self.pattern, text):  # else the form is what is wrong
                raise violation_error(
                    ErrorCode.WRONG_FORMAT, "must be a date of the calendar"
                ) from error
        return text


class PlannedInstant(CalendarString):
    """A point in time in a plan: as ``Instant``, of a year not far away."""

    pattern = rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z$"
    example = "2027-01-11T09:00:00Z"
    format = "date-time"


class LocalTime(CalendarString):
    """Date and time of day on the agency's own clock, without a zone."""

    pattern = rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}$"
    example = "2027-01-11T09:00"


class CalendarDate(CalendarString):
    """A date."""

    pattern = rf"^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$"
    example = "2027-03-01"
    format = "date"
