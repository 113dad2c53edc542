"""How an event in an organization's history is spoken of."""

from dataclasses import dataclass
from datetime import date

from rapport_service.narrative.sentence import Phrase

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

MONTHS = (
    *(("January", "enero"), ("February", "febrero"), ("March", "marzo")),
    *(("April", "abril"), ("May", "mayo"), ("June", "junio"), ("July", "julio")),
    *(("August", "agosto"), ("September", "septiembre"), ("October", "octubre")),
    *(("November", "noviembre"), ("December", "diciembre")),
)


@dataclass(frozen=True)
class Event:
    """What is spoken of.

    Attributes:
        kind: of the marker that begins it, such as ``crisis_start``.
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
        """The time in which something happened because of it, or not."""
        name = self.name
        if self.end is None:
            return Phrase(f"since {name.en}", f"desde {name.es}")
        return Phrase(f"during {name.en}", f"durante {name.es}")


def format_day(day: date) -> Phrase:
    """A date as people say it."""
    en, es = MONTHS[day.month - 1]
    return Phrase(f"{day.day} {en} {day.year}", f"{day.day} de {es} de {day.year}")
