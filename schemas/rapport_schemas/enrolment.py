"""Enrolments and tokens."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Text


class EnrolmentRequest(Schema):
    """A code, and 32 random bytes that the device kept before it asked."""

    code = Text(80)
    device = Text(43)


class TokenReply(Schema):
    """Tokens (RFC 6749 section 5.1). Service clients get no refresh token."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer")
    expires_in = fields.Integer(required=True)
    refresh_token = fields.String()
    scope = fields.String(required=True)
