"""Strict parser of the text that a device froze and submitted.

Anything wrong inside the text ends in one of two exceptions, because a submission with
a valid ballot is held rather than sent back to the device.
"""

import json
import re
from dataclasses import dataclass
from typing import Literal, NoReturn, Self, TypeGuard

from rapport_service.instrument.bank import Instrument

AnswerValue = int | Literal["na", "skip"]
"""A raw answer: 1..A, "does not apply / can't say", or shown but skipped."""

ContentRule = Literal["json", "members", "items", "values", "context", "nonce"]
"""Name of the rule that a text broke; never a part of the text itself."""

_MEMBERS = {"form", "answers", "context", "nonce"}

# 16 bytes are 21 characters of six bits and one whose last four bits must be zero.
_NONCE = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")


class FormUnknown(ValueError):  # noqa: N818 - reads as the reason on the wire
    """The text names no form of this instrument."""


class AnswersInvalid(ValueError):  # noqa: N818 - reads as the reason on the wire
    """The text breaks a rule.

    Attributes:
        rule: Its name.
    """

    def __init__(self, rule: ContentRule) -> None:
        super().__init__(rule)
        self.rule = rule


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

    def dump_values(self) -> str:
        """Return everything but the form as compact JSON: the values, the context."""
        return json.dumps([*self.values, self.context], separators=(",", ":"))

    @classmethod
    def load(cls, form: int, text: str) -> Self:
        """Return the answers that `dump_values` wrote as this text."""
        *values, context = json.loads(text)
        return cls(form, tuple(values), context)


def parse_content(instrument: Instrument, text: bytes) -> Answers:
    """Return the answers in a submitted text.

    Args:
        instrument: The instrument of the wave that the ballot is for.
        text: A JSON object in UTF-8 with exactly the members form, answers, context
            and nonce; answers has exactly the items that the form shows.

    Raises:
        FormUnknown: The form is not the number of one of the instrument's forms.
        AnswersInvalid: Anything else is wrong.
    """
    content = _parse_json(text)
    if not isinstance(content, dict) or content.keys() != _MEMBERS:
        raise AnswersInvalid("members")
    form, answers, context = content["form"], content["answers"], content["context"]
    # `type() is int` because JSON's true is an int to isinstance.
    if type(form) is not int or not 0 <= form < len(instrument.forms):
        raise FormUnknown
    shown = [item.id for item in instrument.items_on_form(form)]
    if not isinstance(answers, dict) or answers.keys() != set(shown):
        raise AnswersInvalid("items")
    values: list[AnswerValue] = []
    for name in shown:
        value = answers[name]
        if not _is_value(value, instrument.scale):
            raise AnswersInvalid("values")
        values.append(value)
    if context is not None and context not in instrument.contexts:
        raise AnswersInvalid("context")
    nonce = content["nonce"]
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise AnswersInvalid("nonce")
    return Answers(form, tuple(values), context)


def _is_value(value: object, scale: int) -> TypeGuard[AnswerValue]:
    if isinstance(value, str):
        return value in {"na", "skip"}
    return type(value) is int and 1 <= value <= scale


def _parse_json(text: bytes) -> object:
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_reject_duplicates,
            parse_constant=_reject_constant,
        )
    # ValueError covers bad UTF-8, bad JSON, both hooks below and integers of more
    # digits than Python converts; RecursionError covers nesting that is too deep.
    except (ValueError, RecursionError):
        raise AnswersInvalid("json") from None


def _reject_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)
