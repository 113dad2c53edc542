"""The releases of a wave."""

from marshmallow import Schema, fields

from rapport_schemas.fields import BoundedFloat, BoundedInteger, Digest, TeamId, WaveId
from rapport_schemas.paging import NextCursor


class ReleasedScoreSchema(Schema):
    """A score document of the release, by its digest: the ETag of the score."""

    team_id = TeamId(required=True)
    digest = Digest(required=True)


class LevelVariancesSchema(Schema):
    """Terms of the organization that levels and changes of one construct rest on."""

    noise = BoundedFloat(0, 10_000)
    drift = BoundedFloat(0, 10_000)
    between = BoundedFloat(0, 10_000)
    mean = BoundedFloat(0, 100)
    change_scale = BoundedFloat(0, 100)
    two_wave_change_scale = BoundedFloat(0, 100)


class ConstructVariancesSchema(Schema):
    """The two constructs and both together."""

    trust = fields.Nested(LevelVariancesSchema, required=True)
    communication = fields.Nested(LevelVariancesSchema, required=True)
    overall = fields.Nested(LevelVariancesSchema, required=True)


class ReleaseSchema(Schema):
    """The release of a wave. It is never changed."""

    number = BoundedInteger(1)
    counted_ballots_digest = Digest(required=True)
    invalid_band = fields.String(required=True)
    level_variances = fields.Nested(ConstructVariancesSchema, required=True)
    documents = fields.List(fields.Nested(ReleasedScoreSchema), required=True)


class ReleasesReplySchema(Schema):
    """The releases of a wave, the charter that promised them, and the key they opened.

    There are none before the seal, and none of a cancelled wave.
    """

    wave_id = WaveId(required=True)
    charter_digest = Digest(required=True)
    sealing_key_thumbprint = Digest(required=True)
    releases = fields.List(fields.Nested(ReleaseSchema), required=True)
    next = NextCursor()
