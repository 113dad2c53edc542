"""Pulses and waves, as administrators plan them."""

from marshmallow import Schema, fields

from rapport_schemas.creation import CreationSchema
from rapport_schemas.enums import MAX_PULSE_LENGTH, ClockChange, WaveState
from rapport_schemas.fields import (
    BoundedInteger,
    Instant,
    LocalTime,
    PlannedInstant,
    Text,
    WaveId,
    WholeNumber,
    Word,
)
from rapport_schemas.paging import NextCursor
from rapport_schemas.rules import Range
from rapport_schemas.team_sizes import TeamSizesSchema

MAX_REASON_LENGTH = 500


class PulseRequestSchema(CreationSchema):
    """A recurring pulse: when it first opens, how often, and for how long."""

    first_opens = LocalTime(required=True)
    every_weeks = WholeNumber(load_default=2, validate=Range(1, MAX_PULSE_LENGTH))
    open_days = WholeNumber(load_default=7, validate=Range(1, MAX_PULSE_LENGTH))
    announce_days = WholeNumber(load_default=7, validate=Range(1, MAX_PULSE_LENGTH))
    grace_days = WholeNumber(load_default=7, validate=Range(1, MAX_PULSE_LENGTH))


class PulseSchema(Schema):
    """A recurring pulse; one that is not active plans no more waves."""

    id = fields.UUID(required=True)
    first_opens = LocalTime(required=True)
    time_zone = fields.String(required=True)
    every_weeks = BoundedInteger(1, MAX_PULSE_LENGTH)
    open_days = BoundedInteger(1, MAX_PULSE_LENGTH)
    announce_days = BoundedInteger(1, MAX_PULSE_LENGTH)
    grace_days = BoundedInteger(1, MAX_PULSE_LENGTH)
    active = fields.Boolean(required=True)


class UnusualTimeSchema(Schema):
    """A local time that a change of the clock skips or repeats."""

    local_time = LocalTime(required=True)
    kind = Word(ClockChange)
    at = Instant(required=True)


class CreatedPulseSchema(PulseSchema, TeamSizesSchema):
    """The new pulse, and the teams that are too small for a score of their own.

    Also the openings and closes of two years that a change of the clock moves.
    """

    unusual_times = fields.List(fields.Nested(UnusualTimeSchema), required=True)


class PulsesReplySchema(Schema):
    """Pulses of the agency by first opening, stopped ones too."""

    pulses = fields.List(fields.Nested(PulseSchema), required=True)
    next = NextCursor()


class WaveRequestSchema(CreationSchema):
    """A single wave. Each time is later than the one before; none is in the past.

    By default the wave retires 400 days after the close.
    """

    announces_at = PlannedInstant(required=True)
    opens_at = PlannedInstant(required=True)
    closes_at = PlannedInstant(required=True)
    seals_at = PlannedInstant(required=True)
    retires_at = PlannedInstant()


class PlannedWaveSchema(Schema):
    """A wave with its dates."""

    id = WaveId(required=True)
    pulse_id = fields.UUID(required=True, allow_none=True)
    state = Word(WaveState)
    announces_at = Instant(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    seals_at = Instant(required=True)
    retires_at = Instant(required=True)
    reason = fields.String(required=True, allow_none=True)


class CreatedWaveSchema(PlannedWaveSchema, TeamSizesSchema):
    """The new wave, and the teams that are too small for a score of their own."""


class WavesReplySchema(Schema):
    """Waves of the agency, by the time of announcement."""

    waves = fields.List(fields.Nested(PlannedWaveSchema), required=True)
    next = NextCursor()


class CancelRequestSchema(Schema):
    """The reason; phones show it to every person who could answer."""

    reason = Text(MAX_REASON_LENGTH)
