"""Health and readiness."""

from marshmallow import Schema, fields


class HealthSchema(Schema):
    """All is well; anything else is a problem."""

    status = fields.Constant("ok", required=True)
