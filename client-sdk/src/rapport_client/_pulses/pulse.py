"""What a person sees of a wave: its questions, in their language."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client._pulses.charter import Charter
from rapport_client._pulses.instrument import Instrument


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
class Pulse:
    """One wave, ready to be answered without a signal.

    Attributes:
        wave: the wave's public id.
        group: the name of the group that the answers count for.
        pool: how many people vote under the same key.
        closes_at: from when it can no longer be answered.
        fingerprint: of the charter; colleagues see the same one.
        lead_in: the sentence above the questions.
        questions: the rating questions; each needs an answer.
        context: one more question, whose answer may be left out.
    """

    wave: str
    group: str
    pool: int
    closes_at: datetime
    fingerprint: str
    lead_in: str
    questions: tuple[Question, ...]
    context: Question


def build_pulse(
    charter: Charter, instrument: Instrument, team: str, form: int, language: str
) -> Pulse:
    """Words a wave for a person.

    Args:
        charter: of the wave.
        instrument: of the charter.
        team: the id of the person's group.
        form: the rotation form that the device drew.
        language: such as ``en`` or ``es``; English where a text was not translated.
    """
    ratings = (
        *(
            Option(value, text.in_language(language))
            for value, text in instrument.scale.items()
        ),
        Option("na", instrument.na.in_language(language)),
        Option("skip", instrument.skip.in_language(language)),
    )
    return Pulse(
        wave=charter.wave,
        group=charter.groups[team].name,
        pool=charter.pools[charter.key_for(team)],
        closes_at=charter.closes_at,
        fingerprint=charter.fingerprint,
        lead_in=instrument.lead_in.in_language(language),
        questions=tuple(
            Question(item, instrument.items[item].in_language(language), ratings)
            for item in instrument.items_of(form)
        ),
        context=Question(
            instrument.context_id,
            instrument.context.in_language(language),
            tuple(
                Option(value, text.in_language(language))
                for value, text in instrument.context_options.items()
            ),
        ),
    )
