"""Prompts: the questions of a pulse at a terminal, one after another."""

import sys
from textwrap import fill
from typing import cast

from rapport_client._cli import messages
from rapport_client._cli.outcome import RefusedError, escape_control_characters
from rapport_client.models import (
    Answer,
    Option,
    Pulse,
    Question,
)


def ask_questions(pulse: Pulse, language: str) -> tuple[dict[str, Answer], str | None]:
    """Shows who can see what, asks every question, then whether to keep the answers.

    What is typed for an option is what a file of answers has for it.

    Questions go to the standard error, so that the standard output has only the
    outcome. No answer is kept before the last question was answered.

    Args:
        pulse: its questions, in the person's language.
        language: of the text around them.

    Raises:
        RefusedError: the input ended, or the person did not keep the answers.
    """
    total = len(pulse.questions) + 1
    for promise in pulse.promises:
        _print(fill(promise, 78, initial_indent="* ", subsequent_indent="  "))
    _print(f"\n{pulse.lead_in}")
    answers = {}
    for number, question in enumerate(pulse.questions, start=1):
        _print_question(question, f"{number}/{total}")
        # The options of a rating question are answers: points of the scale, na, skip.
        answers[question.id] = cast(Answer, _choose(question, language).value)
    _print_question(pulse.context, f"{total}/{total}")
    chosen = _choose_or_none(pulse.context, language)
    if not _confirm(language):
        raise RefusedError(messages.NOT_KEPT)
    return answers, None if chosen is None else str(chosen.value)


def _confirm(language: str) -> bool:
    yes = messages.YES.in_language(language).split()
    no = messages.NO.in_language(language).split()
    while True:
        line = _read_line(messages.KEEP_THESE.in_language(language)).lower()
        if line in {*yes, *no}:
            return line in yes


def _print_question(question: Question, position: str) -> None:
    _print(f"\n{position}  {question.text}")
    width = max(len(str(option.value)) for option in question.options)
    for option in question.options:
        _print(f"  {option.value!s:<{width}}  {option.text}")


def _choose(question: Question, language: str) -> Option:
    while True:
        line = _read_line(messages.CHOICE.in_language(language))
        chosen = _parse_choice(question, line, language)
        if chosen is not None:
            return chosen


def _choose_or_none(question: Question, language: str) -> Option | None:
    while line := _read_line(messages.CHOICE_OR_NONE.in_language(language)):
        chosen = _parse_choice(question, line, language)
        if chosen is not None:
            return chosen
    return None


def _parse_choice(question: Question, line: str, language: str) -> Option | None:
    """The option whose value a line has, or begins like no other's; else None."""
    named = {str(each.value): each for each in question.options}
    typed = line.lower()
    chosen = [value for value in named if typed and value.startswith(typed)]
    if typed in named:
        return named[typed]
    if len(chosen) == 1:
        return named[chosen[0]]
    _print(messages.CHOOSE_ONE_OF.in_language(language).format(", ".join(named)))
    return None


def _read_line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    # Bytes, because a typing mistake need not be UTF-8.
    line = sys.stdin.buffer.readline()
    if not line:
        raise RefusedError(messages.INPUT_ENDED)
    return line.decode(errors="replace").strip()


def _print(text: str) -> None:
    sys.stderr.write(f"{escape_control_characters(text)}\n")
