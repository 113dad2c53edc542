"""The charter: the promise of a wave, frozen before the first answer."""

from marshmallow import Schema, fields

from rapport_schemas.enums import DOCUMENT_FORMAT, MIN_GROUP_CEILING, MIN_GROUP_FLOOR
from rapport_schemas.fields import BoundedInteger, Digest, Instant, Kid, TeamId, WaveId
from rapport_schemas.keys import SealingKeySchema


class OrganizationNameSchema(Schema):
    """The agency.

    Charters that were frozen before they named the time zone have none.
    """

    id = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String()


class WaveDatesSchema(Schema):
    """Times of the wave, each later than the one before."""

    id = WaveId(required=True)
    announces_at = Instant(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    seals_at = Instant(required=True)
    retires_at = Instant(required=True)
    keep_seconds = BoundedInteger(0)


class BandsSchema(Schema):
    """Numbers of people and shares of a team as they are shown, and never finer."""

    respondents = fields.List(fields.String(), required=True)
    participation = fields.List(fields.String(), required=True)
    small_team_participation = fields.List(fields.String(), required=True)


class CharterTeamSchema(Schema):
    """A team in the reporting tree.

    The team that a ballot key belongs to always names it.
    """

    team_id = TeamId(required=True)
    parent_id = TeamId(required=True, allow_none=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)
    eligible = BoundedInteger(0)
    ballot_key_id = Kid(required=True, allow_none=True)
    pool = BoundedInteger(MIN_GROUP_FLOOR, allow_none=True)


class CharterSchema(Schema):
    """The promise of a wave: questions, people, dates, and what will be shown."""

    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    organization = fields.Nested(OrganizationNameSchema, required=True)
    wave = fields.Nested(WaveDatesSchema, required=True)
    instrument_digest = Digest(required=True)
    sealing_key = fields.Nested(SealingKeySchema, required=True)
    min_respondents = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    min_pool = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    bands = fields.Nested(BandsSchema, required=True)
    tree = fields.List(fields.Nested(CharterTeamSchema), required=True)
    plain_language = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True
    )
