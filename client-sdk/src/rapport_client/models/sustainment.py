"""Sustainment documents: a team before, during and after a marker."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from rapport_client._json import Member
from rapport_client.models.scores import ScoreInterval, Sentence, TeamReference
from rapport_client.models.words import (
    EventMethod,
    EventVerdict,
    ExclusionReason,
    MarkerKind,
    NoFindingStatus,
    PhaseName,
)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 percent interval, in points; a retention is in percent.

    The interval is None where placebo dates decide.
    """

    value: Annotated[int, Member("points")]
    interval: ScoreInterval | None


@dataclass(frozen=True)
class Effect:
    """The effect of an event on one construct; no figures where waves are too few.

    Attributes:
        verdict: ``accelerated``, ``sustained``, ``faded``, ``no_acceleration`` or
            ``too_early_to_tell``.
        accel: during less before, in points.
        sustain: after less before, in points.
        fade: after less during, in points.
        p: the share of other dates that would have looked as good.
        method: ``noise_model``, or ``placebo_dates`` where too few teams have every
            wave; None where it is too early for either.
        placebo_dates: how many other dates were tried for that.
        detectable: points of a gain that would have been clear by now, at the least.
        waves_to_detect: how many more waves it takes to see a gain of 10 points; 0 if
            it would be seen; None if waves to come cannot show it.
        retention: the share of the gain that was kept, in percent.
        first_clear_wave: the first wave during, from 1, clearly above the level before.
    """

    verdict: EventVerdict
    accel: Estimate | None
    sustain: Estimate | None
    fade: Estimate | None
    p: float | None
    method: EventMethod | None
    placebo_dates: int | None
    detectable: int | None
    waves_to_detect: int | None
    retention: Annotated[
        Estimate | None, Member("retention", renamed={"value": "percent"})
    ]
    first_clear_wave: int | None


@dataclass(frozen=True)
class BriefEffect:
    """The effect of an event on one question, in whole points and percent."""

    verdict: EventVerdict
    accel: int | None
    sustain: int | None
    retention: int | None
    first_clear_wave: int | None


@dataclass(frozen=True)
class Marker:
    """A date in the agency's history.

    Attributes:
        id: Rapport's id, a UUID.
        kind: such as ``crisis_start``.
        effective_on: the date.
        label: what people call it.
        declared_at: when it was declared.
    """

    id: str
    kind: MarkerKind
    effective_on: date
    label: str
    declared_at: datetime


@dataclass(frozen=True)
class Phase:
    """The waves of a phase, and how many people answered in them.

    Attributes:
        waves: how many count.
        participation: a band of percent; None without a wave.
        crisis_percent: of the people, those who called their weeks a crisis, to the
            nearest 5; None where that is not shown.
    """

    waves: int
    participation: str | None
    crisis_percent: int | None


@dataclass(frozen=True)
class PhasedWave:
    """A wave of the analysis.

    Attributes:
        wave_id: its public id.
        opens_at: when it opened.
        phase: ``before``, ``during``, ``after`` or ``transition``.
        included: whether it is in the figures.
        eligible: how many people could have answered.
    """

    wave_id: str
    opens_at: datetime
    phase: PhaseName
    included: bool
    eligible: int


@dataclass(frozen=True)
class SustainmentFinding:
    """The change of a team's trust and communication around a marker.

    Attributes:
        team: the team that was asked for.
        source_team: the team above it whose figures these are; None if its own.
        version: from 1; another wave or marker makes another.
        markers: the one that begins the event and, if that is over, the one that ends
            it.
        exploratory: whether a date was declared after results were known.
        waves_needed: how many more waves a verdict needs; None if none can help.
        trust: one construct.
        communication: the other.
        overall: both together; the answer is about these.
        ingredients: by question; empty where questions are not shown.
        strategies: by question; empty where questions are not shown.
        before: the first of the phases that are compared.
        during: the second.
        after: the third.
        turnover: changes of the number of people, added up, in percent.
        waves: every wave, its phase, and whether it counts.
        explanation: the answer first, then what should be known with it.
    """

    team: TeamReference
    source_team: TeamReference | None
    version: int
    markers: tuple[Marker, ...]
    exploratory: bool
    waves_needed: int | None
    trust: Annotated[Effect, Member("constructs.trust")]
    communication: Annotated[Effect, Member("constructs.communication")]
    overall: Annotated[Effect, Member("constructs.overall")]
    ingredients: dict[str, BriefEffect] = field(default_factory=dict, kw_only=True)
    strategies: dict[str, BriefEffect] = field(default_factory=dict, kw_only=True)
    before: Annotated[Phase, Member("phases.before")]
    during: Annotated[Phase, Member("phases.during")]
    after: Annotated[Phase, Member("phases.after")]
    turnover: int | None
    waves: tuple[PhasedWave, ...]
    explanation: tuple[Sentence, ...]


@dataclass(frozen=True)
class NoFinding:
    """The reason why there is no finding.

    Attributes:
        team: the team that was asked for.
        status: ``withheld`` (too few answered), ``not_analysed``, ``pending`` (not
            computed yet: ask again in some minutes), or ``rolled_up`` (there is one of
            a group that the caller may not read).
        reason: of ``not_analysed``: ``provisional``, ``overlapping``, ``ends_nothing``.
        explanation: the same in sentences.
    """

    team: TeamReference
    status: NoFindingStatus
    reason: ExclusionReason | None
    explanation: tuple[Sentence, ...]


Sustainment = SustainmentFinding | NoFinding
