"""Teams and their scores."""

from marshmallow import Schema, fields

from rapport_schemas.discriminated_union import DiscriminatedUnion
from rapport_schemas.enums import (
    DOCUMENT_FORMAT,
    AgainstOrganization,
    Agreement,
    Bound,
    Change,
    PendingDelay,
    ReleaseStatus,
    Tier,
    TrendDirection,
)
from rapport_schemas.fields import (
    BoundedInteger,
    ExternalId,
    Instant,
    TeamId,
    WaveId,
    Word,
)
from rapport_schemas.paging import NextCursor, PageQuerySchema


class TeamSummarySchema(Schema):
    """A team that the reader may see."""

    id = TeamId(required=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)
    parent_id = TeamId(required=True, allow_none=True)
    gone = fields.Boolean(required=True)


class TeamsReplySchema(Schema):
    """The teams that the reader may see, by external id."""

    teams = fields.List(fields.Nested(TeamSummarySchema), required=True)
    next = NextCursor()


class TeamsQuerySchema(PageQuerySchema):
    """The external id of the one team that is wanted, or a page; of now or gone."""

    external_id = ExternalId(required=False)
    gone = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)


class TeamReferenceSchema(Schema):
    """A team as other documents name it: its id, the agency's own id, its name."""

    id = TeamId(required=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)


class SentenceSchema(Schema):
    """A sentence for people."""

    code = fields.String(required=True)
    en = fields.String(required=True)
    es = fields.String(required=True)


class ScoreIntervalSchema(Schema):
    """A 95 percent interval, in points, of the score of the whole team in this wave.

    The whole team includes those who did not answer.
    """

    low = BoundedInteger(0, 100)
    high = BoundedInteger(0, 100)


class ScoreTrendSchema(Schema):
    """The direction of a score over twelve waves or more."""

    direction = Word(TrendDirection)
    per_four_weeks = fields.Integer(required=True, allow_none=True)
    detectable = BoundedInteger(1)


class LevelSchema(Schema):
    """The level of a group, by all of its waves so far."""

    score = BoundedInteger(0, 100)
    interval = fields.Nested(ScoreIntervalSchema, required=True)


class ScoreChangeSchema(Schema):
    """The change of a score against the level before it."""

    direction = Word(Change)
    detectable = BoundedInteger(1)


class ConstructScoreSchema(Schema):
    """One construct."""

    score = BoundedInteger(0, 100)
    bound = Word(Bound, allow_none=True)
    interval = fields.Nested(ScoreIntervalSchema, required=True)
    level = fields.Nested(LevelSchema, required=True, allow_none=True)
    change = fields.Nested(ScoreChangeSchema, required=True, allow_none=True)
    two_wave_change = fields.Nested(ScoreChangeSchema, required=True, allow_none=True)
    favourable = BoundedInteger(0, 100, allow_none=True)
    trend = fields.Nested(ScoreTrendSchema, required=True, allow_none=True)
    against_organization = Word(AgainstOrganization, allow_none=True)


class ItemScoreSchema(Schema):
    """One question, after reverse keying: more is better."""

    score = BoundedInteger(0, 100)
    interval = fields.Nested(ScoreIntervalSchema, required=True)
    favourable = BoundedInteger(0, 100)


class ConstructScoresSchema(Schema):
    """The two constructs and both together; always all or none."""

    trust = fields.Nested(ConstructScoreSchema, required=True)
    communication = fields.Nested(ConstructScoreSchema, required=True)
    overall = fields.Nested(ConstructScoreSchema, required=True)


class PendingReplySchema(Schema):
    """A wave that is not sealed yet, so there is no score."""

    status = fields.Constant("pending", required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    wave_id = WaveId(required=True)
    seals_at = Instant(required=True)
    delay = Word(PendingDelay, allow_none=True)


class WithheldReplySchema(Schema):
    """No figures: no group that includes the team is large enough."""

    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    status = fields.Constant("withheld", required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    wave_id = WaveId(required=True)
    release = BoundedInteger(1)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


class ReleasedReplySchema(Schema):
    """The team's own figures, in bands and rounded as its tier demands."""

    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    status = fields.Constant("released", required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    wave_id = WaveId(required=True)
    release = BoundedInteger(1)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    tier = Word(Tier)
    respondents = fields.String(required=True)
    participation = fields.String(required=True)
    tipping_point = BoundedInteger(5, 100)
    constructs = fields.Nested(ConstructScoresSchema, required=True)
    agreement = Word(Agreement, allow_none=True)
    items = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(ItemScoreSchema),
        required=True,
        allow_none=True,
    )
    crisis_percent = BoundedInteger(10, 90, allow_none=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)


class RolledUpReplySchema(ReleasedReplySchema):
    """Figures of the nearest larger group that included the team in this wave.

    A reader who may not see that group gets null for it and for all of its figures.
    """

    status = fields.Constant("rolled_up", required=True)
    source_team = fields.Nested(TeamReferenceSchema, required=True, allow_none=True)
    tier = Word(Tier, allow_none=True)
    respondents = fields.String(required=True, allow_none=True)
    participation = fields.String(required=True, allow_none=True)
    tipping_point = BoundedInteger(5, 100, allow_none=True)
    constructs = fields.Nested(ConstructScoresSchema, required=True, allow_none=True)


class PublishedFiguresSchema(Schema):
    """A team's figures, copied from a release into trends and heat maps.

    Members are null where nothing may be shown.
    """

    release = BoundedInteger(1)
    status = Word(ReleaseStatus)
    source_team = fields.Nested(TeamReferenceSchema, required=True, allow_none=True)
    tier = Word(Tier, allow_none=True)
    respondents = fields.String(required=True, allow_none=True)
    participation = fields.String(required=True, allow_none=True)
    constructs = fields.Nested(ConstructScoresSchema, required=True, allow_none=True)


SCORE = DiscriminatedUnion(
    "Score",
    "status",
    {
        "released": ReleasedReplySchema,
        "rolled_up": RolledUpReplySchema,
        "withheld": WithheldReplySchema,
        "pending": PendingReplySchema,
    },
)
"""A team's score in a wave; all or nothing, and never a count."""


class ScoreQuerySchema(Schema):
    """The wave; without it, the newest that is sealed."""

    wave_id = WaveId()
