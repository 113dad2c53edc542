"""Properties of the tables that people read, for any document of the contract."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.tables.readable_columns import (
    legend,
    scores_table,
    sustainment_table,
    trend_table,
)
from tests.tables.test_csv_properties import (
    CONSTRUCTS,
    EFFECT,
    HEATMAP,
    PENDING,
    SCORE,
    SUMMARY,
    TEAM,
    TREND,
    numbers,
)

FINDING = st.fixed_dictionaries(
    {
        "status": st.just("released"),
        "team": TEAM,
        "constructs": st.fixed_dictionaries(
            dict.fromkeys(("trust", "communication", "overall"), EFFECT)
        ),
        "ingredients": st.none() | st.dictionaries(st.just("C1"), SUMMARY),
        "strategies": st.none() | st.dictionaries(st.just("T6"), SUMMARY),
    }
)
NO_FINDING = st.fixed_dictionaries(
    {"status": st.sampled_from(["withheld", "not_analysed", "pending"]), "team": TEAM}
)
ANY = st.one_of(
    st.tuples(st.just(scores_table), SCORE | PENDING | HEATMAP),
    st.tuples(st.just(trend_table), TREND),
    st.tuples(st.just(sustainment_table), FINDING | NO_FINDING),
)


@given(ANY)
def test_every_number_is_one_of_the_document(reported):
    make_table, document = reported
    known = {digits for word in numbers(document) for digits in digits_of(word)}
    known |= digits_of("C1 T6")  # questions, by which the document has its effects

    for cells in make_table("en").cells(document):
        for cell in cells:
            assert digits_of(cell or "") <= known


def digits_of(text):
    return {*re.findall(r"\d+", text)}


@given(ANY)
def test_language_changes_words_and_no_figure(reported):
    make_table, document = reported
    english, spanish = make_table("en"), make_table("es")

    assert len(english.header) == len(spanish.header)
    for left, right in zip(
        english.cells(document), spanish.cells(document), strict=True
    ):
        assert [digits_of(cell or "") for cell in left] == [
            digits_of(cell or "") for cell in right
        ]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("make_table", [scores_table, trend_table, sustainment_table])
def test_columns_have_different_headings(make_table, language):
    header = make_table(language).header

    assert len({*header}) == len(header)


@given(CONSTRUCTS)
def test_bound_is_shown_with_its_score(constructs):
    document = {"team": {"name": "A"}, "status": "released", "constructs": constructs}
    (cells,) = scores_table("en").cells(document)

    shown = dict(zip(("trust", "communication", "overall"), cells[2:5], strict=True))
    for name, figure in constructs.items():
        score = shown[name].rpartition(" / ")[2]
        assert score.startswith("<= ") == (figure["bound"] == "at_most")


def figure_with(level, *directions):
    change, two_wave_change = (
        direction and {"direction": direction, "detectable": 12}
        for direction in directions
    )
    return {
        "score": 75,
        "bound": None,
        "favourable": 62,
        "level": level and {"score": level, "interval": {"low": 63, "high": 73}},
        "change": change,
        "two_wave_change": two_wave_change,
    }


@pytest.mark.parametrize(
    ("figure", "cell"),
    [
        (figure_with(None, None, None), "75 (62%)"),
        (figure_with(68, "up", "no_clear_change"), "68 ↑ / 75 (62%)"),
        (figure_with(68, "no_clear_change", "down"), "68 ↓ / 75 (62%)"),
        (figure_with(68, "no_clear_change", None), "68 / 75 (62%)"),
    ],
)
def test_level_and_arrow_are_shown_before_the_score(figure, cell):
    constructs = dict.fromkeys(("trust", "communication", "overall"), figure)
    document = {"team": {"name": "A"}, "status": "released", "constructs": constructs}

    (cells,) = scores_table("en").cells(document)

    assert [*cells[2:5]] == [cell] * 3
    assert len(legend([document], "en")) == ("/" in cell)
