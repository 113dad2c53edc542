"""The roster."""

from marshmallow import Schema, fields, validate

from rapport_schemas.enums import MAX_NAME_LENGTH
from rapport_schemas.fields import Text

MAX_EXTERNAL_ID_LENGTH = 100
MAX_ROSTER_TEAMS = 20_000
MAX_PEOPLE = 200_000
MAX_ROSTER_BYTES = 32 * 1024 * 1024


class RosterTeamSchema(Schema):
    """A team; the one without a parent is the agency itself."""

    external_id = Text(MAX_EXTERNAL_ID_LENGTH)
    name = Text(MAX_NAME_LENGTH)
    parent = Text(MAX_EXTERNAL_ID_LENGTH, allow_none=True)


class RosterPersonSchema(Schema):
    """A person: the team they belong to, and the teams they supervise."""

    external_id = Text(MAX_EXTERNAL_ID_LENGTH)
    team = Text(MAX_EXTERNAL_ID_LENGTH)
    supervises = fields.List(Text(MAX_EXTERNAL_ID_LENGTH), load_default=list)


class RosterRequestSchema(Schema):
    """The whole agency as it is now."""

    teams = fields.List(
        fields.Nested(RosterTeamSchema),
        required=True,
        validate=validate.Length(1, MAX_ROSTER_TEAMS),
    )
    people = fields.List(
        fields.Nested(RosterPersonSchema),
        required=True,
        validate=validate.Length(0, MAX_PEOPLE),
    )


class ChangeCountsSchema(Schema):
    """How many were added, changed and removed."""

    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    removed = fields.Integer(required=True)


class TeamDifferenceSchema(Schema):
    """A team as it is now (null: added) and as it was sent (null: removed)."""

    before = fields.Nested(RosterTeamSchema, required=True, allow_none=True)
    after = fields.Nested(RosterTeamSchema, required=True, allow_none=True)


class PersonDifferenceSchema(Schema):
    """A person as they are now (null: added) and as they were sent (null: removed)."""

    before = fields.Nested(RosterPersonSchema, required=True, allow_none=True)
    after = fields.Nested(RosterPersonSchema, required=True, allow_none=True)


class RosterDifferencesSchema(Schema):
    """Rows that a dry run would change, in the columns of a roster."""

    teams = fields.List(fields.Nested(TeamDifferenceSchema), required=True)
    people = fields.List(fields.Nested(PersonDifferenceSchema), required=True)


class RosterReplySchema(Schema):
    """Counts of the changes; a dry run lists in ``diff`` the rows it would change."""

    teams = fields.Nested(ChangeCountsSchema, required=True)
    people = fields.Nested(ChangeCountsSchema, required=True)
    diff = fields.Nested(RosterDifferencesSchema)


class RosterQuerySchema(Schema):
    """Whether only to list the changes that the roster would make."""

    dry_run = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)
