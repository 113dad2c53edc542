"""The roster."""

from marshmallow import Schema, fields, validate

from rapport_schemas.fields import Text

EXTERNAL_ID = 100
NAME = 200
TEAMS = 20_000
PEOPLE = 200_000
ROSTER_BYTES = 32 * 1024 * 1024


class RosterTeam(Schema):
    """A team; the one without a parent is the agency itself."""

    external_id = Text(EXTERNAL_ID)
    name = Text(NAME)
    parent = Text(EXTERNAL_ID, allow_none=True)


class RosterPerson(Schema):
    """A person: the team they belong to, and the teams they supervise."""

    external_id = Text(EXTERNAL_ID)
    team = Text(EXTERNAL_ID)
    supervises = fields.List(Text(EXTERNAL_ID), load_default=list)


class RosterRequest(Schema):
    """The whole agency as it is now."""

    teams = fields.List(
        fields.Nested(RosterTeam), required=True, validate=validate.Length(1, TEAMS)
    )
    people = fields.List(
        fields.Nested(RosterPerson), required=True, validate=validate.Length(0, PEOPLE)
    )


class ChangeReply(Schema):
    """How many were added, changed and removed."""

    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    removed = fields.Integer(required=True)


class TeamDifference(Schema):
    """A team as it stands (null: added) and as it was sent (null: removed)."""

    before = fields.Nested(RosterTeam, required=True, allow_none=True)
    after = fields.Nested(RosterTeam, required=True, allow_none=True)


class PersonDifference(Schema):
    """A person as they stand (null: added) and as they were sent (null: removed)."""

    before = fields.Nested(RosterPerson, required=True, allow_none=True)
    after = fields.Nested(RosterPerson, required=True, allow_none=True)


class RosterDifferences(Schema):
    """What a dry run would change, in the columns of a roster."""

    teams = fields.List(fields.Nested(TeamDifference), required=True)
    people = fields.List(fields.Nested(PersonDifference), required=True)


class RosterReply(Schema):
    """What putting the roster changed; or would, and then ``diff`` says what."""

    teams = fields.Nested(ChangeReply, required=True)
    people = fields.Nested(ChangeReply, required=True)
    diff = fields.Nested(RosterDifferences)


class RosterQuery(Schema):
    """Whether only to tell what the roster would change."""

    dry_run = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)
