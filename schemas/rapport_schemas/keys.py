"""Public keys (RFC 7517)."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Digest, Kid


class BallotKeySchema(Schema):
    """The key that ballots of one wave and one group verify under."""

    kty = fields.Constant("RSA", required=True)
    n = fields.String(required=True)
    e = fields.Constant("AQAB", required=True)
    alg = fields.Constant("PS384", required=True)
    use = fields.Constant("sig", required=True)
    kid = Kid(required=True)


class SealingKeySchema(Schema):
    """The key that the answers of one wave are sealed to (RFC 7518)."""

    kty = fields.Constant("EC", required=True)
    crv = fields.Constant("P-256", required=True)
    x = Digest(required=True)
    y = Digest(required=True)


class AccessKeySchema(Schema):
    """The key that access tokens verify under (RFC 8037); named by its thumbprint."""

    kty = fields.Constant("OKP", required=True)
    crv = fields.Constant("Ed25519", required=True)
    x = Digest(required=True)
    alg = fields.Constant("EdDSA", required=True)
    use = fields.Constant("sig", required=True)
    kid = Digest(required=True)


class KeySetSchema(Schema):
    """Public keys of access tokens. Ballot keys are never among them."""

    keys = fields.List(fields.Nested(AccessKeySchema), required=True)
