"""Sentences about the effect of an event, and the rules that pick them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from rapport_schemas.enums import EventMethod, EventVerdict, ExclusionReason
from rapport_service.disclosure.rounding import PublishedInterval
from rapport_service.narrative.sentence import (
    Phrase,
    Sentence,
    SentenceTemplate,
    format_day,
)

HIGH_TURNOVER_PERCENT = 20
"""Percent; with more, those who answered later are largely others."""

EVENT_NAMES = {
    "crisis_start": Phrase("the crisis that began on", "la crisis que empezó el"),
    "policy_change": Phrase("the change of policy on", "el cambio de política del"),
    "leadership_change": Phrase(
        "the change of leadership on", "el cambio de dirección del"
    ),
    "staffing_shock": Phrase(
        "the sudden loss of staff on", "la pérdida repentina de personal del"
    ),
    "office_closure": Phrase(
        "the closing of the office on", "el cierre de la oficina del"
    ),
}


CLEAR_P = 0.05
"""Up to this p, other dates do not explain a change."""


class PublishedContrast(TypedDict):
    """A difference of two phases in points, with its 95 % interval where it has one."""

    points: int
    interval: PublishedInterval | None


class PublishedRetention(TypedDict):
    """The share of a gain that was kept in percent, with its interval if it has one."""

    percent: int
    interval: PublishedInterval | None


class EventEffect(TypedDict):
    """Effect of an event on one construct or item, as it is published.

    ``detectable`` is the least gain that would have been clear by now, and
    ``waves_to_detect`` how many more waves it takes for one of 10 points.
    """

    verdict: EventVerdict
    method: EventMethod | None
    accel: PublishedContrast | None
    sustain: PublishedContrast | None
    fade: PublishedContrast | None
    p: float | None
    placebo_dates: int | None
    detectable: int | None
    waves_to_detect: int | None
    retention: PublishedRetention | None
    first_clear_wave: int | None


class EffectSummary(TypedDict):
    """Effect of an event in short: its verdict and three figures."""

    verdict: EventVerdict
    accel: int | None
    sustain: int | None
    retention: int | None
    first_clear_wave: int | None


@dataclass(frozen=True)
class Event:
    """An event in an organization's history, as sentences name it.

    Attributes:
        kind: the kind of the marker that begins it, such as ``crisis_start``.
        start: the day it began.
        end: the day it ended; None where it has not, or never does.
    """

    kind: str
    start: date
    end: date | None

    @property
    def ends(self) -> bool:
        """Whether an event of this kind comes to an end at all."""
        return self.kind == "crisis_start"

    @property
    def name(self) -> Phrase:
        """The event in a sentence, with its date."""
        name, day = EVENT_NAMES[self.kind], format_day(self.start)
        return Phrase(f"{name.en} {day.en}", f"{name.es} {day.es}")

    @property
    def span(self) -> Phrase:
        """The time since the event began, or the time that it took."""
        name = self.name
        if self.end is None:
            return Phrase(f"since {name.en}", f"desde {name.es}")
        return Phrase(f"during {name.en}", f"durante {name.es}")


@dataclass(frozen=True)
class SustainmentContent:
    """The content of a document about a group and an event.

    Attributes:
        event: the event.
        effects: by construct.
        waves_after: how many waves after it were counted.
        waves_needed: how many more it takes at the least; None if no number is enough.
        exploratory: whether a date was declared after results were known.
        crisis_percent: of people who were in crisis, before and during it; None where
            that is not shown.
        turnover: in percent; None where it is not known.
    """

    event: Event
    effects: Mapping[str, EventEffect]
    waves_after: int
    waves_needed: int | None
    exploratory: bool
    crisis_percent: tuple[int | None, int | None]
    turnover: int | None


SUSTAINED = SentenceTemplate(
    "sustained",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, {kept} was still there. The gain was sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, {kept} seguía ahí. La mejora se ha"
    " sostenido.",
)
FADED = SentenceTemplate(
    "faded",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, they lost that gain again. It was not sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, perdieron esa mejora. No se ha sostenido.",
)
ACCELERATED = SentenceTemplate(
    "accelerated",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, they neither clearly kept nor clearly lost that gain. The"
    " answers do not show whether it was sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, ni mantuvieron ni perdieron esa mejora con"
    " claridad. Las respuestas no muestran si se ha sostenido.",
)
NOT_OVER = SentenceTemplate(
    "accelerated_not_over",
    "{span}, trust and communication have risen by about {points} points. The crisis"
    " is not over, so nobody can say yet whether that gain will be sustained.",
    "{span}, la confianza y la comunicación han subido unos {points} puntos. La crisis"
    " no ha terminado, así que nadie puede decir aún si esa mejora se sostendrá.",
)
JUST_OVER = SentenceTemplate(
    "accelerated_just_over",
    "{span}, trust and communication rose by about {points} points. The service needs"
    " {more} to say whether that gain was sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. Para decir"
    " si esa mejora se sostiene, {more}.",
)
WITHOUT_END = SentenceTemplate(
    "accelerated_without_end",
    "{span}, trust and communication have risen by about {points} points. A change"
    " like this has no end, so there is no time after it to compare with.",
    "{span}, la confianza y la comunicación han subido unos {points} puntos. Un cambio"
    " así no tiene fin, así que no hay un tiempo posterior con que comparar.",
)
FELL = SentenceTemplate(
    "fell",
    "Trust and communication were clearly lower {span}, by about {points} points."
    " There was no gain that could be sustained.",
    "La confianza y la comunicación estuvieron claramente más bajas {span}, unos"
    " {points} puntos. No hubo mejora que pudiera sostenerse.",
)
TOO_EARLY = SentenceTemplate(
    "too_early",
    "It is too early to say how trust and communication changed {span}. The service"
    " needs {more}.",
    "Es pronto para saber cómo cambiaron la confianza y la comunicación {span}:"
    " {more}.",
)
TOO_EARLY_NOT_OVER = SentenceTemplate(
    "too_early_not_over",
    "It is too early to say how trust and communication changed {span}. The service"
    " needs {more}, two of them after the crisis is over.",
    "Es pronto para saber cómo cambiaron la confianza y la comunicación {span}:"
    " {more}, dos de ellas cuando la crisis haya terminado.",
)
TOO_EARLY_CHANCE = SentenceTemplate(
    "too_early_chance",
    "Trust and communication show no clear rise {span}, and nobody can rule one out."
    " Fewer than three teams had exact scores in every wave, so nobody can say how many"
    " more waves it takes. Next time it helps if ten people or more answer every wave"
    " in at least three teams.",
    "La confianza y la comunicación no muestran una subida clara {span}, y nadie puede"
    " descartarla. Menos de tres equipos tuvieron puntuaciones exactas en todas las"
    " rondas, así que nadie puede decir cuántas rondas más hacen falta. La próxima vez"
    " ayuda que en al menos tres equipos respondan diez personas o más en cada ronda.",
)
NO_ACCELERATION = SentenceTemplate(
    "no_acceleration_detectable",
    "Trust and communication show no clear rise {span}: it would take {points} points."
    " One of 10 points or more is unlikely.",
    "La confianza y la comunicación no muestran una subida clara {span}: harían falta"
    " {points} puntos. Una de 10 puntos o más es improbable.",
)
UNDECIDED = SentenceTemplate(
    "undecided",
    "Trust and communication show no clear rise yet {span}: so far it would take"
    " {points} points. To tell a rise of 10 points from chance, the service needs"
    " {more}.",
    "La confianza y la comunicación aún no muestran una subida clara {span}: hasta"
    " ahora harían falta {points} puntos. Para distinguir del azar una de 10 puntos,"
    " {more}.",
)
UNTIL_ITS_END = Phrase("{more} before it is over", "{more} antes de que termine")
UNDECIDED_SO_FAR = SentenceTemplate(
    "undecided_so_far",
    "Trust and communication show no clear rise yet {span}: so far it would take"
    " {points} points. One of 10 points may be there. More waves will tell.",
    "La confianza y la comunicación aún no muestran una subida clara {span}: hasta"
    " ahora harían falta {points} puntos. Puede haber una de 10 puntos. Lo dirán más"
    " rondas.",
)
UNDECIDED_FOR_LONG = SentenceTemplate(
    "undecided_for_long",
    "Trust and communication show no clear rise yet {span}: so far it would take"
    " {points} points. One of 10 points may be there, but two more years of waves may"
    " not tell it from chance. Ask the people who were there.",
    "La confianza y la comunicación aún no muestran una subida clara {span}: hasta"
    " ahora harían falta {points} puntos. Puede haber una de 10 puntos, pero puede que"
    " ni dos años más de rondas la distingan del azar. Pregunte a quienes lo vivieron.",
)
UNDECIDED_FOR_GOOD = SentenceTemplate(
    "undecided_for_good",
    "Trust and communication show no clear rise {span}: it would take {points} points."
    " One of 10 points may be there. The crisis is over, so more waves help only a"
    " little. Ask the people who were there.",
    "La confianza y la comunicación no muestran una subida clara {span}: harían falta"
    " {points} puntos. Puede haber una de 10 puntos. La crisis ha terminado, así que"
    " más rondas ayudan solo un poco. Pregunte a quienes la vivieron.",
)
NEVER_TO_TELL = SentenceTemplate(
    "never_to_tell",
    "Nobody can say how trust and communication changed {span}, now or later. Fewer"
    " than two waves could be counted before it, or while it lasted.",
    "Nadie puede decir, ni ahora ni más adelante, cómo cambiaron la confianza y la"
    " comunicación {span}. Se pudieron contar menos de dos rondas antes, o mientras"
    " duraba.",
)

CONSTRUCTS_DIFFER = SentenceTemplate(
    "constructs_differ",
    "Trust and communication did not change in the same way. Look at each of them.",
    "La confianza y la comunicación no cambiaron del mismo modo. Mire cada una.",
)
EXPLORATORY = SentenceTemplate(
    "exploratory",
    "Somebody declared a date when results that it might explain were already known."
    " Take this as a question for next time, not as an answer.",
    "Alguien declaró una fecha cuando ya se conocían resultados que podría explicar."
    " Tome esto como una pregunta para la próxima vez, no como una respuesta.",
)
NOT_FELT = SentenceTemplate(
    "not_felt",
    "People did not call their weeks a crisis more often during it than before. The"
    " dates may not match what they lived through.",
    "Las personas no llamaron crisis a sus semanas más a menudo durante ella que"
    " antes. Puede que las fechas no coincidan con lo que vivieron.",
)
TURNOVER = SentenceTemplate(
    "turnover",
    "The number of people changed from wave to wave, by {percent} percent in all."
    " Scores may have changed in part because other people answered.",
    "El número de personas cambió de ronda en ronda, un {percent} por ciento en total."
    " Las puntuaciones pueden haber cambiado en parte porque respondieron otras"
    " personas.",
)
ROLLED_UP = SentenceTemplate(
    "rolled_up",
    "These results are about {group}, which includes this team. The service cannot"
    " show results of the team alone.",
    "Estos resultados son de {group}, que incluye a este equipo. El servicio no puede"
    " mostrar resultados del equipo solo.",
)
GROUP_HIDDEN = SentenceTemplate(
    "group_hidden",
    "The service cannot show results of this team alone. There are results of a larger"
    " group that it was in, and you cannot see those.",
    "El servicio no puede mostrar resultados de este equipo solo. Hay resultados de un"
    " grupo mayor al que pertenecía, y usted no puede verlos.",
)
WITHHELD = SentenceTemplate(
    "withheld",
    "The service can show nothing of this team, or of a larger group that includes it."
    " It would tell too much about the few people who answered.",
    "El servicio no puede mostrar nada de este equipo, ni de un grupo mayor que lo"
    " incluya. Revelaría demasiado de las pocas personas que respondieron.",
)
PROVISIONAL = SentenceTemplate(
    "provisional",
    "This date is provisional. The service analyses it once an administrator declares"
    " it as confirmed.",
    "Esta fecha es provisional. El servicio la analizará cuando un administrador la"
    " declare confirmada.",
)
OVERLAPPING = SentenceTemplate(
    "overlapping",
    "This overlaps with {earlier}. Nobody can tell the effects of the two apart, so"
    " the service analyses only the earlier one.",
    "Esto coincide con {earlier}. Nadie puede separar los efectos de ambos, así que el"
    " servicio solo analiza lo que empezó antes.",
)
ENDS_NOTHING = SentenceTemplate(
    "ends_nothing",
    "This marks the end of a crisis, but no marker says when that crisis began. Ask"
    " your administrator to declare it.",
    "Esto marca el fin de una crisis, pero ningún hito dice cuándo empezó. Pida a su"
    " administrador que lo declare.",
)
PENDING = SentenceTemplate(
    "pending",
    "The service has not worked this out yet. It does so within minutes, once a wave"
    " that asked this team is sealed.",
    "El servicio aún no ha calculado esto. Lo hará en unos minutos, cuando se selle"
    " una ronda que preguntó a este equipo.",
)


def explain(content: SustainmentContent, rolled_up_to: str | None) -> list[Sentence]:
    """Sentences about an event: the verdict first, then the reasons for caution."""
    sentences = [explain_verdict(content)]
    effects, (before, during) = content.effects, content.crisis_percent
    if effects["trust"]["verdict"] != effects["communication"]["verdict"]:
        sentences.append(CONSTRUCTS_DIFFER())
    if content.exploratory:
        sentences.append(EXPLORATORY())
    if content.event.ends and before is not None and during is not None:
        sentences += [NOT_FELT()] if during <= before else []
    if content.turnover is not None and content.turnover >= HIGH_TURNOVER_PERCENT:
        sentences.append(TURNOVER(percent=content.turnover))
    if rolled_up_to is not None:
        sentences.append(ROLLED_UP(group=rolled_up_to))
    return sentences


def explain_verdict(content: SustainmentContent) -> Sentence:
    """The verdict on trust and communication together: accelerated? sustained?"""
    span, overall = content.event.span, content.effects["overall"]
    accel, retention = overall["accel"], overall["retention"]
    if accel is None:
        return _explain_too_early(content)
    if overall["verdict"] in {"too_early_to_tell", "no_acceleration"}:
        return _explain_no_gain(content.event, overall)
    points = accel["points"]
    if overall["sustain"] is None:
        return _explain_gain_so_far(content, points)
    template = {
        "sustained": SUSTAINED,
        "faded": FADED,
        "accelerated": ACCELERATED,
    }[overall["verdict"]]
    percent = retention["percent"] if retention else 0
    waves = content.waves_after
    return template(span=span, points=points, waves=waves, kept=_kept_phrase(percent))


def explain_exclusion(
    reason: ExclusionReason,
    earlier: Event | None,
) -> Sentence:
    """The reason why a marker is not analysed.

    Args:
        reason: the reason in a word.
        earlier: the event that the marker's own event overlaps with.
    """
    if earlier is not None:
        return OVERLAPPING(earlier=earlier.name)
    return PROVISIONAL() if reason == "provisional" else ENDS_NOTHING()


def _explain_too_early(content: SustainmentContent) -> Sentence:
    span, needed = content.event.span, content.waves_needed
    if needed is None:
        return NEVER_TO_TELL(span=span)
    if content.event.ends and content.event.end is None:
        return TOO_EARLY_NOT_OVER(span=span, more=_more_waves_phrase(needed))
    return TOO_EARLY(span=span, more=_more_waves_phrase(needed))


def _explain_no_gain(event: Event, effect: EventEffect) -> Sentence:
    """No clear gain: how large it would have had to be, and what it takes to tell."""
    span, points, accel = event.span, effect["detectable"], effect["accel"]
    if accel is not None and _is_clear_fall(accel, effect["p"]):
        return FELL(span=span, points=-accel["points"])
    if points is None:
        return TOO_EARLY_CHANCE(span=span)
    if effect["verdict"] == "no_acceleration":
        return NO_ACCELERATION(span=span, points=points)
    return _explain_undecided(event, points, effect["waves_to_detect"])


def _is_clear_fall(accel: PublishedContrast, p: float | None) -> bool:
    if accel["interval"] is not None:
        return accel["interval"]["high"] < 0
    return accel["points"] < 0 and p is not None and p <= CLEAR_P


def _explain_undecided(event: Event, points: int, more: int | None) -> Sentence:
    span = event.span
    if more:
        lasting = UNTIL_ITS_END if event.ends else Phrase("{more}", "{more}")
        needed = lasting.format(more=_more_waves_phrase(more))
        return UNDECIDED(span=span, points=points, more=needed)
    if event.end is not None:
        return UNDECIDED_FOR_GOOD(span=span, points=points)
    template = UNDECIDED_SO_FAR if more == 0 else UNDECIDED_FOR_LONG
    return template(span=span, points=points)


def _explain_gain_so_far(content: SustainmentContent, points: int) -> Sentence:
    """The gain of an event that does not have two waves after it."""
    event = content.event
    if not event.ends:
        return WITHOUT_END(span=event.span, points=points)
    if event.end is None:
        return NOT_OVER(span=event.span, points=points)
    more = _more_waves_phrase(2 - content.waves_after)
    return JUST_OVER(span=event.span, points=points, more=more)


def _kept_phrase(percent: int) -> Phrase:
    if percent >= 90:
        return Phrase("all or nearly all of that", "todo o casi todo eso")
    return Phrase("most of that", "la mayor parte de eso")


def _more_waves_phrase(waves: int) -> Phrase:
    """How many more waves it takes; in Spanish the verb goes with the number."""
    if waves == 1:
        return Phrase("at least one more wave", "hace falta al menos una ronda más")
    return Phrase(
        f"at least {waves} more waves", f"hacen falta al menos {waves} rondas más"
    )
