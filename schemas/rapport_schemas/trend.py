"""A team's scores through the waves."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Instant, WaveId
from rapport_schemas.paging import NextCursor
from rapport_schemas.reports import (
    PublishedFiguresSchema,
    ScoreTrendSchema,
    SentenceSchema,
    TeamReferenceSchema,
)


class TrendPointSchema(PublishedFiguresSchema):
    """The team's own figures in one wave.

    If the team was rolled up, the larger group's figures are in the score, not in this
    series.
    """

    wave_id = WaveId(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)


class TrendDirectionsSchema(Schema):
    """The direction of each score, as the newest wave's release has it."""

    trust = fields.Nested(ScoreTrendSchema, required=True, allow_none=True)
    communication = fields.Nested(ScoreTrendSchema, required=True, allow_none=True)
    overall = fields.Nested(ScoreTrendSchema, required=True, allow_none=True)


class TrendReplySchema(Schema):
    """Waves that released something of the team, newest first.

    Waves that are not sealed or were cancelled are not among them. ``heading`` and
    ``explanation`` are about the whole trend, on every page.
    """

    team = fields.Nested(TeamReferenceSchema, required=True)
    waves = fields.List(fields.Nested(TrendPointSchema), required=True)
    next = NextCursor()
    heading = fields.Nested(TrendDirectionsSchema, required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)
