"""JSON has numbers; what is whole may be written 7 or 7.0, and JSON Schema agrees."""

import pytest
from marshmallow import Schema, ValidationError, fields

from rapport_schemas.fields import WholeNumber
from tools.openapi import document


def list_request_numbers():
    for _, _, operation in document.list_operations(document.create_routes_app()):
        for schema in (operation.body_schema, operation.query_schema):
            if schema is not None:
                yield from list_numbers(schema())


def list_numbers(node):
    match node:
        case Schema():
            for field in node.fields.values():
                yield from list_numbers(field)
        case fields.Nested():
            yield from list_numbers(node.schema)
        case fields.List():
            yield from list_numbers(node.inner)
        case fields.Integer():
            yield node


def test_every_number_that_is_asked_for_is_a_whole_number_of_ours():
    numbers = list(list_request_numbers())

    assert numbers
    assert all(isinstance(number, WholeNumber) for number in numbers)


@pytest.mark.parametrize("written", [7, 7.0])
def test_a_whole_number_is_whole_however_it_is_written(written):
    number = WholeNumber().deserialize(written)

    assert (number, type(number)) == (7, int)


@pytest.mark.parametrize("written", ["7", True, 7.5, float("inf"), float("nan"), [7]])
def test_other_values_are_no_whole_numbers(written):
    with pytest.raises(ValidationError):
        WholeNumber().deserialize(written)
