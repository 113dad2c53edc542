"""What trends and heat maps show of a team in a wave, copied from its release."""

from marshmallow import Schema, fields, validate

from rapport_schemas.reports import ConstructScoresSchema, TeamNameSchema


class PublishedFiguresSchema(Schema):
    """What a release shows of a team. Members are null where nothing may be shown."""

    release = fields.Integer(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf(["released", "rolled_up", "withheld"])
    )
    source = fields.Nested(
        TeamNameSchema,
        required=True,
        allow_none=True,
        data_key="from",
        attribute="from",
    )
    tier = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(["coarse", "fine"])
    )
    respondents = fields.String(required=True, allow_none=True)
    participation = fields.String(required=True, allow_none=True)
    constructs = fields.Nested(ConstructScoresSchema, required=True, allow_none=True)
