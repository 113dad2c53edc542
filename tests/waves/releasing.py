"""A tree of seven groups released by the service's rules, and the same by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from rapport_service.charter.document import Charter
from rapport_service.charter.electorate import Node
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT
from rapport_service.measure.series import Window
from rapport_service.scoring.document import Occasion
from rapport_service.scoring.figures import Figures
from rapport_service.scoring.over_time import Wave
from rapport_service.scoring.release import release
from rapport_service.scoring.tally import blocks
from tests.house_under_test import NOON
from tests.waves import by_hand
from tests.waves import by_hand_companions as companions

PARENTS = {
    "root": None,
    "north": "root",
    "a": "north",
    "b": "north",
    "south": "root",
    "c": "south",
    "d": "south",
}
GROUPS = list(PARENTS)
IDS = {group: uuid5(NAMESPACE_DNS, group) for group in GROUPS}
NAMES = {str(team): group for group, team in IDS.items()}

Raw = Mapping[str, Sequence[tuple[int, Sequence[Any]]]]
"""Per group the form and the raw answers of each of its own people."""


def agency_of(raw: Raw, k: int = 5, silent: int = 3) -> by_hand.Agency:
    """The agency as it answered; so many people of each group did not."""
    people = {group: [by_hand.person(*one) for one in raw[group]] for group in GROUPS}
    agency = by_hand.Agency(PARENTS, people, {}, k)
    eligible = {group: len(agency.everybody(group)) + silent for group in GROUPS}
    return by_hand.Agency(PARENTS, people, eligible, k)


def released(
    raw: Raw,
    agency: by_hand.Agency,
    past: Sequence[Wave] = (),
    opens: datetime = NOON,
    contexts: Mapping[str, Sequence[str | None]] | None = None,
) -> tuple[dict[str, dict[str, Any]], Wave]:
    """What the service makes of the same people: documents, and what it keeps."""
    nodes = tuple(
        Node(IDS[group], parent and IDS[parent], group, group)
        for group, parent in PARENTS.items()
    )
    eligible = {IDS[group]: n for group, n in agency.eligible.items()}
    taps = {g: (contexts or {}).get(g, [None] * len(raw[g])) for g in raw}
    answers = [
        (IDS[group], Answers(form, tuple(values), context))
        for group, people in raw.items()
        for (form, values), context in zip(people, taps[group], strict=True)
    ]
    window = Window(opens, opens + timedelta(days=7))
    result = release(
        Occasion("a wave", window),
        Charter(nodes, eligible, agency.k, CURRENT.digest),
        CURRENT,
        blocks(CURRENT, answers),
        past,
    )
    documents = {
        NAMES[str(team)]: json.loads(each.document)
        for team, each in result.teams.items()
    }
    figures = {
        str(team): Figures.load(each.figures)
        for team, each in result.teams.items()
        if each.figures is not None
    }
    return documents, Wave("a wave", window, figures)


def plain(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A document without ids, names, dates and words."""
    kept = {
        name: document[name]
        for name in (
            *("status", "tier", "respondents", "participation", "tipping_point"),
            "constructs",
        )
        if name in document
    }
    if document["status"] in {"released", "rolled_up"}:
        source = document.get("from")
        kept["from"] = source and names[source["id"]]
    return kept


def worked_out(
    agency: by_hand.Agency, before: by_hand.Agency | None = None
) -> dict[str, dict[str, Any]]:
    """Every document by hand: scores, bands, and what stands beside them.

    Args:
        before: the agency in the wave before, if there was one.
    """
    coarse, fine = by_hand.tiers(agency)
    figures = by_hand.figures(agency, coarse)
    pooled = companions.borrowed(agency, coarse, figures)
    documents = by_hand.documents(agency)
    for name in by_hand.CONSTRUCTS:
        others = companions.beside(agency, fine, figures, name)
        for group, document in documents.items():
            if document["status"] == "withheld":
                continue
            source = document["from"] or group
            shown, figure = document["constructs"][name], figures[source][name]
            steadied, standing = others.get(source, (None, None))
            shown |= {
                "interval": companions.interval(
                    *(agency, source, figure, shown, pooled[name]), fine=source in fine
                ),
                "change": before
                and companions.change(source, name, before, agency, pooled[name][0]),
                "trend": None,
                "steadied": steadied,
                "against_organization": standing,
            }
    return documents
