"""Asks the questions of a pulse at a terminal, one after another."""

import sys
from typing import cast

from rapport_client.cli.outcome import RefusedError
from rapport_client.cli.printable import printable
from rapport_client.pulses.answers import Answer
from rapport_client.pulses.pulse import Option, Pulse, Question

_LEAVE_OUT = "Number, or Enter to leave it out: "


def ask(pulse: Pulse) -> tuple[dict[str, Answer], str | None]:
    """Asks every question, then whether the answers shall stand.

    Questions go to the standard error, so that the standard output is the outcome
    alone. Nothing is kept before the last question was answered.

    Raises:
        RefusedError: the input ended, or the answers shall not stand.
    """
    asked = len(pulse.questions) + 1
    _say(pulse.lead_in)
    answers = {}
    for number, question in enumerate(pulse.questions, start=1):
        _show(question, f"{number}/{asked}")
        # The options of a rating question are answers: points of the scale, na, skip.
        answers[question.id] = cast(Answer, _choose(question, "Number: ").value)
    _show(pulse.context, f"{asked}/{asked}")
    chosen = _choose_or_none(pulse.context)
    while True:
        match _line("Keep these answers? They cannot be changed. [y/n] ").lower():
            case "y" | "yes":
                return answers, None if chosen is None else str(chosen.value)
            case "n" | "no":
                raise RefusedError("nothing was kept")


def _show(question: Question, position: str) -> None:
    _say(f"\n{position}  {question.text}")
    for number, option in enumerate(question.options, start=1):
        _say(f"  {number}  {option.text}")


def _choose(question: Question, prompt: str) -> Option:
    while True:
        chosen = _option(question, _line(prompt))
        if chosen is not None:
            return chosen


def _choose_or_none(question: Question) -> Option | None:
    while line := _line(_LEAVE_OUT):
        chosen = _option(question, line)
        if chosen is not None:
            return chosen
    return None


def _option(question: Question, line: str) -> Option | None:
    numbered = {str(n): each for n, each in enumerate(question.options, start=1)}
    if line not in numbered:
        _say(f"Please type a number from 1 to {len(numbered)}.")
    return numbered.get(line)


def _line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    # Bytes, because a slip of the keyboard need not be UTF-8.
    line = sys.stdin.buffer.readline()
    if not line:
        raise RefusedError("the input ended before the last question; nothing was kept")
    return line.decode(errors="replace").strip()


def _say(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")
