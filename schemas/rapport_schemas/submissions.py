"""Submissions: the ballot-box door."""

from marshmallow import Schema, fields, validate

from rapport_schemas.fields import StrictInteger

PROTOCOL = 1
ITEMS_AT_ONCE = 500
REQUEST_BYTES = 1024 * 1024
CONTENT_BYTES = 4096

STATUSES = ("accepted", "duplicate", "late", "held", "final", "rejected")


class SubmissionsRequest(Schema):
    """The envelope. Items are read one by one: a bad one harms no neighbour."""

    protocol = StrictInteger(PROTOCOL, PROTOCOL)
    batch = fields.String(required=True, validate=validate.Length(1, 64))
    items = fields.List(
        fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(1, ITEMS_AT_ONCE),
    )


class SubmissionResult(Schema):
    """What became of one item. Hash and digest are null where it could not be read."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    reason = fields.String(required=True, allow_none=True)
    hash = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)


class SubmissionsReply(Schema):
    """One result an item, in order, told only after the commit."""

    protocol = fields.Constant(PROTOCOL)
    batch = fields.String(required=True)
    results = fields.List(fields.Nested(SubmissionResult), required=True)
