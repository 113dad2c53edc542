"""Field errors: pointers, codes, texts for people, in the service and in the SDK."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_client import FieldError as ReadError
from rapport_schemas.errors import (
    ErrorCode,
    FieldError,
    join_pointer,
    split_pointer,
)

tokens = st.lists(st.text(min_size=1) | st.integers(0, 9).map(str))


@given(tokens)
def test_a_pointer_is_read_as_it_was_written(path):
    assert split_pointer(join_pointer(*path)) == path


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ((), ""),
        (("people", 3, "team"), "/people/3/team"),
        (("a/b", "m~n", ""), "/a~1b/m~0n/"),
        (("~1",), "/~01"),
    ],
)
def test_a_pointer_is_that_of_the_standard(path, pointer):
    assert join_pointer(*path) == pointer


@given(tokens, st.sampled_from([None, "wave_id"]))
def test_the_sdk_shows_an_error_as_the_command_line_does(path, parameter):
    pointer = join_pointer(*path) if parameter is None else None
    members = (pointer, ErrorCode.MISSING, "is missing", parameter)

    assert str(ReadError(*members)) == str(FieldError(*members))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (("/people/3/team", "x", "is missing"), "people.3.team: is missing"),
        (("", "x", "must be shorter"), "must be shorter"),
        ((None, "x", "is missing", "wave_id"), "wave_id: is missing"),
    ],
)
def test_an_error_is_one_line_for_people(error, text):
    assert str(ReadError(*error)) == text
