"""Aggregation of answers: sufficient statistics of each group of people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import add
from uuid import UUID

from rapport_service.disclosure.rounding import Construct
from rapport_service.disclosure.tree import Tree
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import Instrument
from rapport_service.instrument.key import key_answers
from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics

BATCH_SIZE = 10_000
"""People whose rows are in memory at a time; the sums do not depend on it."""


def statistics_layout(instrument: Instrument) -> Layout:
    """Return the layout of an instrument: constructs, single items, any item."""
    bank = instrument.items
    all_items = (instrument.anchor.id, *(item.id for item in bank))
    groups = {
        "trust": tuple(item.id for item in bank if item.construct == "trust"),
        "communication": tuple(
            item.id for item in bank if item.construct == "communication"
        ),
        "overall": tuple(item.id for item in bank),
        "any": all_items,
        **{item: (item,) for item in all_items},
    }
    return Layout(all_items, instrument.scale, groups, instrument.contexts)


def count_shown_items(instrument: Instrument, construct: Construct) -> int:
    """Count the items of a construct that one person is shown."""
    return min(
        sum(construct in ("overall", item.construct) for item in form)
        for form in instrument.forms
    )


def aggregate_answers(
    instrument: Instrument, answers: Iterable[tuple[UUID, Answers]]
) -> dict[UUID, SufficientStatistics]:
    """Return the statistics of each key-holding node's own ballots.

    Answers are read once and in small numbers, so a wave may be of any size.
    """
    layout = statistics_layout(instrument)
    totals: dict[UUID, SufficientStatistics] = {}
    remaining = iter(answers)
    while batch := list(islice(remaining, BATCH_SIZE)):
        by_node: dict[UUID, list[Answers]] = defaultdict(list)
        for node, person in batch:
            by_node[node].append(person)
        for node, people in by_node.items():
            statistics = _statistics_of(instrument, layout, people)
            totals[node] = totals[node] + statistics if node in totals else statistics
    return totals


def empty_statistics(instrument: Instrument) -> SufficientStatistics:
    """Return the statistics of an empty group."""
    return _statistics_of(instrument, statistics_layout(instrument), [])


def aggregate_subtrees(
    instrument: Instrument, tree: Tree, own: Mapping[UUID, SufficientStatistics]
) -> dict[str, SufficientStatistics]:
    """Return the statistics of all people at each node or below it."""
    empty = empty_statistics(instrument)
    totals: dict[str, SufficientStatistics] = {}
    for node in reversed(tree.subtree(tree.root)):
        below = (totals[child] for child in tree.children(node))
        totals[node] = reduce(add, below, own.get(UUID(node), empty))
    return totals


def _statistics_of(
    instrument: Instrument, layout: Layout, people: Sequence[Answers]
) -> SufficientStatistics:
    return SufficientStatistics.from_rows(
        layout,
        layout.encode(key_answers(instrument, person) for person in people),
        [person.context for person in people],
    )
