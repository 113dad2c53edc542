"""Enrolment codes, made by administrators."""

from marshmallow import Schema, fields, validate

from rapport_schemas.fields import Instant

PURPOSES = ("answering", "reading")


class CodeRequestSchema(Schema):
    """What the code is for: one device answers, or reads scores, never both."""

    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))


class CodeReplySchema(Schema):
    """A one-time code, told this once.

    ``qr`` is the code, in capitals, as a picture (SVG).
    """

    code = fields.String(required=True)
    expires_at = Instant(required=True)
    qr = fields.String(required=True)
