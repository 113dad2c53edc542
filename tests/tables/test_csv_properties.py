"""Properties of the tables, for any document that the contract allows."""

import csv
import io
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport_service.tables import score_columns, sustainment_columns
from rapport_service.tables.table import FORMULA_PREFIXES, Column, Table

TEXT = st.text(max_size=12)
MAYBE = st.none() | st.integers(-100, 100)
TEAM = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "external_id": TEXT, "name": TEXT}
)
CHANGE = st.none() | st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["up", "down", "no_clear_change"]),
        "detectable": st.integers(1, 30),
    }
)
FIGURE = st.fixed_dictionaries(
    {"score": st.integers(0, 100), "bound": st.sampled_from([None, "at_most"])},
    optional={
        "interval": st.none()
        | st.fixed_dictionaries({"low": st.integers(0), "high": st.integers(0)}),
        "level": st.none()
        | st.fixed_dictionaries(
            {
                "score": st.integers(0, 100),
                "interval": st.fixed_dictionaries(
                    {"low": st.integers(0), "high": st.integers(0)}
                ),
            }
        ),
        "change": CHANGE,
        "two_wave_change": CHANGE,
        "favourable": MAYBE,
        "trend": st.none()
        | st.fixed_dictionaries(
            {
                "direction": st.just("falling"),
                "per_four_weeks": st.integers(-9, 9),
                "detectable": st.integers(1, 9),
            }
        ),
        "against_organization": st.sampled_from([None, "above"]),
    },
)
CONSTRUCTS = st.fixed_dictionaries(
    dict.fromkeys(("trust", "communication", "overall"), FIGURE)
)
SHOWN = {
    "release": st.integers(1, 3),
    "status": st.sampled_from(["released", "rolled_up", "withheld"]),
    "source_team": st.none() | TEAM,
    "tier": st.sampled_from([None, "coarse", "fine"]),
    "respondents": st.sampled_from([None, "5-9", "10-19", "50+"]),
    "participation": st.sampled_from([None, "<50", "85+"]),
    "constructs": st.none() | CONSTRUCTS,
}
DATES = {"wave_id": TEXT, "opens_at": TEXT, "closes_at": TEXT}
SCORE = st.fixed_dictionaries(
    {"team": TEAM, **SHOWN},
    optional={
        **DATES,
        "tipping_point": MAYBE,
        "agreement": st.none(),
        "crisis_percent": MAYBE,
        "items": st.none() | st.dictionaries(st.just("A0"), FIGURE),
    },
)
PENDING = st.fixed_dictionaries(
    {
        "status": st.just("pending"),
        "team": TEAM,
        "wave_id": TEXT,
        "seals_at": TEXT,
        "delay": st.sampled_from([None, "clock_unconfirmed"]),
    }
)
TREND = st.fixed_dictionaries(
    {"team": TEAM, "waves": st.lists(st.fixed_dictionaries({**DATES, **SHOWN}))}
)
HEATMAP = st.fixed_dictionaries(
    {
        "status": st.just("sealed"),
        "team": TEAM,
        **DATES,
        "rows": st.lists(st.fixed_dictionaries({"team": TEAM, **SHOWN})),
    }
)
TEAMS = st.fixed_dictionaries(
    {
        "teams": st.lists(
            st.fixed_dictionaries(
                {"id": TEXT, "external_id": TEXT, "name": TEXT, "parent_id": st.none()}
            )
        )
    }
)
SHARE = st.floats(-1, 1).map(lambda share: round(share, 2))
CHECK = st.none() | st.fixed_dictionaries(
    {
        "alpha": SHARE,
        "alpha_interval": st.fixed_dictionaries({"low": SHARE, "high": SHARE}),
        "approximate": st.booleans(),
        "verdict": st.sampled_from(["holds", "doubtful"]),
        "weak_items": st.lists(st.sampled_from(["T1", "C2R"])),
        "items": st.dictionaries(
            st.sampled_from(["T1", "T2"]),
            st.fixed_dictionaries({"loading": st.none() | SHARE}),
        ),
    }
)
CHECKS = st.fixed_dictionaries(dict.fromkeys(("trust", "overall"), CHECK))
RELIABILITY = st.fixed_dictionaries(
    {
        "wave_id": TEXT,
        "release": st.integers(1, 3),
        **dict.fromkeys(("scales", "teams", "agreement"), CHECKS),
    }
)
INTERVAL = st.fixed_dictionaries({"low": st.integers(0), "high": st.integers(0)})
EFFECT = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(["sustained", "too_early_to_tell"]),
        **dict.fromkeys(
            ("accel", "sustain", "fade"),
            st.none()
            | st.fixed_dictionaries({"points": st.integers(), "interval": INTERVAL}),
        ),
        "retention": st.none()
        | st.fixed_dictionaries({"percent": st.integers(), "interval": INTERVAL}),
        "p": st.none() | SHARE,
        "method": st.sampled_from([None, "noise_model", "placebo_dates"]),
        "placebo_dates": MAYBE,
        "detectable": MAYBE,
        "waves_to_detect": MAYBE,
        "first_clear_wave": MAYBE,
    }
)
SUMMARY = st.fixed_dictionaries(
    {
        "verdict": st.just("faded"),
        **dict.fromkeys(("accel", "sustain", "fade", "retention"), MAYBE),
    }
)
FINDING = {
    "status": st.sampled_from(["released", "rolled_up", "not_analysed"]),
    "team": TEAM,
    "markers": st.lists(
        st.fixed_dictionaries({"id": TEXT, "kind": TEXT, "effective_on": TEXT}),
        min_size=1,
        max_size=2,
    ),
    "version": st.integers(1),
}
SUSTAINMENT = st.one_of(
    st.fixed_dictionaries(
        {"status": st.just("pending"), "team": TEAM, "marker_id": TEXT}
    ),
    st.fixed_dictionaries({**FINDING, "reason": st.just("provisional")}),
    st.fixed_dictionaries(
        {
            **FINDING,
            "exploratory": st.booleans(),
            "constructs": st.fixed_dictionaries(
                dict.fromkeys(("trust", "communication", "overall"), EFFECT)
            ),
            "ingredients": st.none() | st.dictionaries(st.just("C1"), SUMMARY),
            "strategies": st.none() | st.dictionaries(st.just("T6"), SUMMARY),
        },
        optional={"source_team": TEAM},
    ),
)
ANY = st.one_of(
    st.tuples(st.just(score_columns.SCORES), SCORE | PENDING),
    st.tuples(st.just(score_columns.TREND), TREND),
    st.tuples(st.just(score_columns.HEATMAP), HEATMAP | PENDING),
    st.tuples(st.just(score_columns.TEAMS), TEAMS),
    st.tuples(st.just(score_columns.RELIABILITY), RELIABILITY),
    st.tuples(st.just(sustainment_columns.SUSTAINMENT), SUSTAINMENT),
)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
HARMLESS = Table(iter, (Column("a", "a"), Column("b", "b")))


def read(table, document):
    """The header and the rows of the file, as a program reads them."""
    text = table.write(document).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return header, rows


def numbers(node):
    """Every number of a document, also within words like 10-19."""
    match node:
        case dict():
            for below in node.values():
                yield from numbers(below)
        case list():
            for below in node:
                yield from numbers(below)
        case bool() | int() | float():
            yield json.dumps(node)
        case str():
            yield from (node, *re.findall(r"\d+", node))


@given(ANY)
def test_number_of_a_table_is_one_of_the_document(reported):
    table, document = reported
    known = set(numbers(document))

    header, rows = read(table, document)

    assert tuple(header) == table.header
    for row in rows:
        for cell in row:
            if NUMBER.fullmatch(cell):
                assert cell in known


@given(ANY)
def test_cell_is_a_word_of_the_document_or_names_a_part_of_it(reported):
    table, document = reported
    words = {*numbers(document), *names(document), ""}

    header, rows = read(table, document)

    known = {word.removeprefix("'") for word in words}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        cells.pop("figure", None)  # the path of the value, not a word
        assert {cell.removeprefix("'") for cell in cells.values()} <= known


def names(node):
    match node:
        case dict():
            yield from node
            for below in node.values():
                yield from names(below)
        case list():
            for below in node:
                yield from names(below)


@given(ANY)
def test_spreadsheet_runs_no_cell_of_text(reported):
    table, document = reported

    _, rows = read(table, document)

    for row in rows:
        for cell in row:
            assert not cell.startswith(FORMULA_PREFIXES) or NUMBER.fullmatch(cell)


@given(st.lists(st.fixed_dictionaries({"a": TEXT, "b": TEXT | st.integers()})))
@example([{"a": 'He said "no", then\r\nleft', "b": "=1+1"}])
@example([{"a": "=cmd|' /C calc'!A0", "b": -3}])
@example([{"a": "\uff1d1+1", "b": "-3"}])
def test_text_comes_back_as_it_was_but_for_the_apostrophe(rows):
    _, cells = read(HARMLESS, rows)

    assert cells == [[as_read(row["a"]), as_read(row["b"])] for row in rows]


def as_read(cell):
    runs = isinstance(cell, str) and cell.startswith(FORMULA_PREFIXES)
    return f"'{cell}" if runs else str(cell)


def test_lines_end_with_crlf_and_there_is_no_byte_order_mark():
    written = HARMLESS.write([{"a": "x,y", "b": None}])

    assert written == b'a,b\r\n"x,y",\r\n'


@pytest.mark.parametrize(
    "table",
    [
        score_columns.TEAMS,
        score_columns.SCORES,
        score_columns.TREND,
        score_columns.HEATMAP,
        score_columns.RELIABILITY,
        sustainment_columns.SUSTAINMENT,
    ],
)
def test_columns_have_different_names(table):
    assert len(set(table.header)) == len(table.columns)


def test_withheld_score_is_one_row_without_a_figure():
    document = {
        "status": "withheld",
        "team": {"id": "1", "external_id": "north", "name": "North"},
        "wave_id": "acme.1",
        "release": 1,
    }

    header, (row,) = read(score_columns.SCORES, json.loads(json.dumps(document)))

    cells = {name: cell for name, cell in zip(header, row, strict=True) if cell}
    assert cells == {
        "team_id": "1",
        "team_external_id": "north",
        "team_name": "North",
        "wave_id": "acme.1",
        "release": "1",
        "status": "withheld",
    }
