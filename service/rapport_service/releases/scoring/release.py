"""Release of a wave: every group's document, and the figures kept for later waves."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from rapport_schemas.enums import Agreement
from rapport_service.charter.document import CharterTerms
from rapport_service.disclosure.tiers import present_groups
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.bank import Instrument
from rapport_service.narrative.score_figures import ScoreContent
from rapport_service.releases.scoring.aggregation import aggregate_subtrees
from rapport_service.releases.scoring.comparison import compare_to_organization
from rapport_service.releases.scoring.figures import (
    OrganizationParameters,
    compute_figures,
    estimate_parameters,
)
from rapport_service.releases.scoring.levels import (
    OrganizationLevels,
    compute_levels,
    dump_level_variances,
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
from rapport_service.releases.scoring.trends import ScoredWave, compute_trends
from rapport_service.releases.team_release import TeamRelease
from rapport_service.stats.agreement.consensus import consensus
from rapport_service.stats.sufficient_statistics import SufficientStatistics


@dataclass(frozen=True)
class WaveRelease:
    """Release of a whole wave.

    Attributes:
        teams: one document a team.
        figures: the organization's parameters, stored for later waves.
        level_variances: the variances that levels rest on, as they are published.
        reliability: the organization's reliability report; None where the root is not
            released.
    """

    teams: Mapping[UUID, TeamRelease]
    figures: str
    level_variances: str
    reliability: bytes | None


def compute_release(
    context: ReleaseContext,
    charter: CharterTerms,
    instrument: Instrument,
    own: Mapping[UUID, SufficientStatistics],
    past: Sequence[ScoredWave] = (),
    poolable: Iterable[AggregatedWave] = (),
) -> WaveRelease:
    """Plan, compute and present release 1 of a wave.

    Args:
        charter: the tree, N per node and ``min_respondents``, as the charter has them.
        own: the statistics of each node's own ballots.
        past: earlier waves with the same instrument, the oldest first.
        poolable: those of them that a reliability report may pool, the newest first.
    """
    tree = Tree(
        Node(str(n.team_id), str(n.parent_id) if n.parent_id else None, n.external_id)
        for n in charter.nodes
    )
    total = aggregate_subtrees(instrument, tree, own)
    plan = plan_release(tree, own, total, charter.min_respondents)
    coarse = plan.tiers.coarse
    cycle = None
    if tree.root in coarse:
        cycle = pool_waves(tree, plan, total, context.wave_id, poolable)
    parameters = estimate_parameters(
        instrument,
        None if cycle is None else total[tree.root],
        None if cycle is None else cycle.root,
    )
    now = {
        node: compute_figures(
            node, total[node], charter.eligible[UUID(node)], plan, parameters
        )
        for node in tree
        if node in coarse
    }
    wave = ScoredWave(context.wave_id, context.window, now)
    report = None
    if cycle is not None:
        report = build_reliability_report(
            instrument, cycle, [now[leaf] for leaf in plan.leaves]
        )
    levels = compute_levels(wave, past, plan.lowest, instrument.scale)
    contents = _present_groups(
        instrument, total, plan, parameters, levels, wave, past, tree.root
    )
    pilot = report is None or not report["checked"]
    return WaveRelease(
        {
            UUID(node): TeamRelease(
                presented.status,
                write_score_document(
                    context, charter, node, presented, contents, pilot=pilot
                ),
                now[node].dump() if node in now else None,
            )
            for node, presented in present_groups(tree, plan.tiers).items()
        },
        json.dumps({"instrument_digest": instrument.digest, **asdict(parameters)}),
        dump_level_variances(levels.variances),
        None if report is None else write_reliability_report(context, report),
    )


def _present_groups(
    instrument: Instrument,
    total: Mapping[str, SufficientStatistics],
    plan: ReleasePlan,
    parameters: OrganizationParameters,
    levels: OrganizationLevels,
    now: ScoredWave,
    past: Sequence[ScoredWave],
    root: str,
) -> dict[str, ScoreContent]:
    """Return the published content of each released group."""
    categories = instrument.scale
    trends = compute_trends(now, past, root, plan.leaves, categories)
    comparisons = compare_to_organization(levels, plan.leaves)
    return {
        node: present(
            figures,
            Comparisons(
                levels.groups[node],
                trends.get(node, {}),
                comparisons.get(node, {}),
                _agreement(total[node], instrument.anchor.id)
                if node in plan.anchor
                else None,
            ),
            parameters,
            categories,
        )
        for node, figures in now.figures.items()
    }


def _agreement(statistics: SufficientStatistics, anchor: str) -> Agreement:
    agreement = consensus(statistics, anchor)
    is_clear = agreement is not None and agreement.is_clear
    return "agree" if is_clear else "no_clear_agreement"
