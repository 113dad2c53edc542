"""From an organization's history to what a team is told of a marker.

The document is the same for every role, and depends on the history alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

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
    assess_episode,
)
from rapport_service.sustainment.analysis.eligibility import MarkerCase, marker_cases
from rapport_service.sustainment.analysis.history import DeclaredMarker, History


@dataclass(frozen=True)
class TeamFinding:
    """What a team is told of a marker.

    Attributes:
        marker: the marker's id.
        ended_by: the id of the marker that ends what it began; None where none does.
        analysed: whether the marker is one whose effects can be told apart.
        document: without its version.
    """

    marker: UUID
    ended_by: UUID | None
    analysed: bool
    document: Mapping[str, object]


@dataclass
class Findings:
    """All findings of one history; groups that several teams are told of come once."""

    history: History
    _studies: dict[tuple[UUID, Episode], EpisodeAssessment | None] = field(
        default_factory=dict
    )

    def of(self, team: UUID) -> Iterator[TeamFinding]:
        """What a team is told, marker by marker."""
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
        head = {"team": _team_reference(node), "markers": _describe_markers(case)}
        if case.reason is not None:
            earlier = _named_event(case.earlier) if case.earlier else None
            said = [sustainment.explain_exclusion(case.reason, earlier)]
            told = {"reason": case.reason, "explanation": said}
            return {"status": "not_analysed", **head, **told}
        found = self._nearest(team, case.episode) if case.episode else None
        if found is None:
            return {"status": "withheld", **head, "explanation": [WITHHELD()]}
        own = found.node.team_id == team
        return {
            "status": "released" if own else "rolled_up",
            **head,
            **({} if own else {"from": _team_reference(found.node)}),
            **_assessment_figures(found),
            "explanation": sustainment.explain(
                _sustainment_content(found), None if own else found.node.name
            ),
        }

    def _nearest(self, team: UUID, episode: Episode) -> EpisodeAssessment | None:
        """The nearest group with enough waves, else the nearest with any."""
        around = [
            self._study(node, episode) for node in self.history.self_and_ancestors(team)
        ]
        shown = [one for one in around if one is not None and one.published]
        return next(
            (one for one in shown if one.is_testable), shown[0] if shown else None
        )

    def _study(self, node: TeamNode, episode: Episode) -> EpisodeAssessment | None:
        key = node.team_id, episode
        if key not in self._studies:
            self._studies[key] = assess_episode(self.history, node, episode)
        return self._studies[key]


def _sustainment_content(found: EpisodeAssessment) -> sustainment.SustainmentContent:
    before, during = (found.phase(phase)["dose"] for phase in ("before", "during"))
    return sustainment.SustainmentContent(
        event=_named_event(found.episode),
        effects=found.constructs,
        waves_after=found.waves_by_phase["after"],
        waves_needed=found.waves_needed,
        exploratory=found.exploratory,
        dose=(before, during),
        turnover=found.turnover,
    )


def _named_event(episode: Episode) -> Event:
    start, end = _declared_markers(episode)
    return Event(start.kind, start.effective_on, end.effective_on if end else None)


def _declared_markers(episode: Episode) -> tuple[DeclaredMarker, DeclaredMarker | None]:
    """An episode's markers as the record has them; a history holds no others."""
    return cast("DeclaredMarker", episode.start), cast(
        "DeclaredMarker | None", episode.end
    )


def _assessment_figures(found: EpisodeAssessment) -> dict[str, object]:
    return {
        "exploratory": found.exploratory,
        "waves_needed": 0 if found.is_testable else found.waves_needed,
        "constructs": found.constructs,
        "ingredients": found.items(INGREDIENTS),
        "strategies": found.items(STRATEGIES),
        "phases": {phase: found.phase(phase) for phase in PHASES},
        "turnover": found.turnover,
        "waves": [
            {
                "wave": one.released.id,
                "opens_at": format_utc(one.released.opens_at),
                "phase": one.phase,
                "counted": one.is_counted,
                "eligible": one.released.eligible[found.node.team_id],
            }
            for one in found.waves
        ],
    }


def _team_reference(node: TeamNode) -> dict[str, str]:
    return {"id": str(node.team_id), "name": node.name}


def _describe_markers(case: MarkerCase) -> list[dict[str, object]]:
    begun: tuple[DeclaredMarker, DeclaredMarker | None] = (
        _declared_markers(case.episode) if case.episode else (case.marker, None)
    )
    return [
        {
            "id": marker.marker_id,
            "kind": marker.kind.replace("_", "-"),
            "effective_on": marker.effective_on.isoformat(),
            "label": marker.label,
            "declared_at": format_utc(marker.declared_at),
            "declared_by": marker.declared_by,
        }
        for marker in begun
        if marker is not None
    ]
