"""Findings: the documents about markers, made from an organization's history.

A document is the same for every role, and depends on the history alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from rapport_service.charter.document import team_reference
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative import sustainment
from rapport_service.narrative.sustainment import WITHHELD, Event
from rapport_service.stats.event_phases import Episode
from rapport_service.sustainment.analysis.assessment import (
    INGREDIENTS,
    PHASES,
    STRATEGIES,
    EpisodeAssessment,
    NoiseCache,
    assess_episode,
)
from rapport_service.sustainment.analysis.eligibility import MarkerCase, marker_cases
from rapport_service.sustainment.analysis.history import DeclaredMarker, History


@dataclass(frozen=True)
class TeamFinding:
    """A team's document about a marker, and what identifies it.

    Attributes:
        marker: the marker's id.
        ended_by: the id of the marker that ends what it began; None where none does.
        analysed: whether it was analysed, or else excluded for a reason.
        document: without its version.
    """

    marker: UUID
    ended_by: UUID | None
    analysed: bool
    document: Mapping[str, object]


@dataclass
class Findings:
    """All findings of one history; a group is assessed once for all teams below it."""

    history: History
    _assessments: dict[tuple[UUID, Episode], EpisodeAssessment | None] = field(
        default_factory=dict
    )
    _noises: NoiseCache = field(default_factory=dict)

    def of(self, team: UUID) -> Iterator[TeamFinding]:
        """The findings of a team, marker by marker."""
        for case in marker_cases(self.history.active_markers_of(team)):
            end = case.episode.end if case.episode else None
            yield TeamFinding(
                UUID(case.marker.marker_id),
                UUID(end.marker_id) if end else None,
                case.reason is None,
                self._document(team, case),
            )

    def _document(self, team: UUID, case: MarkerCase) -> Mapping[str, object]:
        node = self.history.nodes[team]
        head = {"team": team_reference(node), "markers": _describe_markers(case)}
        if case.reason is not None:
            earlier = _named_event(case.earlier) if case.earlier else None
            return {
                "status": "not_analysed",
                **head,
                "reason": case.reason,
                "explanation": [sustainment.explain_exclusion(case.reason, earlier)],
            }
        nearest = self._nearest(team, case.episode) if case.episode else None
        if nearest is None:
            return {"status": "withheld", **head, "explanation": [WITHHELD()]}
        own = nearest.node.team_id == team
        return {
            "status": "released" if own else "rolled_up",
            **head,
            **({} if own else {"source_team": team_reference(nearest.node)}),
            **_assessment_figures(nearest),
            "explanation": sustainment.explain(
                _sustainment_content(nearest), None if own else nearest.node.name
            ),
        }

    def _nearest(self, team: UUID, episode: Episode) -> EpisodeAssessment | None:
        """The nearest group with enough waves, else the nearest with any."""
        assessments = [
            self._assess(node, episode)
            for node in self.history.self_and_ancestors(team)
        ]
        published = [group for group in assessments if group and group.published]
        testable = [group for group in published if group.is_testable]
        return next(iter(testable or published), None)

    def _assess(self, node: TeamNode, episode: Episode) -> EpisodeAssessment | None:
        key = node.team_id, episode
        if key not in self._assessments:
            self._assessments[key] = assess_episode(
                self.history, node, episode, self._noises
            )
        return self._assessments[key]


def _sustainment_content(
    assessment: EpisodeAssessment,
) -> sustainment.SustainmentContent:
    before, during = (
        assessment.phase(phase)["crisis_percent"] for phase in ("before", "during")
    )
    return sustainment.SustainmentContent(
        event=_named_event(assessment.episode),
        effects=assessment.constructs,
        waves_after=assessment.waves_by_phase["after"],
        waves_needed=assessment.waves_needed,
        exploratory=assessment.exploratory,
        crisis_percent=(before, during),
        turnover=assessment.turnover,
    )


def _named_event(episode: Episode) -> Event:
    start, end = _declared_markers(episode)
    return Event(start.kind, start.effective_on, end.effective_on if end else None)


def _declared_markers(episode: Episode) -> tuple[DeclaredMarker, DeclaredMarker | None]:
    """An episode's markers as they were declared; a history holds no others."""
    return cast("DeclaredMarker", episode.start), cast(
        "DeclaredMarker | None", episode.end
    )


def _assessment_figures(assessment: EpisodeAssessment) -> dict[str, object]:
    return {
        "exploratory": assessment.exploratory,
        "waves_needed": 0 if assessment.is_testable else assessment.waves_needed,
        "constructs": assessment.constructs,
        "ingredients": assessment.items(INGREDIENTS),
        "strategies": assessment.items(STRATEGIES),
        "phases": {phase: assessment.phase(phase) for phase in PHASES},
        "turnover": assessment.turnover,
        "waves": [
            {
                "wave_id": wave.released.id,
                "opens_at": format_utc(wave.released.opens_at),
                "phase": wave.phase,
                "included": wave.is_included,
                "eligible": wave.released.eligible[assessment.node.team_id],
            }
            for wave in assessment.waves
        ],
    }


def _describe_markers(case: MarkerCase) -> list[dict[str, object]]:
    markers: tuple[DeclaredMarker, DeclaredMarker | None] = (
        _declared_markers(case.episode) if case.episode else (case.marker, None)
    )
    return [
        {
            "id": marker.marker_id,
            "kind": marker.kind,
            "effective_on": marker.effective_on.isoformat(),
            "label": marker.label,
            "declared_at": format_utc(marker.declared_at),
        }
        for marker in markers
        if marker is not None
    ]
