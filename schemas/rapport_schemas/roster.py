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


class RosterReply(Schema):
    """What putting the roster changed."""

    teams = fields.Nested(ChangeReply, required=True)
    people = fields.Nested(ChangeReply, required=True)
