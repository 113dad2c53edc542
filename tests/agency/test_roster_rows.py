"""Rows of a roster are checked without a schema each, and by the same rules."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from rapport_schemas.roster import (
    RosterPersonSchema,
    RosterRows,
    RosterSchema,
    RosterTeamSchema,
)


class PlainSchema(Schema):
    """The same document, each row through its schema."""

    teams = fields.List(fields.Nested(RosterTeamSchema), required=True)
    people = fields.List(fields.Nested(RosterPersonSchema), required=True)


NAMES = st.sampled_from(
    [
        "a",
        "ñ" * 100,
        "x" * 101,
        "",
        " a",
        "a ",
        "a\n",
        "\ud800",
        "é b",
        "\u200b",
        7,
        None,
    ]
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "external_id": NAMES,
        "name": NAMES,
        "parent": NAMES,
        "team": NAMES,
        "supervises": st.lists(NAMES, max_size=3) | NAMES,
        "email": NAMES,
    },
)
ANY_ROWS = st.lists(ROWS | NAMES | st.lists(NAMES), max_size=4) | ROWS | NAMES


def load(schema, document) -> tuple[bool, Any]:
    """Whether a schema takes a document; what it loads, or the errors."""
    try:
        return True, schema.load(document)
    except ValidationError as error:
        return False, error.messages


def copy(value):
    """A copy of a document, since the rows of a roster are completed in place."""
    if isinstance(value, dict):
        return {name: copy(member) for name, member in value.items()}
    return [copy(member) for member in value] if isinstance(value, list) else value


@given(teams=ANY_ROWS, people=ANY_ROWS)
@example(teams=[], people=[{"external_id": "p", "team": "t"}])
@example(teams=[{"external_id": "t", "name": "T", "parent": None}], people=[])
def test_rows_are_taken_and_refused_as_by_their_schema(teams, people):
    document = {"teams": teams, "people": people}

    assert load(RosterSchema(), copy(document)) == load(PlainSchema(), document)


def test_every_member_of_a_row_is_checked():
    for schema in (RosterTeamSchema, RosterPersonSchema):
        assert RosterRows(schema, 1)._checks.keys() == schema().fields.keys()
