"""Scoring key: turns reversed answers, so that more is better."""

from rapport_service.instrument.answers import Answers, AnswerValue
from rapport_service.instrument.bank import AskedItem, Instrument


def reverse_key(item: AskedItem, raw: int, scale: int) -> int:
    """Return the answer after reverse keying: A + 1 - x for a reversed item.

    Args:
        item: The question.
        raw: x, the answer as ticked, 1..A.
        scale: A, the highest answer.
    """
    return scale + 1 - raw if item.reversed else raw


def key_answers(
    instrument: Instrument, answers: Answers
) -> tuple[AnswerValue | None, ...]:
    """Return one person's answers, keyed, as a row over the whole instrument.

    The order is the anchor, then the items in bank order; None marks an item that the
    form did not show, and "na" and "skip" stay what they are.
    """
    row: dict[str, AnswerValue] = {}
    shown = instrument.items_on_form(answers.form)
    for item, value in zip(shown, answers.values, strict=True):
        row[item.id] = (
            value
            if isinstance(value, str)
            else reverse_key(item, value, instrument.scale)
        )
    return tuple(row.get(item.id) for item in (instrument.anchor, *instrument.items))
