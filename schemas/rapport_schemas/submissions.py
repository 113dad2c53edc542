"""Submissions: the ballot-box door."""

from marshmallow import Schema, ValidationError, fields

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.enums import SubmissionReason, SubmissionStatus, WaveContext
from rapport_schemas.errors import ErrorCode
from rapport_schemas.fields import Digest, Envelope, Kid, StrictInteger, Word
from rapport_schemas.renames import find_new_name
from rapport_schemas.rules import Length, Range, Violation

PROTOCOL = 1
MAX_ITEMS = 500
MAX_REQUEST_BYTES = 1024 * 1024


class ContentSchema(Schema):
    """A person's answers, as they lie in an envelope, padded to 256 bytes."""

    form = fields.Integer(required=True, validate=Range(0, 44))
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(metadata={"enum": [1, 2, 3, 4, 5, "na", "skip"]}),
        required=True,
    )
    context = Word(WaveContext, allow_none=True)


class SubmissionSchema(Schema):
    """A ballot, and the envelope that it authorizes."""

    op = fields.Constant("submit", required=True)
    ballot = fields.String(required=True)
    envelope = Envelope(required=True)


class WithdrawalSchema(Schema):
    """Withdrawal of a ballot and of the envelope that was sent under it.

    Its own envelope is 337 random bytes. The word ``withdraw`` is two characters longer
    than ``submit``: with a batch id two characters shorter, both bodies are equally
    long.
    """

    op = fields.Constant("withdraw", required=True)
    ballot = fields.String(required=True)
    envelope = Envelope(required=True)


_ITEM_MEMBERS = SubmissionSchema().fields

SUBMISSION_ITEM = DiscriminatedUnion(
    "SubmissionItem", "op", {"submit": SubmissionSchema, "withdraw": WithdrawalSchema}
)


def _refuse_old_content(items: list[object]) -> None:
    """Refuses readable answers of 0.1: their phone keeps them and learns why."""
    old = {
        index: {
            "content": [
                Violation(
                    ErrorCode.UNKNOWN_FIELD,
                    f"is called {find_new_name('content', _ITEM_MEMBERS)} now, and is "
                    "sealed",
                )
            ]
        }
        for index, item in enumerate(items)
        if isinstance(item, dict) and "content" in item
    }
    if old:
        raise ValidationError(old)


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
        validate=[Length(1, MAX_ITEMS), _refuse_old_content],
    )


class SubmissionResultSchema(Schema):
    """The result of one item; hash and digest are null where it could not be read."""

    status = Word(SubmissionStatus)
    reason = Word(SubmissionReason, allow_none=True)
    hash = Digest(required=True, allow_none=True)
    digest = Digest(required=True, allow_none=True)


class SubmissionsReplySchema(Schema):
    """One result for each item, in order, sent only after the commit."""

    protocol = fields.Constant(PROTOCOL, required=True)
    batch = fields.String(required=True)
    results = fields.List(fields.Nested(SubmissionResultSchema), required=True)


class EnvelopeCheckRequestSchema(Schema):
    """An envelope made for the published test key, and all that its info binds."""

    envelope = Envelope(required=True)
    ballot_key_id = Kid(required=True)
    ballot_hash = Digest(required=True)
    charter_digest = Digest(required=True)
    instrument_digest = Digest(required=True)


CONTENT_RULES = (
    *(ErrorCode.MISSING, ErrorCode.UNKNOWN_FIELD, ErrorCode.WRONG_TYPE),
    *(ErrorCode.WRONG_FORMAT, ErrorCode.OUT_OF_RANGE, ErrorCode.NOT_IN_LIST),
)
"""Rules that a content can break."""


class ContentErrorSchema(Schema):
    """A rule that a content breaks."""

    pointer = fields.String(required=True)
    code = Word(CONTENT_RULES)
    detail = fields.String(required=True)


class EnvelopeCheckReplySchema(Schema):
    """Whether the envelope opens, and whether its content would be counted."""

    opens = fields.Boolean(required=True)
    valid = fields.Boolean(required=True)
    errors = fields.List(fields.Nested(ContentErrorSchema), required=True)
