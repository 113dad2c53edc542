"""A whole release: every group's document and what is kept for later waves."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from rapport_service.charter.document import CharterTerms
from rapport_service.disclosure.tiers import present_groups
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.bank import Instrument
from rapport_service.narrative.score import Agreement, ScoreContent
from rapport_service.releases.scoring.aggregation import aggregate_subtrees
from rapport_service.releases.scoring.comparison import compare_to_organization
from rapport_service.releases.scoring.figures import (
    OrganizationParameters,
    compute_figures,
    estimate_parameters,
)
from rapport_service.releases.scoring.presentation import (
    Comparisons,
    ReleaseContext,
    present,
    write_reliability_report,
    write_score_document,
)
from rapport_service.releases.scoring.release_plan import ReleasePlan, plan_release
from rapport_service.releases.scoring.reliability import (
    AggregatedWave,
    build_reliability_report,
    pool_waves,
)
from rapport_service.releases.scoring.trends import (
    ScoredWave,
    compute_changes,
    compute_trends,
)
from rapport_service.stats.agreement.consensus import consensus
from rapport_service.stats.sufficient_statistics import SufficientStatistics


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


def compute_release(
    context: ReleaseContext,
    charter: CharterTerms,
    instrument: Instrument,
    own: Mapping[UUID, SufficientStatistics],
    past: Sequence[ScoredWave] = (),
    poolable: Iterable[AggregatedWave] = (),
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
    total = aggregate_subtrees(instrument, tree, own)
    allowed = plan_release(tree, own, total, charter.k)
    coarse = allowed.tiers.coarse
    pooled = estimate_parameters(
        instrument, total[tree.root] if tree.root in coarse else None
    )
    now = {
        node: compute_figures(
            node, total[node], charter.eligible[UUID(node)], allowed, pooled
        )
        for node in tree
        if node in coarse
    }
    this = ScoredWave(context.wave, context.window, now)
    found = None
    if tree.root in coarse:
        found = build_reliability_report(
            instrument, pool_waves(tree, allowed, total, this, poolable)
        )
    told = _present_groups(instrument, total, allowed, pooled, this, past)
    pilot = found is None or not found["checked"]
    return WaveRelease(
        {
            UUID(node): TeamRelease(
                write_score_document(context, charter, node, given, told, pilot=pilot),
                now[node].dump() if node in now else None,
            )
            for node, given in present_groups(tree, allowed.tiers).items()
        },
        json.dumps({"instrument": instrument.digest, **asdict(pooled)}),
        None if found is None else write_reliability_report(context, found),
    )


def _present_groups(
    instrument: Instrument,
    total: Mapping[str, SufficientStatistics],
    allowed: ReleasePlan,
    pooled: OrganizationParameters,
    now: ScoredWave,
    past: Sequence[ScoredWave],
) -> dict[str, ScoreContent]:
    """What is shown of each released group."""
    categories = instrument.scale
    changed = compute_changes(now.figures, past, pooled, categories)
    heading = compute_trends(now, past, categories)
    beside = compare_to_organization(now.figures, allowed, categories)
    return {
        node: present(
            figures,
            Comparisons(
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


def _agreement(block: SufficientStatistics, anchor: str) -> Agreement:
    found = consensus(block, anchor)
    clear = found is not None and found.is_clear
    return "agree" if clear else "no_clear_agreement"
