"""Markers: dates in an agency's history that trends are read against."""

from marshmallow import Schema, fields

from rapport_schemas.audit import ActorSchema
from rapport_schemas.creation import CreationSchema
from rapport_schemas.enums import MarkerKind
from rapport_schemas.fields import (
    CalendarDate,
    Instant,
    StrictBoolean,
    TeamId,
    Text,
    Word,
)
from rapport_schemas.paging import NextCursor

MAX_LABEL_LENGTH = 80


class MarkerRequestSchema(CreationSchema):
    """An event, the teams it concerns, and its date."""

    kind = Word(MarkerKind)
    team_id = TeamId(required=True, allow_none=True)
    effective_on = CalendarDate(required=True)
    confirmed = StrictBoolean(required=True)
    label = Text(MAX_LABEL_LENGTH)


class MarkerSchema(Schema):
    """A marker, when it was declared and by whom, and when it was retracted."""

    id = fields.UUID(required=True)
    kind = Word(MarkerKind)
    team_id = TeamId(required=True, allow_none=True)
    effective_on = CalendarDate(required=True)
    confirmed = fields.Boolean(required=True)
    label = fields.String(required=True)
    declared_at = Instant(required=True)
    declared_by = fields.Nested(ActorSchema, required=True, allow_none=True)
    retracted_at = Instant(required=True, allow_none=True)


class MarkersReplySchema(Schema):
    """Markers of the agency and of the teams that the reader may see, by date."""

    markers = fields.List(fields.Nested(MarkerSchema), required=True)
    next = NextCursor()
