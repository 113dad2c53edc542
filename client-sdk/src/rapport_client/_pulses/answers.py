"""Freezes answers: checks them once and writes the bytes that are sent."""

import json
from collections.abc import Mapping, Sequence

from rapport_client._protocol import base64url
from rapport_client._pulses.instrument import Instrument
from rapport_client.errors import AnswersInvalid
from rapport_client.models import Answer

NONCE_BYTES = 16
_SPECIAL_ANSWERS = ("na", "skip")


def freeze(
    instrument: Instrument,
    form: int,
    answers: Mapping[str, Answer],
    context: str | None,
    nonce: bytes,
) -> bytes:
    """Checks answers and writes the content of a submission.

    The same bytes are sent every time, so they cannot conflict with themselves. The
    nonce prevents guessing the five answers from a digest.

    Args:
        instrument: the questions.
        form: the rotation form that was shown.
        answers: for each question shown, a point of its scale, ``na`` or ``skip``.
        context: an option of the context question, or None.
        nonce: 16 random bytes.

    Raises:
        AnswersInvalid: names the first question whose answer breaks a rule.
    """
    asked = instrument.items_of(form)
    _check_items(asked, answers)
    scale = tuple(instrument.scale)
    for item in asked:
        if not _is_answer(answers[item], scale):
            raise AnswersInvalid(
                item, f"must be {min(scale)} to {max(scale)}, 'na' or 'skip'"
            )
    if context is not None and context not in instrument.context_options:
        options = ", ".join(instrument.context_options)
        raise AnswersInvalid(instrument.context_id, f"must be None or one of {options}")
    content = {
        "form": form,
        "answers": {item: answers[item] for item in asked},
        "context": context,
        "nonce": base64url.encode(nonce),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def _check_items(asked: Sequence[str], answers: Mapping[str, Answer]) -> None:
    missing = [item for item in asked if item not in answers]
    if missing:
        *others, last = missing
        several = f"{', '.join(others)} and {last} have no answer" if others else None
        raise AnswersInvalid(missing[0], "has no answer", several)
    for item in answers:
        if item not in asked:
            raise AnswersInvalid(str(item), "is not a question of this pulse")


def _is_answer(value: object, scale: Sequence[int]) -> bool:
    # True == 1 and 4.0 == 4 in Python, but neither is written as a point of the scale.
    if type(value) is int:
        return value in scale
    return isinstance(value, str) and value in _SPECIAL_ANSWERS
