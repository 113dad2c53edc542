"""Public keys (RFC 7517)."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Kid


class BallotKey(Schema):
    """The key that ballots of one wave and one group verify under."""

    kty = fields.Constant("RSA", required=True)
    n = fields.String(required=True)
    e = fields.Constant("AQAB", required=True)
    alg = fields.Constant("PS384", required=True)
    use = fields.Constant("sig", required=True)
    kid = Kid(required=True)
