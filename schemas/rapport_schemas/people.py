"""People of the roster, one by one."""

from marshmallow import Schema, fields

from rapport_schemas.fields import ExternalId
from rapport_schemas.paging import NextCursor, PageQuerySchema
from rapport_schemas.reports import TeamReferenceSchema


class PersonSchema(Schema):
    """A person of the roster: their team, whom they supervise, if they are away.

    Nothing says here whether a person has a device: without one they cannot have
    answered, which must stay unknown.
    """

    external_id = fields.String(required=True)
    team = fields.Nested(TeamReferenceSchema, required=True)
    supervises = fields.List(fields.Nested(TeamReferenceSchema), required=True)
    away = fields.Boolean(required=True)


class PeopleReplySchema(Schema):
    """The people of the roster, by external id."""

    people = fields.List(fields.Nested(PersonSchema), required=True)
    next = NextCursor()


class PeopleQuerySchema(PageQuerySchema):
    """The external id of the one person who is wanted, or a page of all people."""

    external_id = ExternalId(required=False)
