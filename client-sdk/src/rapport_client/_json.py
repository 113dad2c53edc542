"""Reads JSON that nobody vouches for: what is malformed raises one typed error."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Self

from rapport_client.errors import RapportError

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def _reject_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


class JsonObject:
    """The members of a JSON object, each read as the type that it should have.

    Members that nobody asks for are ignored, so that a newer service may add some.

    Args:
        value: what should be an object.
        where: how error messages name it.
        error: makes the exception to raise, from a sentence.
    """

    def __init__(
        self, value: object, where: str, error: Callable[[str], RapportError]
    ) -> None:
        if not isinstance(value, dict):
            raise error(f"{where} is not an object")
        self.raw: Mapping[str, object] = value
        self._where = where
        self._error = error

    @classmethod
    def from_json(
        cls, body: bytes, where: str, error: Callable[[str], RapportError]
    ) -> Self:
        """Reads an object from UTF-8 JSON text."""
        try:
            value = json.loads(body.decode("utf-8"), parse_constant=_reject_constant)
        except (ValueError, RecursionError) as broken:
            raise error(f"{where} is not JSON") from broken
        return cls(value, where, error)

    def text(self, name: str) -> str:
        """A text that can be written as UTF-8 (JSON can spell lone surrogates)."""
        value = self.raw.get(name)
        if not isinstance(value, str) or not _is_unicode(value):
            raise self._malformed(name, "a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A text, or None where the member is null or missing."""
        return None if self.raw.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """A whole number; true and 1.0 are none."""
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._malformed(name, "a whole number")
        return value

    def integer_or_none(self, name: str) -> int | None:
        """A whole number, or None where the member is null or missing."""
        return None if self.raw.get(name) is None else self.integer(name)

    def number(self, name: str) -> float:
        """A number; true is none."""
        value = self.raw.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._malformed(name, "a number")
        try:
            return float(value)
        except OverflowError as error:  # JSON has integers of any length
            raise self._malformed(name, "a number") from error

    def number_or_none(self, name: str) -> float | None:
        """A number, or None where the member is null or missing."""
        return None if self.raw.get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """True or false; 1 and 0 are neither."""
        value = self.raw.get(name)
        if not isinstance(value, bool):
            raise self._malformed(name, "true or false")
        return value

    def day(self, name: str) -> date:
        """A date, written ``YYYY-MM-DD``."""
        text = self.text(name)
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise self._malformed(name, "a date") from error
        if day.isoformat() != text:  # ISO 8601 has other forms, too
            raise self._malformed(name, "a date")
        return day

    def instant(self, name: str) -> datetime:
        """An instant in UTC, whole seconds, written with ``Z``."""
        try:
            return datetime.strptime(self.text(name), _INSTANT).replace(tzinfo=UTC)
        except ValueError as error:
            raise self._malformed(name, "an instant in UTC") from error

    def list_of_texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._list(name)
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) != len(values):
            raise self._malformed(name, "a list of texts")
        return texts

    def lists_of_texts(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        return tuple(
            JsonObject(
                {"row": row}, f"{self._where} {name}", self._error
            ).list_of_texts("row")
            for row in self._list(name)
        )

    def nested(self, name: str) -> "JsonObject":
        """An object inside this one."""
        return JsonObject(self.raw.get(name), f"{self._where} {name}", self._error)

    def nested_or_none(self, name: str) -> "JsonObject | None":
        """An object inside this one, or None where it is null or missing."""
        return None if self.raw.get(name) is None else self.nested(name)

    def objects(self, name: str) -> tuple["JsonObject", ...]:
        """A list of objects."""
        return tuple(
            JsonObject(value, f"{self._where} {name}", self._error)
            for value in self._list(name)
        )

    def _list(self, name: str) -> list[object]:
        value = self.raw.get(name)
        if not isinstance(value, list):
            raise self._malformed(name, "a list")
        return value

    def _malformed(self, name: str, kind: str) -> RapportError:
        return self._error(f"{self._where}: {name} is not {kind}")


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
