"""Teams that are too small for a score of their own."""

from marshmallow import Schema, fields

from rapport_schemas.enums import MIN_GROUP_CEILING, MIN_GROUP_FLOOR, SizeReason
from rapport_schemas.fields import BoundedInteger, TeamId, Word


class SizedTeamSchema(Schema):
    """A team of the roster that is stored, or that a dry run would store."""

    id = TeamId(required=True, allow_none=True)
    external_id = fields.String(required=True)
    name = fields.String(required=True)


class TeamWithoutScoreSchema(Schema):
    """A team that has no score of its own, even if everybody answers."""

    team = fields.Nested(SizedTeamSchema, required=True)
    reason = Word(SizeReason)
    eligible = BoundedInteger(0)
    needed = BoundedInteger(MIN_GROUP_FLOOR, MIN_GROUP_CEILING)
    supervisors = BoundedInteger(0)
    answers_with = fields.Nested(SizedTeamSchema, required=True, allow_none=True)


class TeamSizesSchema(Schema):
    """Meaning of the sizes of the teams, by the roster and the limits as they are."""

    can_be_asked = fields.Boolean(required=True)
    teams_without_score = fields.List(
        fields.Nested(TeamWithoutScoreSchema), required=True
    )
