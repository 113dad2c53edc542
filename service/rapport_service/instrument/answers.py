"""Answers of one person, and the one byte form in which they lie in an envelope."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeGuard

from rapport_schemas.enums import PLAINTEXT_BYTES
from rapport_schemas.errors import ErrorCode, FieldError, join_pointer
from rapport_service.instrument.bank import Instrument

AnswerValue = int | Literal["na", "skip"]
"""A raw answer: 1..A, "does not apply / can't say", or shown but skipped."""

_MEMBERS = ("form", "answers", "context")


class AnswersInvalid(ValueError):  # noqa: N818 - reads as the fact it states
    """A plaintext breaks rules.

    Attributes:
        errors: Each rule, and where; no detail ever quotes the plaintext.
    """

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors


@dataclass(frozen=True)
class Answers:
    """Answers of one person in one wave, before keying.

    Attributes:
        form: The number of the rotation form.
        values: The answer to the anchor, then to the form's items in display order.
        context: The answer to the context question, or None.
    """

    form: int
    values: tuple[AnswerValue, ...]
    context: str | None

    @property
    def has_point(self) -> bool:
        """Whether any question was answered with a point of the scale."""
        return any(isinstance(value, int) for value in self.values)

    def plaintext(self, instrument: Instrument) -> bytes:
        """Return the bytes to seal: compact JSON, padded with spaces to 256 bytes."""
        names = (item.id for item in instrument.items_on_form(self.form))
        answers = dict(zip(names, self.values, strict=True))
        members = (self.form, answers, self.context)
        return _dump(dict(zip(_MEMBERS, members, strict=True))).ljust(PLAINTEXT_BYTES)

    def dump_values(self) -> str:
        """Return everything but the form as compact JSON: the values, the context."""
        return json.dumps([*self.values, self.context], separators=(",", ":"))

    @classmethod
    def load(cls, form: int, text: str) -> Self:
        """Return the answers that `dump_values` wrote as this text."""
        *values, context = json.loads(text)
        return cls(form, tuple(values), context)


def parse_plaintext(instrument: Instrument, plaintext: bytes) -> Answers:
    """Return the answers in an opened envelope.

    Args:
        instrument: The instrument of the wave that the ballot is for.
        plaintext: Exactly the bytes that `Answers.plaintext` writes: who may choose
            the spelling could sign their answers with it.

    Raises:
        AnswersInvalid: Anything is wrong.
    """
    content = _parse_object(plaintext)
    if errors := tuple(_find_errors(instrument, content)):
        raise AnswersInvalid(*errors)
    form = content["form"]
    given = content["answers"]
    values = tuple(given[item.id] for item in instrument.items_on_form(form))
    answers = Answers(form, values, content["context"])
    if answers.plaintext(instrument) != plaintext:
        raise AnswersInvalid(
            FieldError(
                "",
                ErrorCode.WRONG_FORMAT,
                "must be compact JSON with members and items in the order of the form, "
                f"padded with spaces to {PLAINTEXT_BYTES} bytes",
            )
        )
    return answers


def _parse_object(plaintext: bytes) -> dict[str, Any]:
    try:
        content = json.loads(plaintext.decode())
    # ValueError covers bad UTF-8, bad JSON and integers of more digits than Python
    # converts; RecursionError covers nesting that is too deep.
    except (ValueError, RecursionError):
        raise AnswersInvalid(
            FieldError("", ErrorCode.WRONG_FORMAT, "must be JSON in UTF-8")
        ) from None
    if not isinstance(content, dict):
        raise AnswersInvalid(FieldError("", ErrorCode.WRONG_TYPE, "must be an object"))
    return content


def _find_errors(
    instrument: Instrument, content: Mapping[str, object]
) -> Iterator[FieldError]:
    yield from _compare_names(_MEMBERS, content)
    if "context" in content and content["context"] not in (None, *instrument.contexts):
        words = ", ".join(instrument.contexts)
        yield _not_in_list(f"{words} or null", "context")
    form = content.get("form")
    # `type() is int` because JSON's true is an int to isinstance.
    if type(form) is int and 0 <= form < len(instrument.forms):
        yield from _find_answer_errors(instrument, form, content.get("answers"))
    elif "form" in content:
        yield FieldError(
            join_pointer("form"),
            ErrorCode.OUT_OF_RANGE,
            f"must be a whole number from 0 to {len(instrument.forms) - 1}",
        )


def _find_answer_errors(
    instrument: Instrument, form: int, answers: object
) -> Iterator[FieldError]:
    if not isinstance(answers, dict):
        yield FieldError(
            join_pointer("answers"), ErrorCode.WRONG_TYPE, "must be an object"
        )
        return
    shown = tuple(item.id for item in instrument.items_on_form(form))
    yield from _compare_names(shown, answers, "answers")
    for name in shown:
        if name in answers and not _is_value(answers[name], instrument.scale):
            yield _not_in_list(f"1 to {instrument.scale}, na, skip", "answers", name)


def _compare_names(
    names: tuple[str, ...], given: Mapping[str, object], *tokens: str
) -> Iterator[FieldError]:
    for name in names:
        if name not in given:
            pointer = join_pointer(*tokens, name)
            yield FieldError(pointer, ErrorCode.MISSING, "is missing")
    for name in given:
        if name not in names:
            pointer = join_pointer(*tokens, name)
            yield FieldError(pointer, ErrorCode.UNKNOWN_FIELD, "is not known here")


def _not_in_list(words: str, *tokens: str) -> FieldError:
    return FieldError(
        join_pointer(*tokens), ErrorCode.NOT_IN_LIST, f"must be one of {words}"
    )


def _is_value(value: object, scale: int) -> TypeGuard[AnswerValue]:
    if isinstance(value, str):
        return value in {"na", "skip"}
    return type(value) is int and 1 <= value <= scale


def _dump(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
