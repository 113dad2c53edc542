"""A team's scores through the waves."""

from marshmallow import Schema, fields

from rapport_schemas.fields import Instant, WaveId
from rapport_schemas.reports import TeamName
from rapport_schemas.shown import Shown


class TrendPoint(Shown):
    """What one wave released of the team itself.

    Where it was rolled up, ``from`` names the group, whose figures are no point of this
    team's series: they are in the score.
    """

    wave = WaveId(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)


class TrendReply(Schema):
    """The newest 60 waves that released something of the team, oldest first.

    Waves that are not sealed or were cancelled are not among them.
    """

    team = fields.Nested(TeamName, required=True)
    waves = fields.List(fields.Nested(TrendPoint), required=True)
