"""Submissions: the ballot-box door."""

from marshmallow import Schema, fields, validate

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.enums import SubmissionReason, SubmissionStatus, WaveContext
from rapport_schemas.fields import Digest, StrictInteger, Word
from rapport_schemas.rules import Length, Range

PROTOCOL = 1
MAX_ITEMS = 500
MAX_REQUEST_BYTES = 1024 * 1024


class ContentSchema(Schema):
    """A person's answers, as the text that was frozen when they pressed Send."""

    form = fields.Integer(required=True, validate=Range(0, 44))
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(metadata={"enum": [1, 2, 3, 4, 5, "na", "skip"]}),
        required=True,
    )
    context = Word(WaveContext, allow_none=True)
    nonce = fields.String(
        required=True, validate=validate.Regexp("^[A-Za-z0-9_-]{22}$")
    )


class SubmissionSchema(Schema):
    """A ballot, and the content that it authorizes."""

    op = fields.Constant("submit", required=True)
    ballot = fields.String(required=True)
    content = fields.String(
        required=True,
        metadata={
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/Content"},
        },
    )


class WithdrawalSchema(Schema):
    """Withdrawal of a ballot and of the answers that were sent under it."""

    op = fields.Constant("withdraw", required=True)
    ballot = fields.String(required=True)


SUBMISSION_ITEM = DiscriminatedUnion(
    "SubmissionItem", "op", {"submit": SubmissionSchema, "withdraw": WithdrawalSchema}
)


class SubmissionsRequestSchema(Schema):
    """A batch of items. A wrong item does not affect the others."""

    protocol = StrictInteger(PROTOCOL, PROTOCOL)
    batch = fields.String(required=True, validate=Length(1, 64))
    items = fields.List(
        fields.Raw(  # loaded as it came: the ballot box checks each by itself
            allow_none=True,
            metadata={
                "anyOf": [
                    {"$ref": f"#/components/schemas/{SUBMISSION_ITEM.name}"},
                    {"type": "null"},
                ]
            },
        ),
        required=True,
        validate=Length(1, MAX_ITEMS),
    )


class SubmissionResultSchema(Schema):
    """The result of one item.

    Hash and digest are null where it could not be read; a withdrawal has no digest.
    """

    status = Word(SubmissionStatus)
    reason = Word(SubmissionReason, allow_none=True)
    hash = Digest(required=True, allow_none=True)
    digest = Digest(required=True, allow_none=True)


class SubmissionsReplySchema(Schema):
    """One result for each item, in order, sent only after the commit."""

    protocol = fields.Constant(PROTOCOL, required=True)
    batch = fields.String(required=True)
    results = fields.List(fields.Nested(SubmissionResultSchema), required=True)
