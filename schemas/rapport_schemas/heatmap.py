"""Teams side by side in one wave."""

from marshmallow import Schema, fields

from rapport_schemas.choice import Choice
from rapport_schemas.fields import Instant, WaveId
from rapport_schemas.reports import PendingReply, TeamName, Told
from rapport_schemas.shown import Shown


class HeatmapTeam(TeamName):
    """A team, by the agency's own id as well."""

    external_id = fields.String(required=True)


class HeatmapRow(Shown):
    """One team. Where it was rolled up, the figures are those of the group in ``from``.

    Each figure is the one in the team's score.
    """

    team = fields.Nested(HeatmapTeam, required=True)


class HeatmapReply(Schema):
    """The team, then its children in the wave's charter that you may see, by their ids.

    The order says nothing of the scores, and neighbours may differ by chance alone.
    """

    status = fields.Constant("sealed", required=True)
    team = fields.Nested(TeamName, required=True)
    wave = WaveId(required=True)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    rows = fields.List(fields.Nested(HeatmapRow), required=True)
    explanation = fields.List(fields.Nested(Told), required=True)


HEATMAP = Choice("Heatmap", "status", {"sealed": HeatmapReply, "pending": PendingReply})
"""What there is to say of a team and its children in a wave."""
