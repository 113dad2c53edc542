"""A tree of seven groups released by the service's rules, and the same by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from rapport_service.charter.document import CharterTerms
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.releases.scoring.aggregation import aggregate_answers
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.levels import load_level_variances
from rapport_service.releases.scoring.presentation import ReleaseContext
from rapport_service.releases.scoring.release import compute_release
from rapport_service.releases.scoring.trends import ScoredWave
from rapport_service.stats.trend import Window
from tests.releases import hand_calculation
from tests.releases import hand_comparisons as companions
from tests.support.service import NOON

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

BY_HAND = ("score", "bound", "interval", "favourable", "trend")
"""Members of a figure that are worked out by hand."""

Raw = Mapping[str, Sequence[tuple[int, Sequence[Any]]]]
"""Per group the form and the raw answers of each of its own people."""


def agency_of(raw: Raw, k: int = 5, silent: int = 3) -> hand_calculation.AnsweredAgency:
    """The agency as it answered; so many people of each group did not."""
    people = {
        group: [hand_calculation.person(*answer) for answer in raw[group]]
        for group in GROUPS
    }
    agency = hand_calculation.AnsweredAgency(PARENTS, people, {}, k)
    eligible = {group: len(agency.everybody(group)) + silent for group in GROUPS}
    return hand_calculation.AnsweredAgency(PARENTS, people, eligible, k)


def release_documents(
    raw: Raw,
    agency: hand_calculation.AnsweredAgency,
    past: Sequence[ScoredWave] = (),
    opens: datetime = NOON,
    contexts: Mapping[str, Sequence[str | None]] | None = None,
) -> tuple[dict[str, dict[str, Any]], ScoredWave]:
    """The service's release of the same people: documents, and stored figures."""
    nodes = tuple(
        TeamNode(IDS[group], parent and IDS[parent], group, group)
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
    result = compute_release(
        ReleaseContext("a wave", window),
        CharterTerms(nodes, eligible, agency.k, CURRENT_INSTRUMENT.digest, "{}"),
        CURRENT_INSTRUMENT,
        aggregate_answers(CURRENT_INSTRUMENT, answers),
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
    variances = load_level_variances(result.level_variances)
    return documents, ScoredWave("a wave", window, figures, variances)


def plain(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A document without ids, names, dates and words, and without comparisons.

    What a figure is compared with - levels, changes, other teams - is a function of
    documents, which tests/privacy/test_levels_of_documents.py computes anew.
    """
    kept = {
        name: document[name]
        for name in (
            *("status", "tier", "respondents", "participation", "tipping_point"),
            "constructs",
        )
        if name in document
    }
    if "constructs" in kept:
        kept["constructs"] = {
            name: {member: figure[member] for member in BY_HAND}
            for name, figure in kept["constructs"].items()
        }
    if document["status"] in {"released", "rolled_up"}:
        source = document.get("source_team")
        kept["source_team"] = source and names[source["id"]]
    return kept


def documents_by_hand(
    agency: hand_calculation.AnsweredAgency,
) -> dict[str, dict[str, Any]]:
    """Every document of a first wave by hand: scores, bands and intervals."""
    coarse, fine = hand_calculation.tiers(agency)
    figures = hand_calculation.figures(agency, coarse)
    pooled = companions.borrowed_figures(agency, coarse, figures)
    documents = hand_calculation.documents(agency)
    for name in hand_calculation.CONSTRUCTS:
        for group, document in documents.items():
            if document["status"] == "withheld":
                continue
            source = document["source_team"] or group
            shown, figure = document["constructs"][name], figures[source][name]
            shown |= {
                "interval": companions.interval(
                    *(agency, source, figure, shown, document, pooled[name]),
                    fine=source in fine,
                ),
                "trend": None,
            }
    return documents
