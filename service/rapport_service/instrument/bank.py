"""Question bank: immutable instruments, each named by the digest of its bytes.

An instrument is one JSON document with everything a phone must show, in all its
languages. Its bytes are served unchanged, so a change of a single byte makes a new
instrument: add a file next to the old one, never edit a file that people answered.
"""

import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TypedDict

from rapport_schemas.enums import ItemConstruct
from rapport_service.encoding import base64url


class UnknownInstrument(LookupError):  # noqa: N818 - reads as the fact it states
    """No instrument of this service has the digest asked for."""


@dataclass(frozen=True)
class AskedItem:
    """Rating question.

    Attributes:
        id: Its name in answers, such as `T5R`.
        construct: The one that it measures; the anchor belongs to no construct score.
        reversed: True where a high answer means less of the construct.
    """

    id: str
    construct: ItemConstruct
    reversed: bool


@dataclass(frozen=True)
class Instrument:
    """Questionnaire with its rotation forms.

    Attributes:
        digest: Unpadded base64url SHA-256 of `document`.
        document: The bytes that are served.
        scale: A, the highest answer; answers are the integers 1..A.
        anchor: The item that everyone is shown.
        items: The other items in bank order.
        forms: Per form number, the items shown with the anchor, in display order.
        contexts: The values of the context question, which is never scored.
    """

    digest: str
    document: bytes = field(repr=False)
    scale: int
    anchor: AskedItem
    items: tuple[AskedItem, ...]
    forms: tuple[tuple[AskedItem, ...], ...]
    contexts: tuple[str, ...]

    def items_on_form(self, form: int) -> tuple[AskedItem, ...]:
        """Return the items that a form shows: the anchor, then the form's own."""
        return (self.anchor, *self.forms[form])


class _ScaleDocument(TypedDict):
    max: int


class _ItemDocument(TypedDict):
    id: str
    construct: ItemConstruct
    reversed: bool


class _OptionDocument(TypedDict):
    value: str


class _ContextDocument(TypedDict):
    options: list[_OptionDocument]


class _InstrumentDocument(TypedDict):
    """The members of the JSON document that the service itself reads."""

    scale: _ScaleDocument
    items: list[_ItemDocument]
    forms: list[list[str]]
    context: _ContextDocument


def _parse_instrument(document: bytes) -> Instrument:
    source: _InstrumentDocument = json.loads(document)
    anchor, *items = (
        AskedItem(row["id"], row["construct"], row["reversed"])
        for row in source["items"]
    )
    by_id = {item.id: item for item in items}
    return Instrument(
        digest=base64url.digest(document),
        document=document,
        scale=source["scale"]["max"],
        anchor=anchor,
        items=tuple(items),
        forms=tuple(tuple(by_id[name] for name in form) for form in source["forms"]),
        contexts=tuple(option["value"] for option in source["context"]["options"]),
    )


CURRENT_INSTRUMENT = _parse_instrument(
    files(__package__).joinpath("pulse_1.json").read_bytes()
)
"""The instrument that new waves use."""

_INSTRUMENTS = {CURRENT_INSTRUMENT.digest: CURRENT_INSTRUMENT}


def instrument_by_digest(digest: str) -> Instrument:
    """Return the instrument that has this digest.

    Raises:
        UnknownInstrument: There is none.
    """
    try:
        return _INSTRUMENTS[digest]
    except KeyError:
        raise UnknownInstrument(digest) from None
