"""Syncing and drawing: the poll-book door for phones."""

from marshmallow import Schema, fields

from rapport_schemas.enums import SYNCED_STATES, DrawStatus, SyncDirective
from rapport_schemas.fields import BoundedInteger, Digest, TeamId, Text, WaveId, Word
from rapport_schemas.rules import Length

MAX_DRAWS = 50


class LimitsSchema(Schema):
    """Limits of one submission request."""

    items = BoundedInteger(1)
    bytes = BoundedInteger(1)


class SyncWaveSchema(Schema):
    """A wave that the person is an elector of."""

    wave_id = WaveId(required=True)
    state = Word(SYNCED_STATES)
    charter_digest = Digest(required=True)
    voting_team_id = TeamId(required=True)
    reason = fields.String(required=True, allow_none=True)


class SyncReplySchema(Schema):
    """The waves of a person, limits, and directives to the phone."""

    epoch = fields.String(required=True)
    limits = fields.Nested(LimitsSchema, required=True)
    directives = fields.List(Word(SyncDirective), required=True)
    waves = fields.List(fields.Nested(SyncWaveSchema), required=True)


class DrawRequestSchema(Schema):
    """A blinded ballot for one wave."""

    wave_id = Text(64)
    ballot_key_id = Text(64)
    blinded = Text(400)


class DrawsRequestSchema(Schema):
    """Blinded ballots, one for each wave."""

    requests = fields.List(
        fields.Nested(DrawRequestSchema),
        required=True,
        validate=Length(1, MAX_DRAWS),
    )


class DrawResultSchema(Schema):
    """The result of one request; a signature only if the status is ``signed``."""

    wave_id = fields.String(required=True)
    status = Word(DrawStatus)
    signature = fields.String(required=True, allow_none=True)


class DrawsReplySchema(Schema):
    """One result for each request, in order."""

    results = fields.List(fields.Nested(DrawResultSchema), required=True)
