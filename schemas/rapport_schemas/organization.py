"""The agency itself."""

from marshmallow import Schema, fields


class OrganizationSchema(Schema):
    """An agency: its name, its time zone, and its limits for small groups.

    ``min_respondents`` is how many respondents a score needs at least, ``min_pool``
    how many people share a ballot key at least.
    """

    id = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    min_respondents = fields.Integer(required=True)
    min_pool = fields.Integer(required=True)
