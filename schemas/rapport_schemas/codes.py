"""Enrolment codes, made by administrators."""

from marshmallow import Schema, fields

from rapport_schemas.creation import CreationSchema
from rapport_schemas.enums import Purpose
from rapport_schemas.fields import Instant, Word


class CodeRequestSchema(CreationSchema):
    """The code's purpose: a device answers or reads scores, never both."""

    purpose = Word(Purpose)


class CodeReplySchema(Schema):
    """A one-time code. It is shown only once."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    expires_at = Instant(required=True)
    qr = fields.String(required=True)
