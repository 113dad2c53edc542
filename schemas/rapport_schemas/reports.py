"""Teams and their scores."""

from marshmallow import EXCLUDE, Schema, fields, validate

from rapport_schemas.choice import Choice
from rapport_schemas.fields import Instant, TeamId, WaveId


class TeamSummary(Schema):
    """A team that the reader may see."""

    id = TeamId(required=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)
    parent = TeamId(required=True, allow_none=True)


class TeamsReply(Schema):
    """The teams that the reader may see, by external id."""

    teams = fields.List(fields.Nested(TeamSummary), required=True)


class TeamName(Schema):
    """A team as a score document names it."""

    id = TeamId(required=True)
    name = fields.String(required=True)


class ConstructFigure(Schema):
    """One construct. ``favourable`` is null in the coarse tier.

    ``bound`` says that the score is only known to be at most or at least this.
    """

    score = fields.Integer(required=True, validate=validate.Range(0, 100))
    bound = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["at_most", "at_least"]),
    )
    favourable = fields.Integer(
        required=True, allow_none=True, validate=validate.Range(0, 100)
    )


class Constructs(Schema):
    """The two constructs and both together; always all or none."""

    trust = fields.Nested(ConstructFigure, required=True)
    communication = fields.Nested(ConstructFigure, required=True)
    overall = fields.Nested(ConstructFigure, required=True)


class PendingReply(Schema):
    """The wave is not sealed yet: nobody sees a score."""

    status = fields.Constant("pending", required=True)
    team = fields.Nested(TeamName, required=True)
    wave = WaveId(required=True)
    seals_at = Instant(required=True)


class WithheldReply(Schema):
    """No group around this team is large enough to show anything safely."""

    status = fields.Constant("withheld", required=True)
    team = fields.Nested(TeamName, required=True)
    wave = WaveId(required=True)
    release = fields.Integer(required=True)


class ReleasedReply(Schema):
    """The team's own figures, in bands and rounded as its tier demands."""

    status = fields.Constant("released", required=True)
    team = fields.Nested(TeamName, required=True)
    wave = WaveId(required=True)
    release = fields.Integer(required=True)
    tier = fields.String(required=True, validate=validate.OneOf(["coarse", "fine"]))
    respondents = fields.String(required=True)
    participation = fields.String(required=True)
    constructs = fields.Nested(Constructs, required=True)


class RolledUpReply(ReleasedReply):
    """The figures of the nearest group around the team that could be released."""

    status = fields.Constant("rolled_up", required=True)
    source = fields.Nested(TeamName, required=True, data_key="from")


SCORE = Choice(
    "Score",
    "status",
    {
        "released": ReleasedReply,
        "rolled_up": RolledUpReply,
        "withheld": WithheldReply,
        "pending": PendingReply,
    },
)
"""What there is to say of a team in a wave; all or nothing, and never a count."""


class ScoreQuery(Schema):
    """Which wave; without it, the newest that is sealed."""

    class Meta:
        """Other parameters mean nothing here."""

        unknown = EXCLUDE

    wave = WaveId()
