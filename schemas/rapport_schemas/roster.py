"""The roster."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields

from rapport_schemas.enums import MAX_NAME_LENGTH
from rapport_schemas.fields import (
    BoundedInteger,
    ExternalId,
    QueryNumber,
    RosterPersonId,
    StrictBoolean,
    Text,
)
from rapport_schemas.rules import Length
from rapport_schemas.team_sizes import TeamSizesSchema

MAX_ROSTER_TEAMS = 20_000
MAX_PEOPLE = 200_000
MAX_ROSTER_BYTES = 32 * 1024 * 1024


class TeamNames(fields.List[str]):
    """External ids of teams; none if they are left out."""

    def __init__(self) -> None:
        self._name = ExternalId()
        super().__init__(self._name, load_default=list)

    def accepts(self, value: object) -> bool:
        """Whether a value keeps the rules; quicker than loading it."""
        return isinstance(value, list) and all(map(self._name.accepts, value))


class Flag(StrictBoolean):
    """True or false; false if it is left out."""

    def __init__(self) -> None:
        super().__init__(load_default=bool)

    def accepts(self, value: object) -> bool:
        """Whether a value keeps the rules; quicker than loading it."""
        return isinstance(value, bool)


class RosterTeamSchema(Schema):
    """A team; the one without a parent is the agency itself."""

    external_id = ExternalId()
    name = Text(MAX_NAME_LENGTH)
    parent = ExternalId(allow_none=True)


class RosterPersonSchema(Schema):
    """A person: the team they belong to, whom they supervise, if they are away."""

    external_id = RosterPersonId()
    team = ExternalId()
    supervises = TeamNames()
    away = Flag()


class RosterRows(fields.List[Any]):
    """Rows of a roster, of which there may be 200,000.

    A schema takes some 15 microseconds a row. So the rows are checked by ``accepts`` of
    each member, and those alone go through their schema that break a rule, or have
    another normal form.
    """

    def __init__(self, schema: type[Schema], max_length: int) -> None:
        super().__init__(
            fields.Nested(schema),
            required=True,
            validate=Length(0, max_length),
        )
        members = schema().fields.items()
        self._checks = {
            name: field.accepts
            for name, field in members
            if isinstance(field, Text | TeamNames | Flag)
        }
        self._defaults = {
            name: field.load_default for name, field in members if not field.required
        }

    def _deserialize(
        self,
        value: Any,  # noqa: ANN401  # as marshmallow declares it
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,  # noqa: ANN401
    ) -> list[Any]:
        del attr, data
        if not isinstance(value, list):
            raise self.make_error("invalid")
        errors = {}
        for index, row in enumerate(value):
            if isinstance(row, dict):
                for name, default in self._defaults.items():
                    if name not in row:
                        row[name] = default()
            if not self._accepts(row):
                try:
                    value[index] = self.inner.deserialize(row, **kwargs)
                except ValidationError as error:
                    errors[index] = error.messages
        if errors:
            raise ValidationError(errors)
        return value

    def _accepts(self, row: object) -> bool:
        if not isinstance(row, dict) or row.keys() != self._checks.keys():
            return False
        for name, accepts in self._checks.items():  # noqa: SIM110  # all() is slower
            if not accepts(row[name]):
                return False
        return True


class DumpedRows(fields.List[Any]):
    """Rows of a reply, of which there may be 200,000: they go out as they are."""

    def __init__(self, schema: type[Schema]) -> None:
        super().__init__(fields.Nested(schema), required=True)

    def _serialize(
        self,
        value: Any,  # noqa: ANN401  # as marshmallow declares it
        attr: str | None,
        obj: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> list[Any]:
        del attr, obj, kwargs
        rows: list[Any] = value
        return rows


class RosterSchema(Schema):
    """The whole agency as it is now."""

    teams = RosterRows(RosterTeamSchema, MAX_ROSTER_TEAMS)
    people = RosterRows(RosterPersonSchema, MAX_PEOPLE)


class ChangeCountsSchema(Schema):
    """How many were added, changed and removed."""

    added = BoundedInteger(0)
    changed = BoundedInteger(0)
    removed = BoundedInteger(0)


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

    teams = DumpedRows(TeamDifferenceSchema)
    people = DumpedRows(PersonDifferenceSchema)
    administrators = fields.List(fields.String(), required=True)
    auditors = fields.List(fields.String(), required=True)


class RosterReplySchema(TeamSizesSchema):
    """Counts of the changes, and in a dry run the rows that it would change.

    Also the teams that would be too small for a score of their own in the next wave.
    """

    teams = fields.Nested(ChangeCountsSchema, required=True)
    people = fields.Nested(ChangeCountsSchema, required=True)
    diff = fields.Nested(RosterDifferencesSchema)


class RosterQuerySchema(Schema):
    """Whether only to list the changes; how many people are to be removed, if many."""

    dry_run = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)
    confirm_removals = QueryNumber(0, MAX_PEOPLE)
