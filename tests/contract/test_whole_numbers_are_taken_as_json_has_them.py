"""JSON has numbers; what is whole may be written 7 or 7.0, and JSON Schema agrees."""

import pytest
from marshmallow import Schema, ValidationError, fields

from rapport_schemas.fields import WholeNumber
from tests.contract import document


def asked():
    for _, _, operation in document.operations(document.app()):
        for schema in (operation.takes, operation.query):
            if schema is not None:
                yield from numbers(schema())


def numbers(node):
    match node:
        case Schema():
            for field in node.fields.values():
                yield from numbers(field)
        case fields.Nested():
            yield from numbers(node.schema)
        case fields.List():
            yield from numbers(node.inner)
        case fields.Integer():
            yield node


def test_every_number_that_is_asked_for_is_a_whole_number_of_ours():
    found = list(asked())

    assert found
    assert all(isinstance(number, WholeNumber) for number in found)


@pytest.mark.parametrize("written", [7, 7.0])
def test_a_whole_number_is_whole_however_it_is_written(written):
    number = WholeNumber().deserialize(written)

    assert (number, type(number)) == (7, int)


@pytest.mark.parametrize("written", ["7", True, 7.5, float("inf"), float("nan"), [7]])
def test_nothing_else_is(written):
    with pytest.raises(ValidationError):
        WholeNumber().deserialize(written)
