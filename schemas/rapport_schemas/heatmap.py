"""Teams side by side in one wave."""

from marshmallow import Schema, fields

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.fields import Instant, WaveId
from rapport_schemas.reports import (
    PendingReplySchema,
    PublishedFiguresSchema,
    SentenceSchema,
    TeamReferenceSchema,
)


class HeatmapRowSchema(PublishedFiguresSchema):
    """One team. Each figure is the one in the team's score."""

    team = fields.Nested(TeamReferenceSchema, required=True)


class HeatmapReplySchema(Schema):
    """The team, then its children in the wave's charter that you may see, by their ids.

    The order says nothing of the scores, and neighbours may differ by chance alone.
    """

    status = fields.Constant("sealed", required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    wave_id = WaveId(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    rows = fields.List(fields.Nested(HeatmapRowSchema), required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


HEATMAP = DiscriminatedUnion(
    "Heatmap", "status", {"sealed": HeatmapReplySchema, "pending": PendingReplySchema}
)
"""A team and its children in a wave."""
