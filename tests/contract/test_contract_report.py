"""The last line of `make contract`, and its exit status."""

import re
from copy import deepcopy

import pytest

from tools.openapi.__main__ import print_report
from tools.openapi.conformance import load_published_document


@pytest.fixture
def document():
    return deepcopy(load_published_document().document)


@pytest.fixture
def score(document):
    return document["components"]["schemas"]["ConstructScore"]["properties"]["score"]


@pytest.fixture
def report(document, capsys):
    """Status, lines and the last line of the report on the document."""

    def report(*differences):
        status = print_report(document, differences)
        *lines, last = capsys.readouterr().out.splitlines()
        return status, lines, last.partition("properties, ")[2]

    return report


def test_clean_contract_is_counted_in_one_line(document, capsys):
    assert print_report(document, []) == 0
    assert re.fullmatch(
        r"contract: \d+ operations, \d+ examples, \d+ problems, \d+ properties, "
        r"0 undescribed, 0 differences\n",
        capsys.readouterr().out,
    )


def test_planted_undescribed_property_is_reported(report, score):
    del score["description"]

    assert report() == (
        1,
        ["ConstructScore.score has no description"],
        "1 undescribed, 0 differences",
    )


def test_planted_repetition_of_a_name_is_reported(report, score):
    score["description"] = "The score."

    assert report() == (
        1,
        ["the description of ConstructScore.score repeats its name"],
        "1 undescribed, 0 differences",
    )


def test_planted_number_without_bounds_is_reported(report, score):
    del score["minimum"], score["maximum"]

    assert report() == (
        1,
        ["ConstructScore.score is a number without minimum or maximum"],
        "0 undescribed, 1 differences",
    )


def test_planted_difference_is_reported(report):
    assert report("failed: a test") == (
        1,
        ["failed: a test"],
        "0 undescribed, 1 differences",
    )
