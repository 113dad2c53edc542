"""Cursors: read back by the service alone, for the list that they belong to alone."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rapport_schemas.enums import MAX_NAME_LENGTH
from rapport_schemas.paging import MAX_CURSOR_LENGTH
from rapport_service.encoding import base64url
from rapport_service.encoding.cursor import (
    PADDED_BYTES,
    CursorInvalidError,
    open_cursor,
    seal_cursor,
)

KEY, OTHER_KEY = bytes(32), bytes([1] * 32)
TEXT = st.text(st.characters(codec="utf-8"), max_size=MAX_NAME_LENGTH)
SORT_KEYS = st.lists(
    st.one_of(
        TEXT,
        st.integers(),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.uuids(),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


def types_of(sort_key):
    return [type(value) for value in sort_key]


@given(SORT_KEYS, st.binary())
def test_cursor_is_read_back_with_the_types_of_its_values(sort_key, listing):
    opened = open_cursor(KEY, listing, seal_cursor(KEY, listing, sort_key))

    assert (opened, types_of(opened)) == (sort_key, types_of(sort_key))


@given(SORT_KEYS, SORT_KEYS)
def test_equal_places_have_equal_cursors_and_different_ones_different(first, second):
    assume((first, types_of(first)) != (second, types_of(second)))

    assert seal_cursor(KEY, b"list", first) == seal_cursor(KEY, b"list", first)
    assert seal_cursor(KEY, b"list", first) != seal_cursor(KEY, b"list", second)


@given(SORT_KEYS, st.binary(), st.binary())
def test_cursor_of_another_list_or_another_service_is_refused(sort_key, first, second):
    assume(first != second)
    cursor = seal_cursor(KEY, first, sort_key)

    with pytest.raises(CursorInvalidError):
        open_cursor(KEY, second, cursor)
    with pytest.raises(CursorInvalidError):
        open_cursor(OTHER_KEY, first, cursor)


@given(st.one_of(st.text(), st.binary().map(base64url.encode)))
def test_text_that_no_service_made_is_refused(text):
    with pytest.raises(CursorInvalidError):
        open_cursor(KEY, b"list", text)


@given(SORT_KEYS, st.data())
def test_cursor_with_one_character_changed_is_refused(sort_key, data):
    cursor = seal_cursor(KEY, b"list", sort_key)
    place = data.draw(st.integers(0, len(cursor) - 1))
    second = data.draw(
        st.sampled_from("Aa0_-.%/ é").filter(lambda c: c != cursor[place])
    )

    with pytest.raises(CursorInvalidError):
        open_cursor(KEY, b"list", cursor[:place] + second + cursor[place + 1 :])


def test_external_id_is_not_readable_in_a_cursor_and_its_length_not_countable():
    cursors = [
        seal_cursor(KEY, b"list", (name,))
        for name in ("e-1", "maria.gomez@example.org")
    ]

    assert len({len(cursor) for cursor in cursors}) == 1
    for cursor in cursors:
        assert b"maria" not in base64url.decode(cursor)
        assert len(base64url.decode(cursor)) == 16 + PADDED_BYTES


def test_longest_cursor_fits_into_the_parameter():
    longest = ("\U0001f33e" * MAX_NAME_LENGTH, UUID(int=0))
    instants = (date.max, datetime.max.replace(tzinfo=UTC), UUID(int=0))

    for sort_key in (longest, instants):
        assert len(seal_cursor(KEY, b"list", sort_key)) <= MAX_CURSOR_LENGTH
