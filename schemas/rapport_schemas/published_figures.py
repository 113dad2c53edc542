"""What trends and heat maps show of a team in a wave, copied from its release."""

from marshmallow import Schema, fields

from rapport_schemas.enums import ReleaseStatus, Tier
from rapport_schemas.fields import Word
from rapport_schemas.reports import ConstructScoresSchema, TeamNameSchema


class PublishedFiguresSchema(Schema):
    """What a release shows of a team. Members are null where nothing may be shown."""

    release = fields.Integer(required=True)
    status = Word(ReleaseStatus)
    source = fields.Nested(
        TeamNameSchema,
        required=True,
        allow_none=True,
        data_key="from",
        attribute="from",
    )
    tier = Word(Tier, allow_none=True)
    respondents = fields.String(required=True, allow_none=True)
    participation = fields.String(required=True, allow_none=True)
    constructs = fields.Nested(ConstructScoresSchema, required=True, allow_none=True)
