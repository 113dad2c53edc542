"""The charter: the promise of a wave, frozen before the first answer."""

from marshmallow import Schema, fields, validate

from rapport_schemas.enums import DOCUMENT_FORMAT, MIN_GROUP_CEILING, MIN_GROUP_FLOOR
from rapport_schemas.fields import BoundedInteger, Digest, Instant, Kid, TeamId, WaveId


class OrganizationNameSchema(Schema):
    """The agency."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class WaveDatesSchema(Schema):
    """Times of the wave, each later than the one before.

    ``keep_seconds``: how long a device keeps what it sent.
    """

    id = WaveId(required=True)
    announces_at = Instant(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    seals_at = Instant(required=True)
    late_releases_at = fields.List(
        Instant(required=True), required=True, validate=validate.Length(2, 2)
    )
    retires_at = Instant(required=True)
    keep_seconds = BoundedInteger(0)


class BandsSchema(Schema):
    """Numbers of people and shares of a team as they are shown, and never finer."""

    respondents = fields.List(fields.String(), required=True)
    participation = fields.List(fields.String(), required=True)


class CharterTeamSchema(Schema):
    """A team in the reporting tree.

    ``eligible`` people can answer in it and in the teams below it. Its own people vote
    under ``ballot_key_id``, which is null if nobody in it can answer. The team that a
    key belongs to always names it. ``pool`` is how many people vote under that key,
    null elsewhere.
    """

    team_id = TeamId(required=True)
    parent_id = TeamId(required=True, allow_none=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)
    eligible = BoundedInteger(0)
    ballot_key_id = Kid(required=True, allow_none=True)
    pool = BoundedInteger(MIN_GROUP_FLOOR, allow_none=True)


class CharterSchema(Schema):
    """The promise of a wave: questions, people, dates, and what will be shown.

    ``min_respondents`` is the smallest number of respondents that a score may rest on,
    ``min_pool`` the smallest pool that a ballot key may have. ``plain_language``
    explains all of it, by language.
    """

    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    organization = fields.Nested(OrganizationNameSchema, required=True)
    wave = fields.Nested(WaveDatesSchema, required=True)
    instrument_digest = Digest(required=True)
    min_respondents = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    min_pool = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    bands = fields.Nested(BandsSchema, required=True)
    tree = fields.List(fields.Nested(CharterTeamSchema), required=True)
    plain_language = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), required=True
    )
