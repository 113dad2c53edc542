"""JSON objects with typed members, and the reader that makes data classes of them.

``JsonObject`` reads one member at a time. ``read`` reads a whole document: it takes
the type of every field from the data class, so that the class is all there is to write.
A malformed member raises one typed error, which names it by its dotted path.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from rapport_client.errors import RapportError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_NOT_RENAMED: Mapping[str, str] = MappingProxyType({})


class JsonObject:
    """The members of a JSON object, each read as the type that it should have.

    Members that are not asked for are ignored, so that a newer service may add some.

    Args:
        value: the parsed JSON.
        where: how error messages name the document.
        error: makes the exception to raise, from a sentence.
        path: where the object is in the document: names, joined by dots.
    """

    def __init__(
        self,
        value: object,
        where: str,
        error: Callable[[str], RapportError],
        path: str = "",
    ) -> None:
        if not isinstance(value, dict):
            name = f"{where}: {path}" if path else where
            raise error(f"{name} is not an object")
        self.raw: Mapping[str, object] = value
        self._where = where
        self._error = error
        self._path = path

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
            raise self.malformed(name, "a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A text, or None where the member is null or missing."""
        return None if self.raw.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """A whole number; true and 1.0 are none."""
        value = self.raw.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.malformed(name, "a whole number")
        return value

    def number(self, name: str) -> float:
        """A number; true is none."""
        value = self.raw.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.malformed(name, "a number")
        try:
            return float(value)
        except OverflowError as error:  # JSON has integers of any length
            raise self.malformed(name, "a number") from error

    def flag(self, name: str) -> bool:
        """True or false; 1 and 0 are neither."""
        value = self.raw.get(name)
        if not isinstance(value, bool):
            raise self.malformed(name, "true or false")
        return value

    def day(self, name: str) -> date:
        """A date, written ``YYYY-MM-DD``."""
        text = self.text(name)
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise self.malformed(name, "a date") from error
        if day.isoformat() != text:  # ISO 8601 has other forms, too
            raise self.malformed(name, "a date")
        return day

    def instant(self, name: str) -> datetime:
        """An instant in UTC, whole seconds, written with ``Z``."""
        try:
            return datetime.strptime(self.text(name), _INSTANT).replace(tzinfo=UTC)
        except ValueError as error:
            raise self.malformed(name, "an instant in UTC") from error

    def list_of_texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        elements = self.elements(name)
        return tuple(elements.text(index) for index in elements.raw)

    def lists_of_texts(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        elements = self.elements(name)
        return tuple(elements.list_of_texts(index) for index in elements.raw)

    def objects(self, name: str) -> tuple["JsonObject", ...]:
        """A list of objects."""
        elements = self.elements(name)
        return tuple(elements.nested(index) for index in elements.raw)

    def nested(self, name: str) -> "JsonObject":
        """An object inside this one."""
        return self._child(name, self.raw.get(name))

    def elements(self, name: str) -> "JsonObject":
        """A list, as an object whose members are called ``0``, ``1`` and so on."""
        values = self.raw.get(name)
        if not isinstance(values, list):
            raise self.malformed(name, "a list")
        return self._child(name, {str(i): value for i, value in enumerate(values)})

    def malformed(self, name: str, kind: str) -> RapportError:
        """The error for a member that is not of the kind that it should be."""
        return self._error(f"{self._where}: {self._path_of(name)} is not {kind}")

    def _child(self, name: str, value: object) -> "JsonObject":
        return JsonObject(value, self._where, self._error, self._path_of(name))

    def _path_of(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


@dataclass(frozen=True)
class Member:
    """Annotation of a field that the JSON has elsewhere, or in another form.

    Attributes:
        path: names, joined by dots, from the object that the data class is read from.
        renamed: for a data class in this field: the members of some of its fields.
        pairs: for a mapping that the JSON has as a list of objects: the members that
            are key and value.
    """

    path: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[str, str] | None = None


@dataclass(frozen=True)
class _FieldPlan:
    name: str
    type: object
    member: Member
    has_default: bool


def read(
    cls: type[D], members: JsonObject, renamed: Mapping[str, str] = _NOT_RENAMED
) -> D:
    """Reads a data class from a JSON object.

    The type of a field may be a text, a number, a boolean, a date, an instant, a
    literal text or another data class, and a tuple or a mapping of these. A member
    that is null or missing is None where the type allows None, and the default where
    the field has one.

    Args:
        cls: the data class; ``Member`` annotates what the JSON has elsewhere.
        members: the object.
        renamed: the members of some fields, where they differ from the annotations.

    Raises:
        RapportError: the object's own error; names the malformed member.
    """
    values: dict[str, Any] = {}
    for plan in _plan_fields(cls):
        *parents, name = renamed.get(plan.name, plan.member.path).split(".")
        parent = members
        for each in parents:
            parent = parent.nested(each)
        if plan.has_default and parent.raw.get(name) is None:
            continue
        values[plan.name] = (
            _read_value(parent, name, plan.type, plan.member.renamed)
            if plan.member.pairs is None
            else _read_pairs(parent, name, *plan.member.pairs)
        )
    return cls(**values)


def read_tagged(members: JsonObject, tag: str, classes: Mapping[str, type[D]]) -> D:
    """Reads one data class of several; a member of the object says which.

    Args:
        members: the object.
        tag: the name of that member.
        classes: a data class for each of its values.

    Raises:
        RapportError: the object's own error; names the malformed member.
    """
    value = members.text(tag)
    if value not in classes:
        raise members.malformed(tag, f"one of {', '.join(classes)}: {value}")
    return read(classes[value], members)


@cache
def _plan_fields(cls: type["DataclassInstance"]) -> tuple[_FieldPlan, ...]:
    hints = get_type_hints(cls)
    annotated = get_type_hints(cls, include_extras=True)
    return tuple(
        _FieldPlan(
            name=each.name,
            type=hints[each.name],
            member=next(
                (
                    extra
                    for extra in get_args(annotated[each.name])
                    if isinstance(extra, Member)
                ),
                Member(each.name),
            ),
            has_default=each.default is not MISSING
            or each.default_factory is not MISSING,
        )
        for each in fields(cls)
    )


def _read_value(
    members: JsonObject,
    name: str,
    hint: object,
    renamed: Mapping[str, str] = _NOT_RENAMED,
) -> object:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        if members.raw.get(name) is None:
            return None
        (hint,) = (each for each in args if each is not NoneType)
        return _read_value(members, name, hint, renamed)
    if isinstance(hint, type) and is_dataclass(hint):
        return read(hint, members.nested(name), renamed)
    if origin is None:
        return _SCALARS[hint](members, name)
    return _GENERICS[origin](members, name, args)


def _read_tuple(members: JsonObject, name: str, args: tuple[Any, ...]) -> object:
    elements = members.elements(name)
    return tuple(_read_value(elements, index, args[0]) for index in elements.raw)


def _read_mapping(members: JsonObject, name: str, args: tuple[Any, ...]) -> object:
    nested = members.nested(name)
    return {key: _read_value(nested, key, args[1]) for key in nested.raw}


def _read_pairs(members: JsonObject, name: str, key: str, value: str) -> dict[str, str]:
    return {pair.text(key): pair.text(value) for pair in members.objects(name)}


def _read_word(members: JsonObject, name: str, args: tuple[Any, ...]) -> object:
    """A word of a closed list; a newer service may have added one, which is kept."""
    del args
    return members.text(name)


_SCALARS: Mapping[object, Callable[[JsonObject, str], object]] = {
    str: JsonObject.text,
    int: JsonObject.integer,
    float: JsonObject.number,
    bool: JsonObject.flag,
    object: lambda members, name: members.raw[name],  # any JSON, as it came
    date: JsonObject.day,
    datetime: JsonObject.instant,
}
_GENERICS: Mapping[object, Callable[[JsonObject, str, tuple[Any, ...]], object]] = {
    tuple: _read_tuple,
    dict: _read_mapping,
    Mapping: _read_mapping,
    Literal: _read_word,
}


def _reject_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
