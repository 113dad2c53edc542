"""The instrument of a wave: its questions, their wording and its rotation forms."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client._wording import FALLBACK_LANGUAGE, Wording
from rapport_client.errors import InstrumentRefused

_NOT_LANGUAGES = frozenset({"id", "construct", "value"})


@dataclass(frozen=True)
class Instrument:
    """The questions of a wave, in all languages.

    Attributes:
        lead_in: the sentence above the rating questions.
        scale: the answers to a rating question and their wording, lowest first.
        na: the wording of "does not apply".
        skip: the wording of "skip".
        items: the wording of every rating item, by id.
        anchor: the id of the item that all people are asked.
        context: the wording of the question about the last two weeks.
        context_id: its id.
        context_options: its answers and their wording.
        forms: the item ids that each rotation form adds to the anchor.
    """

    lead_in: Wording
    scale: Mapping[int, Wording]
    na: Wording
    skip: Wording
    items: Mapping[str, Wording]
    anchor: str
    context: Wording
    context_id: str
    context_options: Mapping[str, Wording]
    forms: tuple[tuple[str, ...], ...]

    def items_of(self, form: int) -> tuple[str, ...]:
        """The ids of the rating items that a form asks, the anchor first."""
        return (self.anchor, *self.forms[form])


def parse_instrument(body: bytes, digest: str) -> Instrument:
    """Reads an instrument whose digest the charter states.

    Raises:
        InstrumentRefused: names the check that failed.
    """
    if base64url.digest(body) != digest:
        raise InstrumentRefused("the questions are not those that the charter names")
    members = JsonObject.from_json(body, "the questions", InstrumentRefused)
    items = members.objects("items")
    context = members.nested("context")
    instrument = Instrument(
        lead_in=_read_wording(members.nested("lead_in")),
        scale={
            option.integer("value"): _read_wording(option)
            for option in members.objects("options")
        },
        na=_read_wording(members.nested("na")),
        skip=_read_wording(members.nested("skip")),
        items={item.text("id"): _read_wording(item) for item in items},
        anchor=_find_anchor(items),
        context=_read_wording(context),
        context_id=context.text("id"),
        context_options={
            option.text("value"): _read_wording(option)
            for option in context.objects("options")
        },
        forms=members.lists_of_texts("forms"),
    )
    _check_forms(instrument)
    return instrument


def _find_anchor(items: tuple[JsonObject, ...]) -> str:
    anchors = [item.text("id") for item in items if item.text("construct") == "anchor"]
    if len(anchors) != 1:
        raise InstrumentRefused("the questions have no single anchor")
    return anchors[0]


def _check_forms(instrument: Instrument) -> None:
    if not instrument.forms:
        raise InstrumentRefused("the questions have no forms")
    for form in range(len(instrument.forms)):
        asked = instrument.items_of(form)
        if len(set(asked)) != len(asked) or not set(asked) <= instrument.items.keys():
            raise InstrumentRefused(f"form {form} asks an item twice, or no item")


def _read_wording(members: JsonObject) -> Wording:
    members.text(FALLBACK_LANGUAGE)
    return Wording(
        {
            name: members.text(name)
            for name, value in members.raw.items()
            if isinstance(value, str) and name not in _NOT_LANGUAGES
        }
    )
