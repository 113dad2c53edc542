"""Enrolments and tokens."""

from marshmallow import Schema, fields, validate

from rapport_schemas.fields import Text


class EnrolmentRequest(Schema):
    """A code, and 32 random bytes that the device kept before it asked."""

    # Not Text: people type it, and phones put spaces behind what people type.
    code = fields.String(required=True, validate=validate.Length(1, 80))
    device = Text(43)


class TokenReply(Schema):
    """Tokens (RFC 6749 section 5.1). Service clients get no refresh token."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_in = fields.Integer(required=True)
    refresh_token = fields.String()
    scope = fields.String(required=True)
