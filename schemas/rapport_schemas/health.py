"""Health and readiness."""

from marshmallow import Schema, fields


class HealthSchema(Schema):
    """State of the service: ``ok``. A service that cannot work sends a problem."""

    status = fields.Constant("ok", required=True)
