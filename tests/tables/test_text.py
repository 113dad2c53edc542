"""Tables as text: aligned, wrapped or as records; nothing drives the terminal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport_service.tables.table import Table, member_columns
from rapport_service.tables.text import (
    FIRST_STRONG_ISOLATE,
    POP_ISOLATE,
    display_width,
    escape_unprintable,
    format_table,
    format_tabs,
    wrap_text,
)

TEAMS = Table(iter, member_columns("team", "score", "note"))
SHAPING = str.maketrans("", "", FIRST_STRONG_ISOLATE + POP_ISOLATE)
TEXT = st.text(max_size=30)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"team": TEXT, "score": st.none() | st.booleans() | st.integers(), "note": TEXT}
    ),
    max_size=4,
)


def row(team, score="", note=""):
    return {"team": team, "score": score, "note": note}


def table(*rows, width=None):
    return list(format_table(TEAMS, [rows], width))


def visible(text):
    """The characters that can be seen."""
    return "".join(text.translate(SHAPING).split())


def test_columns_are_aligned_under_their_headings():
    assert table(row("North", 71, "ok"), row("A long name", 8)) == [
        "team         score  note",
        "North        71     ok",
        "A long name  8",
    ]


def test_empty_result_is_its_headings():
    assert table() == ["team  score  note"]


def test_depth_indents_the_first_column_for_people_alone():
    rows = [row("Agency"), row("North") | {"depth": 1}]

    assert table(*rows)[1:] == ["Agency", "  North"]
    assert list(format_tabs(TEAMS, [rows])) == ["Agency\t\t", "North\t\t"]


def test_wide_and_combining_characters_take_the_room_that_they_show():
    assert display_width("北京") == 4
    assert display_width("e\u0301") == 1
    assert table(row("北京", 1), row("e\u0301abc", 2))[1:] == [
        "北京  1",
        "e\u0301abc  2",
    ]


def test_name_from_right_to_left_leaves_its_neighbours_in_place():
    team = "\u05d0\u05d1"  # alef, bet
    assert table(row(team, 71))[1] == f"\u2068{team}\u2069    71"


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b2J", "\u202eabc", "\r", "\t", "\x7f"])
def test_text_that_would_drive_the_terminal_is_shown(text):
    (tabs,) = format_tabs(TEAMS, [[row(text)]])

    assert escape_unprintable(text).isprintable()
    assert tabs.count("\t") == 2
    assert escape_unprintable(text) in tabs
    assert escape_unprintable(text) in table(row(text))[1]


def test_line_feed_in_a_cell_does_not_end_its_row():
    assert list(format_tabs(TEAMS, [[row("a\nb")]])) == ["a\\nb\t\t"]


def test_too_long_a_text_is_wrapped_in_its_column():
    lines = table(
        row("North", 71, "Nobody was asked. Make sure that it runs."), width=40
    )

    assert lines == [
        "team   score  note",
        "North  71     Nobody was asked. Make",
        "              sure that it runs.",
    ]


def test_table_that_cannot_be_narrow_enough_becomes_records():
    ids = ["acme.0c1c7e0a-5d3f-4a43-9f0c-6f1e9a3f1b11"] * 2

    assert table(row("a", 1, ids[0]), row("b", 2, ids[1]), width=50) == [
        "team   a",
        "score  1",
        f"note   {ids[0]}",
        "",
        "team   b",
        "score  2",
        f"note   {ids[1]}",
    ]


@given(ROWS, st.none() | st.integers(20, 120))
@example([row("\u3000" * 30, 1, "x" * 30)], 20)
def test_no_character_is_lost_and_no_line_is_too_long(rows, width):
    lines = table(*rows, width=width)

    text = "".join(lines).translate(SHAPING)
    assert text.isprintable()
    if width is not None:
        assert max(map(display_width, lines), default=0) <= width
    shown = sorted(visible(text))
    for each in rows:
        for cell in (each["team"], each["note"]):
            for character in visible(escape_unprintable(cell)):
                assert character in shown


@given(TEXT, st.integers(2, 40))
def test_wrapped_text_is_the_text(text, width):
    lines = wrap_text(text, width)

    assert visible("".join(lines)) == visible(text)
    if not text.startswith(" "):
        assert all(display_width(line) <= width for line in lines)
