"""Checks answers once, and writes the plaintext that goes into an envelope."""

import json
from collections.abc import Mapping, Sequence

from rapport_client._ballots.envelope import PLAINTEXT_BYTES
from rapport_client._pulses.instrument import Instrument
from rapport_client.errors import AnswersInvalid, InstrumentRefused
from rapport_client.models import Answer

_SPECIAL_ANSWERS = ("na", "skip")


def write_plaintext(
    instrument: Instrument,
    form: int,
    answers: Mapping[str, Answer],
    context: str | None,
) -> bytes:
    """Checks answers and writes them in the one form that the service counts.

    That is JSON without white space, members and questions in this order, padded with
    spaces at the end.

    Args:
        instrument: the questions.
        form: the rotation form that was shown.
        answers: for each question shown, a point of its scale, ``na`` or ``skip``.
        context: an option of the context question, or None.

    Raises:
        AnswersInvalid: names the first question whose answer breaks a rule.
        InstrumentRefused: the answers to these questions do not fit an envelope.
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
    document = {
        "form": form,
        "answers": {item: answers[item] for item in asked},
        "context": context,
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    if len(text) > PLAINTEXT_BYTES:
        raise InstrumentRefused("the answers to these questions do not fit an envelope")
    return text.ljust(PLAINTEXT_BYTES)


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
