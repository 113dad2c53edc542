"""Enrolments and tokens."""

from marshmallow import EXCLUDE, Schema, fields

from rapport_schemas.fields import BoundedInteger, Digest, Text
from rapport_schemas.rules import Length


class EnrolmentRequestSchema(Schema):
    """A code, and 32 random bytes that the device stored before the request."""

    # Not Text: people type it, and phones put spaces behind what people type.
    code = fields.String(required=True, validate=Length(1, 80))
    device = Text(43)


class TokenRequestSchema(Schema):
    """A grant (RFC 6749 sections 4.4 and 6), as a form.

    A client may also give its id and secret in an ``Authorization: Basic`` header.
    """

    class Meta:
        """Parameters that are not known are ignored (RFC 6749 section 3.2)."""

        unknown = EXCLUDE

    grant_type = fields.String(metadata={"examples": ["refresh_token"]})
    refresh_token = fields.String()
    client_id = fields.String()
    client_secret = fields.String()


class TokenReplySchema(Schema):
    """Tokens (RFC 6749 section 5.1). Service clients get no refresh token."""

    access_token = fields.String(required=True)
    token_type = fields.Constant("Bearer", required=True)
    expires_in = BoundedInteger(1)
    refresh_token = fields.String()
    scope = fields.String(required=True)
    echo = Digest(required=True)
