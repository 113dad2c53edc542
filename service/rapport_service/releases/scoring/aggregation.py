"""Answers as additive statistics, a block for each group of people."""

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
"""People whose rows are in memory at a time; blocks add up to the same."""


def statistics_layout(instrument: Instrument) -> Layout:
    """The instrument as the statistics see it: constructs, single items, anything."""
    bank = instrument.items
    everything = (instrument.anchor.id, *(item.id for item in bank))
    groups = {
        "trust": tuple(item.id for item in bank if item.construct == "trust"),
        "communication": tuple(
            item.id for item in bank if item.construct == "communication"
        ),
        "overall": tuple(item.id for item in bank),
        "any": everything,
        **{item: (item,) for item in everything},
    }
    return Layout(everything, instrument.scale, groups, instrument.contexts)


def count_shown_items(instrument: Instrument, construct: Construct) -> int:
    """How many of a construct's items one person is shown."""
    return min(
        sum(construct in ("overall", item.construct) for item in form)
        for form in instrument.forms
    )


def aggregate_answers(
    instrument: Instrument, answers: Iterable[tuple[UUID, Answers]]
) -> dict[UUID, SufficientStatistics]:
    """The statistics of each key-holding node's own ballots.

    Answers are read once and in small numbers, so a wave may be of any size.
    """
    shape = statistics_layout(instrument)
    found: dict[UUID, SufficientStatistics] = {}
    rest = iter(answers)
    while some := list(islice(rest, BATCH_SIZE)):
        by_node: dict[UUID, list[Answers]] = defaultdict(list)
        for node, given in some:
            by_node[node].append(given)
        for node, own in by_node.items():
            block = _statistics_of(instrument, shape, own)
            found[node] = found[node] + block if node in found else block
    return found


def empty_statistics(instrument: Instrument) -> SufficientStatistics:
    """The statistics of no one."""
    return _statistics_of(instrument, statistics_layout(instrument), [])


def aggregate_subtrees(
    instrument: Instrument, tree: Tree, own: Mapping[UUID, SufficientStatistics]
) -> dict[str, SufficientStatistics]:
    """The statistics of everybody at each node or below it."""
    none = empty_statistics(instrument)
    found: dict[str, SufficientStatistics] = {}
    for node in reversed(tree.subtree(tree.root)):
        below = (found[child] for child in tree.children(node))
        found[node] = reduce(add, below, own.get(UUID(node), none))
    return found


def _statistics_of(
    instrument: Instrument, shape: Layout, given: Sequence[Answers]
) -> SufficientStatistics:
    return SufficientStatistics.from_rows(
        shape,
        shape.encode(key_answers(instrument, one) for one in given),
        [one.context for one in given],
    )
