"""A team's scores through the waves."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Instant, WaveId
from rapport_schemas.reports import ScoreTrend, TeamName, Told
from rapport_schemas.shown import Shown


class TrendPoint(Shown):
    """What one wave released of the team itself.

    Where it was rolled up, ``from`` names the group, whose figures are no point of this
    team's series: they are in the score.
    """

    wave = WaveId(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)


class Headings(Schema):
    """Where each score is heading, as the newest wave's release says."""

    trust = fields.Nested(ScoreTrend, required=True, allow_none=True)
    communication = fields.Nested(ScoreTrend, required=True, allow_none=True)
    overall = fields.Nested(ScoreTrend, required=True, allow_none=True)


class TrendReply(Schema):
    """The newest 60 waves that released something of the team, oldest first.

    Waves that are not sealed or were cancelled are not among them. ``heading`` is null
    where the newest wave does not show the team's own trend.
    """

    team = fields.Nested(TeamName, required=True)
    waves = fields.List(fields.Nested(TrendPoint), required=True)
    heading = fields.Nested(Headings, required=True)
    explanation = fields.List(fields.Nested(Told), required=True)
