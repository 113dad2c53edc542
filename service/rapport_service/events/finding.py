"""From an organization's history to what a team is told of a marker.

The document is the same for every role, and depends on the history alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from rapport_service.charter.document import instant
from rapport_service.charter.electorate import Node
from rapport_service.events.cases import Case, cases
from rapport_service.events.history import Declared, History
from rapport_service.events.study import INGREDIENTS, PHASES, STRATEGIES, Study, study
from rapport_service.explanation import sustainment
from rapport_service.explanation.event import Event
from rapport_service.explanation.what_became import WITHHELD
from rapport_service.measure.phases import Episode


@dataclass(frozen=True)
class Answer:
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
    _studies: dict[tuple[UUID, Episode], Study | None] = field(default_factory=dict)

    def of(self, team: UUID) -> Iterator[Answer]:
        """What a team is told, marker by marker."""
        for case in cases(self.history.concerning(team)):
            end = case.episode.end if case.episode else None
            yield Answer(
                UUID(case.marker.name),
                UUID(end.name) if end else None,
                case.reason is None,
                self._document(team, case),
            )

    def _document(self, team: UUID, case: Case) -> Mapping[str, object]:
        node = self.history.nodes[team]
        head = {"team": _named(node), "markers": _markers(case)}
        if case.reason is not None:
            earlier = _event(case.earlier) if case.earlier else None
            said = [sustainment.unanalysed(case.reason, earlier)]
            told = {"reason": case.reason, "explanation": said}
            return {"status": "not_analysed", **head, **told}
        found = self._nearest(team, case.episode) if case.episode else None
        if found is None:
            return {"status": "withheld", **head, "explanation": [WITHHELD()]}
        own = found.node.team_id == team
        return {
            "status": "released" if own else "rolled_up",
            **head,
            **({} if own else {"from": _named(found.node)}),
            **_figures(found),
            "explanation": sustainment.explained(
                _shown(found), None if own else found.node.name
            ),
        }

    def _nearest(self, team: UUID, episode: Episode) -> Study | None:
        """The nearest group with enough waves, else the nearest with any."""
        around = [self._study(node, episode) for node in self.history.around(team)]
        shown = [one for one in around if one is not None and one.shown]
        return next((one for one in shown if one.enough), shown[0] if shown else None)

    def _study(self, node: Node, episode: Episode) -> Study | None:
        key = node.team_id, episode
        if key not in self._studies:
            self._studies[key] = study(self.history, node, episode)
        return self._studies[key]


def _shown(found: Study) -> sustainment.Shown:
    before, during = (found.phase(phase)["dose"] for phase in ("before", "during"))
    return sustainment.Shown(
        event=_event(found.episode),
        effects=found.constructs,
        waves_after=found.counted["after"],
        waves_needed=found.waves_needed,
        exploratory=found.exploratory,
        dose=(before, during),
        turnover=found.turnover,
    )


def _event(episode: Episode) -> Event:
    start, end = _declared(episode)
    return Event(start.kind, start.effective_on, end.effective_on if end else None)


def _declared(episode: Episode) -> tuple[Declared, Declared | None]:
    """An episode's markers as the record has them; a history holds no others."""
    return cast("Declared", episode.start), cast("Declared | None", episode.end)


def _figures(found: Study) -> dict[str, object]:
    return {
        "exploratory": found.exploratory,
        "waves_needed": 0 if found.enough else found.waves_needed,
        "constructs": found.constructs,
        "ingredients": found.items(INGREDIENTS),
        "strategies": found.items(STRATEGIES),
        "phases": {phase: found.phase(phase) for phase in PHASES},
        "turnover": found.turnover,
        "waves": [
            {
                "wave": one.released.id,
                "opens_at": instant(one.released.opens_at),
                "phase": one.phase,
                "counted": one.counts,
                "eligible": one.released.eligible[found.node.team_id],
            }
            for one in found.waves
        ],
    }


def _named(node: Node) -> dict[str, str]:
    return {"id": str(node.team_id), "name": node.name}


def _markers(case: Case) -> list[dict[str, object]]:
    begun: tuple[Declared, Declared | None] = (
        _declared(case.episode) if case.episode else (case.marker, None)
    )
    return [
        {
            "id": marker.name,
            "kind": marker.kind.replace("_", "-"),
            "effective_on": marker.effective_on.isoformat(),
            "label": marker.label,
            "declared_at": instant(marker.declared_at),
            "declared_by": marker.declared_by,
        }
        for marker in begun
        if marker is not None
    ]
