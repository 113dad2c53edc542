"""The audit: changes by people and programs."""

from marshmallow import Schema, fields

from rapport_schemas.enums import (
    MAX_AUDIT_CHANGES,
    ActorKind,
    AuditAction,
    SubjectKind,
)
from rapport_schemas.fields import BoundedInteger, Instant, Text, Word
from rapport_schemas.paging import NextCursor, PageQuerySchema
from rapport_schemas.rules import Length

MAX_AUDIT_ID_LENGTH = 200


class ActorSchema(Schema):
    """The one who did something."""

    kind = Word(ActorKind)
    id = fields.String(required=True, allow_none=True)


class SubjectSchema(Schema):
    """A thing that was changed."""

    kind = Word(SubjectKind)
    id = fields.String(required=True)


class ChangeSchema(SubjectSchema):
    """A change of one thing."""

    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class AuditEntrySchema(Schema):
    """One change by a person, a program or the command line.

    People are named by the ids that the agency chose, and by nothing else. Draws, syncs
    and the enrolment of phones are never listed: they would show who takes part.
    """

    id = fields.UUID(required=True)
    at = Instant(required=True)
    actor = fields.Nested(ActorSchema, required=True)
    action = Word(AuditAction)
    subject = fields.Nested(SubjectSchema, required=True)
    changes = fields.List(
        fields.Nested(ChangeSchema),
        required=True,
        validate=Length(0, MAX_AUDIT_CHANGES),
    )
    change_count = BoundedInteger(0)


class AuditReplySchema(Schema):
    """Entries of the audit, the newest first."""

    entries = fields.List(fields.Nested(AuditEntrySchema), required=True)
    next = NextCursor()


class AuditQuerySchema(PageQuerySchema):
    """The entries that are wanted; without a filter, all of them."""

    action = Word(AuditAction, required=False)
    actor_id = Text(MAX_AUDIT_ID_LENGTH, required=False)
    subject_id = Text(MAX_AUDIT_ID_LENGTH, required=False)
    since = Instant()
    until = Instant()
