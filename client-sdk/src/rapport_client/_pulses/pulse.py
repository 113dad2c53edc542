"""Builds a pulse: a wave's questions, in the language of a person."""

from rapport_client._pulses.charter import Charter
from rapport_client._pulses.instrument import Instrument
from rapport_client._pulses.promises import build_promises
from rapport_client.models import Option, Pulse, Question, UpcomingPulse


def build_upcoming_pulse(charter: Charter, team_id: str) -> UpcomingPulse:
    """Builds what is known of a wave before it opens; ``team`` is the person's."""
    return UpcomingPulse(
        wave_id=charter.wave_id,
        group=charter.groups[team_id].name,
        opens_at=charter.opens_at,
        closes_at=charter.closes_at,
    )


def build_pulse(
    charter: Charter, instrument: Instrument, team_id: str, form: int, language: str
) -> Pulse:
    """Builds the pulse of a wave for a person.

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
        wave_id=charter.wave_id,
        group=charter.groups[team_id].name,
        pool=charter.pools[charter.key_for(team_id)],
        closes_at=charter.closes_at,
        fingerprint=charter.fingerprint,
        promises=build_promises(charter, team_id, language),
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
