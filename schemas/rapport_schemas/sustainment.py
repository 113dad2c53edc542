"""Sustainment of a team around a marker: accelerated, sustained, faded?"""

from marshmallow import Schema, fields

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.enums import (
    DOCUMENT_FORMAT,
    EventMethod,
    EventVerdict,
    ExclusionReason,
    MarkerKind,
    Phase,
)
from rapport_schemas.fields import (
    BoundedFloat,
    BoundedInteger,
    CalendarDate,
    Instant,
    MarkerId,
    WaveId,
    Word,
)
from rapport_schemas.reports import SentenceSchema, TeamReferenceSchema


class EpisodeMarkerSchema(Schema):
    """A marker as a sustainment document names it."""

    id = MarkerId(required=True)
    kind = Word(MarkerKind)
    effective_on = CalendarDate(required=True)
    label = fields.String(required=True)
    declared_at = Instant(required=True)


class PercentIntervalSchema(Schema):
    """Both ends of a 95 % interval of a share in percent, rounded outward."""

    low = fields.Integer(required=True)
    high = fields.Integer(required=True)


class PointsIntervalSchema(Schema):
    """Both ends of a 95 % interval of a difference in points, rounded outward."""

    low = BoundedInteger(-100, 100)
    high = BoundedInteger(-100, 100)


class ContrastSchema(Schema):
    """A difference of two phases in points; no interval where placebo dates decide."""

    points = BoundedInteger(-100, 100)
    interval = fields.Nested(PointsIntervalSchema, required=True, allow_none=True)


class RetentionSchema(Schema):
    """The share of a gain that was kept, in percent; no interval by placebo dates."""

    percent = fields.Integer(required=True)
    interval = fields.Nested(PercentIntervalSchema, required=True, allow_none=True)


class EffectSchema(Schema):
    """The effect of an event on a construct."""

    verdict = Word(EventVerdict)
    accel = fields.Nested(ContrastSchema, required=True, allow_none=True)
    sustain = fields.Nested(ContrastSchema, required=True, allow_none=True)
    fade = fields.Nested(ContrastSchema, required=True, allow_none=True)
    method = Word(EventMethod, allow_none=True)
    p = BoundedFloat(0, 1, allow_none=True)
    placebo_dates = BoundedInteger(0, allow_none=True)
    detectable = BoundedInteger(5, allow_none=True)
    waves_to_detect = BoundedInteger(0, 52, allow_none=True)
    retention = fields.Nested(RetentionSchema, required=True, allow_none=True)
    first_clear_wave = BoundedInteger(1, allow_none=True)


class EffectsSchema(Schema):
    """The two constructs and both together."""

    trust = fields.Nested(EffectSchema, required=True)
    communication = fields.Nested(EffectSchema, required=True)
    overall = fields.Nested(EffectSchema, required=True)


class BriefEffectSchema(Schema):
    """The effect of an event on one question, in short: points, and percent kept."""

    verdict = Word(EventVerdict)
    accel = BoundedInteger(-100, 100, allow_none=True)
    sustain = BoundedInteger(-100, 100, allow_none=True)
    retention = fields.Integer(required=True, allow_none=True)
    first_clear_wave = BoundedInteger(1, allow_none=True)


def _brief_effects_field() -> fields.Dict:
    """By question; null where no release showed the group's questions."""
    return fields.Dict(
        keys=fields.String(),
        values=fields.Nested(BriefEffectSchema),
        required=True,
        allow_none=True,
    )


class PhaseSummarySchema(Schema):
    """A phase: how many waves, how many people, how much crisis."""

    waves = BoundedInteger(0)
    participation = fields.String(required=True, allow_none=True)
    crisis_percent = BoundedInteger(10, 90, allow_none=True)


class PhaseSummariesSchema(Schema):
    """The phases that are compared."""

    before = fields.Nested(PhaseSummarySchema, required=True)
    during = fields.Nested(PhaseSummarySchema, required=True)
    after = fields.Nested(PhaseSummarySchema, required=True)


class PhasedWaveSchema(Schema):
    """A wave, its phase, and whether it counts."""

    wave_id = WaveId(required=True)
    opens_at = Instant(required=True)
    phase = Word(Phase)
    included = fields.Boolean(required=True)
    eligible = BoundedInteger(0)


class SustainmentFindingSchema(Schema):
    """Finding on the team's own trust and communication."""

    status = fields.Constant("released", required=True)
    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    version = BoundedInteger(1)
    team = fields.Nested(TeamReferenceSchema, required=True)
    markers = fields.List(fields.Nested(EpisodeMarkerSchema), required=True)
    exploratory = fields.Boolean(required=True)
    waves_needed = BoundedInteger(0, allow_none=True)
    constructs = fields.Nested(EffectsSchema, required=True)
    ingredients = _brief_effects_field()
    strategies = _brief_effects_field()
    phases = fields.Nested(PhaseSummariesSchema, required=True)
    turnover = BoundedInteger(0, allow_none=True)
    waves = fields.List(fields.Nested(PhasedWaveSchema), required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


class SustainmentRolledUpSchema(SustainmentFindingSchema):
    """Finding on the nearest larger group that included the team in the newest wave.

    A reader who may not see that group gets null for it, its markers and its figures.
    """

    status = fields.Constant("rolled_up", required=True)
    source_team = fields.Nested(TeamReferenceSchema, required=True, allow_none=True)
    markers = fields.List(
        fields.Nested(EpisodeMarkerSchema), required=True, allow_none=True
    )
    exploratory = fields.Boolean(required=True, allow_none=True)
    constructs = fields.Nested(EffectsSchema, required=True, allow_none=True)
    phases = fields.Nested(PhaseSummariesSchema, required=True, allow_none=True)
    waves = fields.List(fields.Nested(PhasedWaveSchema), required=True, allow_none=True)


class SustainmentWithheldSchema(Schema):
    """No finding: no wave has fine scores of the team or of a larger group."""

    status = fields.Constant("withheld", required=True)
    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    version = BoundedInteger(1)
    team = fields.Nested(TeamReferenceSchema, required=True)
    markers = fields.List(fields.Nested(EpisodeMarkerSchema), required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


class SustainmentNotAnalysedSchema(SustainmentWithheldSchema):
    """A marker whose effect is not analysed."""

    status = fields.Constant("not_analysed", required=True)
    reason = Word(ExclusionReason)


class SustainmentPendingSchema(Schema):
    """No finding yet. It comes soon after a wave that asked this team is sealed."""

    status = fields.Constant("pending", required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    marker_id = MarkerId(required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


SUSTAINMENT = DiscriminatedUnion(
    "Sustainment",
    "status",
    {
        "released": SustainmentFindingSchema,
        "rolled_up": SustainmentRolledUpSchema,
        "withheld": SustainmentWithheldSchema,
        "not_analysed": SustainmentNotAnalysedSchema,
        "pending": SustainmentPendingSchema,
    },
)
"""A team's trust and communication around a marker."""


class SustainmentQuerySchema(Schema):
    """The marker; without it, the newest that was analysed."""

    marker_id = MarkerId()
