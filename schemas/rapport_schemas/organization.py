"""The agency itself."""

from marshmallow import Schema, fields

from rapport_schemas.enums import MIN_GROUP_CEILING, MIN_GROUP_FLOOR
from rapport_schemas.fields import BoundedInteger, Text, WholeNumber
from rapport_schemas.rules import Range
from rapport_schemas.team_sizes import TeamSizesSchema

MAX_TIME_ZONE_LENGTH = 64


class OrganizationSchema(TeamSizesSchema):
    """An agency: its settings, and the teams that are too small for a score."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    min_respondents = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    min_pool = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)


class OrganizationChangeSchema(Schema):
    """Settings to change; the others stay as they are."""

    time_zone = Text(MAX_TIME_ZONE_LENGTH, required=False)
    min_pool = WholeNumber(validate=Range(MIN_GROUP_FLOOR, MIN_GROUP_CEILING))
