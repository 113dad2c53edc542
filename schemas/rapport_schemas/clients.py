"""Service clients: the programs of an agency."""

from marshmallow import Schema, ValidationError, fields

from rapport_schemas.creation import CreationSchema
from rapport_schemas.enums import CLIENT_SCOPES, MAX_NAME_LENGTH
from rapport_schemas.errors import ErrorCode
from rapport_schemas.fields import ClientId, Instant, TeamId, Text, Word
from rapport_schemas.paging import NextCursor
from rapport_schemas.rules import Length, Violation

MAX_CLIENT_TEAMS = 1000


def _require_distinct(values: list[str]) -> None:
    repeated = {
        index: [Violation(ErrorCode.REPEATED, "must be named once")]
        for index, value in enumerate(values)
        if value in values[:index]
    }
    if repeated:
        raise ValidationError(repeated)


class ClientRequestSchema(CreationSchema):
    """A program and what it may do.

    A program that is limited to teams can only read reports, because roster and audit
    are always the whole agency.
    """

    name = Text(MAX_NAME_LENGTH)
    scopes = fields.List(
        Word(CLIENT_SCOPES),
        required=True,
        validate=[Length(1, len(CLIENT_SCOPES)), _require_distinct],
    )
    team_ids = fields.List(
        TeamId(), load_default=list, validate=Length(0, MAX_CLIENT_TEAMS)
    )


class ClientSchema(Schema):
    """A service client. Its secret is not kept and cannot be shown."""

    id = ClientId(required=True)
    name = fields.String(required=True)
    scopes = fields.List(Word(CLIENT_SCOPES), required=True)
    team_ids = fields.List(TeamId(), required=True)
    revoked = fields.Boolean(required=True)


class ClientsReplySchema(Schema):
    """Clients of the agency by name, revoked ones too."""

    clients = fields.List(fields.Nested(ClientSchema), required=True)
    next = NextCursor()


class ClientSecretReplySchema(ClientSchema):
    """A client with its new secret. The secret is shown only once."""

    secret = fields.String(required=True)
    previous_secret_valid_until = Instant(required=True, allow_none=True)
