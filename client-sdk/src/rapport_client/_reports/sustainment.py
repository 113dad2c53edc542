"""What became of a team around a marker: accelerated, sustained, faded?"""

from dataclasses import dataclass
from datetime import date, datetime

from rapport_client._json import JsonObject
from rapport_client._reports import effects
from rapport_client._reports.effects import BriefEffect, Effect
from rapport_client._reports.score_documents import read_explanation, read_team_name
from rapport_client._reports.scores import Sentence, TeamName
from rapport_client.errors import UnexpectedReply


@dataclass(frozen=True)
class Marker:
    """A date in the agency's history.

    Attributes:
        id: Rapport's id, a UUID.
        kind: such as ``crisis-start``.
        effective_on: the date.
        label: what people call it.
        declared_at: when it was put on record.
        declared_by: in what role.
    """

    id: str
    kind: str
    effective_on: date
    label: str
    declared_at: datetime
    declared_by: str


@dataclass(frozen=True)
class Phase:
    """How a phase was lived through, and by how many.

    Attributes:
        waves: those that count.
        participation: a band of percent; None without a wave.
        dose: percent who called their weeks a crisis, to the nearest 5; None where that
            is not shown.
    """

    waves: int
    participation: str | None
    dose: int | None


@dataclass(frozen=True)
class PhasedWave:
    """A wave of the analysis.

    Attributes:
        wave: its public id.
        opens_at: when it opened.
        phase: ``before``, ``during``, ``after`` or ``transition``.
        counted: whether it is in the figures.
        eligible: how many could have answered.
    """

    wave: str
    opens_at: datetime
    phase: str
    counted: bool
    eligible: int


@dataclass(frozen=True)
class SustainmentFinding:
    """What became of a team's trust and communication.

    Attributes:
        team: the team that was asked for.
        source: the group around it whose figures these are; None if its own.
        version: which version this is; another wave or marker makes another.
        markers: the one that begins it all and, if that is over, the one that ends it.
        exploratory: whether a date was declared after results were known.
        waves_needed: how many more it takes for a verdict; None if none can help.
        trust: one construct.
        communication: the other.
        overall: both together; the answer is about these.
        ingredients: by question; empty where questions are not shown.
        strategies: by question; empty where questions are not shown.
        before: the phases that are compared.
        during: the second.
        after: the third.
        turnover: changes of the number of people, added up, in percent.
        waves: every wave, where it lies and whether it counts.
        explanation: the answer first, then what should be heard with it.
    """

    team: TeamName
    source: TeamName | None
    version: int
    markers: tuple[Marker, ...]
    exploratory: bool
    waves_needed: int | None
    trust: Effect
    communication: Effect
    overall: Effect
    ingredients: dict[str, BriefEffect]
    strategies: dict[str, BriefEffect]
    before: Phase
    during: Phase
    after: Phase
    turnover: int | None
    waves: tuple[PhasedWave, ...]
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True)
class NoFinding:
    """Why there is nothing to say.

    Attributes:
        team: the team that was asked for.
        status: ``withheld`` (too few answered), ``not_analysed`` or ``pending`` (not
            worked out yet: ask again in some minutes).
        reason: of ``not_analysed``: ``provisional``, ``overlapping``, ``ends_nothing``.
        explanation: the same in sentences.
    """

    team: TeamName
    status: str
    reason: str | None
    explanation: tuple[Sentence, ...]


Sustainment = SustainmentFinding | NoFinding


def read(document: JsonObject) -> Sustainment:
    """Reads a sustainment document.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    team, explanation = (
        read_team_name(document.nested("team")),
        read_explanation(document),
    )
    match document.text("status"):
        case "released":
            return _read_finding(document, team, None, explanation)
        case "rolled_up":
            source = read_team_name(document.nested("from"))
            return _read_finding(document, team, source, explanation)
        case "withheld" | "not_analysed" | "pending" as status:
            reason = document.text_or_none("reason")
            return NoFinding(team, status, reason, explanation)
        case other:
            raise UnexpectedReply(f"a sustainment of a status not known here: {other}")


def _read_finding(
    document: JsonObject,
    team: TeamName,
    source: TeamName | None,
    explanation: tuple[Sentence, ...],
) -> SustainmentFinding:
    constructs, phases = document.nested("constructs"), document.nested("phases")
    return SustainmentFinding(
        team=team,
        source=source,
        version=document.integer("version"),
        markers=tuple(_read_marker(marker) for marker in document.objects("markers")),
        exploratory=document.flag("exploratory"),
        waves_needed=document.integer_or_none("waves_needed"),
        trust=effects.read_effect(constructs.nested("trust")),
        communication=effects.read_effect(constructs.nested("communication")),
        overall=effects.read_effect(constructs.nested("overall")),
        ingredients=effects.read_brief_effects(document, "ingredients"),
        strategies=effects.read_brief_effects(document, "strategies"),
        before=_read_phase(phases.nested("before")),
        during=_read_phase(phases.nested("during")),
        after=_read_phase(phases.nested("after")),
        turnover=document.integer_or_none("turnover"),
        waves=tuple(_read_wave(wave) for wave in document.objects("waves")),
        explanation=explanation,
    )


def _read_phase(phase: JsonObject) -> Phase:
    return Phase(
        waves=phase.integer("waves"),
        participation=phase.text_or_none("participation"),
        dose=phase.integer_or_none("dose"),
    )


def _read_wave(wave: JsonObject) -> PhasedWave:
    return PhasedWave(
        wave=wave.text("wave"),
        opens_at=wave.instant("opens_at"),
        phase=wave.text("phase"),
        counted=wave.flag("counted"),
        eligible=wave.integer("eligible"),
    )


def _read_marker(marker: JsonObject) -> Marker:
    return Marker(
        id=marker.text("id"),
        kind=marker.text("kind"),
        effective_on=marker.day("effective_on"),
        label=marker.text("label"),
        declared_at=marker.instant("declared_at"),
        declared_by=marker.text("declared_by"),
    )
