"""A whole release: every group's document and what is kept for later waves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from rapport_service.charter.document import Charter
from rapport_service.disclosure.presentation import Agreement
from rapport_service.disclosure.tiers import presented
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.bank import Instrument
from rapport_service.measure.block import Block
from rapport_service.measure.consensus import consensus
from rapport_service.scoring.allowed import allow
from rapport_service.scoring.beside_others import beside_others
from rapport_service.scoring.document import Occasion, write
from rapport_service.scoring.figures import figures
from rapport_service.scoring.figures_shown import Companions, shown
from rapport_service.scoring.over_time import Wave, changes, trends
from rapport_service.scoring.pooled import pool
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
    """A whole release: one document a team, and what all of them borrowed."""

    teams: Mapping[UUID, TeamRelease]
    figures: str


def release(
    occasion: Occasion,
    charter: Charter,
    instrument: Instrument,
    own: Mapping[UUID, Block],
    past: Sequence[Wave] = (),
) -> WaveRelease:
    """Plans, computes and presents release 1 of a wave.

    Args:
        charter: the tree, N per node and k, as promised.
        own: the statistics of each node's own ballots.
        past: earlier waves with the same instrument, the oldest first.
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
    changed = changes(now, past, pooled, instrument.scale)
    heading = trends(Wave(occasion.window, now), past, instrument.scale)
    beside = beside_others(now, allowed, instrument.scale)
    told = {
        node: shown(
            one,
            Companions(
                changed[node],
                heading.get(node, {}),
                beside.get(node, {}),
                _agreement(total[node], instrument.anchor.id)
                if node in allowed.anchor
                else None,
            ),
            pooled,
            instrument.scale,
        )
        for node, one in now.items()
    }
    return WaveRelease(
        {
            UUID(node): TeamRelease(
                write(occasion, charter, node, given, told),
                now[node].dump() if node in now else None,
            )
            for node, given in presented(tree, allowed.tiers).items()
        },
        json.dumps({"instrument": instrument.digest, **asdict(pooled)}),
    )


def _agreement(block: Block, anchor: str) -> Agreement:
    """Whether a group agrees on the anchor by both indices, each beyond chance."""
    found = consensus(block, anchor)
    agreed = found is not None and found.by_r_wg and found.by_ad
    return "agree" if agreed else "no_clear_agreement"
