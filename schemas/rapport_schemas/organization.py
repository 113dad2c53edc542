"""The agency itself."""

from marshmallow import Schema, fields

from rapport_schemas.enums import MIN_GROUP_CEILING, MIN_GROUP_FLOOR
from rapport_schemas.fields import BoundedInteger


class OrganizationSchema(Schema):
    """An agency: its name, its time zone, and its limits for small groups."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    min_respondents = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    min_pool = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
