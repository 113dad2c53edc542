"""Pulses as a person answers them: questions in their language, and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Answer = int | Literal["na", "skip"]
"""An answer to a rating question as it is stored: raw, never reversed."""


@dataclass(frozen=True)
class Option:
    """One possible answer: the value to give back, and its wording."""

    value: int | str
    text: str


@dataclass(frozen=True)
class Question:
    """One question with its possible answers, in the order to show them."""

    id: str
    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class UpcomingPulse:
    """One wave that has not opened yet.

    Attributes:
        wave_id: the wave's public id.
        group: the name of the group that the answers count for.
        opens_at: from when it can be answered.
        closes_at: from when it can no longer be answered.
    """

    wave_id: str
    group: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Pulse:
    """One wave, ready to be answered without a signal.

    Attributes:
        wave_id: the wave's public id.
        group: the name of the group that the answers count for.
        pool: how many people vote under the same key.
        closes_at: from when it can no longer be answered.
        fingerprint: of the charter; colleagues see the same one.
        promises: the charter's sentences about who can see what, for this person. Show
            them before the first question.
        lead_in: the sentence above the questions.
        questions: the rating questions; each needs an answer.
        context: one more question, whose answer may be left out.
    """

    wave_id: str
    group: str
    pool: int
    closes_at: datetime
    fingerprint: str
    promises: tuple[str, ...]
    lead_in: str
    questions: tuple[Question, ...]
    context: Question
