"""A whole release: every group's document and what is kept for later waves."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from rapport_service.charter.document import Charter
from rapport_service.disclosure.presentation import Agreement
from rapport_service.disclosure.tiers import presented
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.explanation.score import Shown
from rapport_service.instrument.bank import Instrument
from rapport_service.measure.block import Block
from rapport_service.measure.consensus import consensus
from rapport_service.scoring.allowed import Allowed, allow
from rapport_service.scoring.beside_others import beside_others
from rapport_service.scoring.cycle import Answered, full_cycle
from rapport_service.scoring.document import Occasion, write, write_report
from rapport_service.scoring.figures import figures
from rapport_service.scoring.figures_shown import Companions, shown
from rapport_service.scoring.over_time import Wave, changes, trends
from rapport_service.scoring.pooled import Pooled, pool
from rapport_service.scoring.reliability import report
from rapport_service.scoring.tally import totals


@dataclass(frozen=True)
class TeamRelease:
    """What a release says of one team.

    Attributes:
        document: the score document, as presented to every role.
        figures: what later waves need; None where the team itself is not released.
    """

    document: bytes
    figures: str | None


@dataclass(frozen=True)
class WaveRelease:
    """A whole release.

    Attributes:
        teams: one document a team.
        figures: what all of them borrowed, for later waves.
        reliability: the organization's reliability report; None where the root is not
            released.
    """

    teams: Mapping[UUID, TeamRelease]
    figures: str
    reliability: bytes | None


def release(
    occasion: Occasion,
    charter: Charter,
    instrument: Instrument,
    own: Mapping[UUID, Block],
    past: Sequence[Wave] = (),
    cycle: Iterable[Answered] = (),
) -> WaveRelease:
    """Plans, computes and presents release 1 of a wave.

    Args:
        charter: the tree, N per node and k, as promised.
        own: the statistics of each node's own ballots.
        past: earlier waves with the same instrument, the oldest first.
        cycle: those of them that a reliability report may pool, the newest first.
    """
    tree = Tree(
        Node(str(n.team_id), str(n.parent_id) if n.parent_id else None, n.external_id)
        for n in charter.nodes
    )
    total = totals(instrument, tree, own)
    allowed = allow(tree, own, total, charter.k)
    coarse = allowed.tiers.coarse
    pooled = pool(instrument, total[tree.root] if tree.root in coarse else None)
    now = {
        node: figures(node, total[node], charter.eligible[UUID(node)], allowed, pooled)
        for node in tree
        if node in coarse
    }
    this = Wave(occasion.wave, occasion.window, now)
    found = None
    if tree.root in coarse:
        found = report(instrument, full_cycle(tree, allowed, total, this, cycle))
    told = _told(instrument, total, allowed, pooled, this, past)
    pilot = found is None or not found["checked"]
    return WaveRelease(
        {
            UUID(node): TeamRelease(
                write(occasion, charter, node, given, told, pilot=pilot),
                now[node].dump() if node in now else None,
            )
            for node, given in presented(tree, allowed.tiers).items()
        },
        json.dumps({"instrument": instrument.digest, **asdict(pooled)}),
        None if found is None else write_report(occasion, found),
    )


def _told(
    instrument: Instrument,
    total: Mapping[str, Block],
    allowed: Allowed,
    pooled: Pooled,
    now: Wave,
    past: Sequence[Wave],
) -> dict[str, Shown]:
    """What is shown of each released group."""
    categories = instrument.scale
    changed = changes(now.figures, past, pooled, categories)
    heading = trends(now, past, categories)
    beside = beside_others(now.figures, allowed, categories)
    return {
        node: shown(
            figures,
            Companions(
                changed[node],
                heading.get(node, {}),
                beside.get(node, {}),
                _agreement(total[node], instrument.anchor.id)
                if node in allowed.anchor
                else None,
            ),
            pooled,
            categories,
        )
        for node, figures in now.figures.items()
    }


def _agreement(block: Block, anchor: str) -> Agreement:
    found = consensus(block, anchor)
    clear = found is not None and found.clear
    return "agree" if clear else "no_clear_agreement"
