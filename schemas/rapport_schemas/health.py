"""Health and readiness."""

from marshmallow import Schema, fields


class Health(Schema):
    """All is well; anything else is a problem."""

    status = fields.Constant("ok", required=True)
