"""Closed list of residuals: the document and ``make attack`` have the same one."""

import re
from pathlib import Path

import pytest

from tools.attack.capture import Moment
from tools.attack.findings import Finding, Kind
from tools.attack.residuals import RESIDUALS, find_leaks, find_residual

DOCUMENT = Path(__file__).parents[2] / "docs/security/what-the-operator-can-learn.md"


def test_list_is_that_of_the_document():
    bold = re.compile(r"^\* \*\*(R\d+)\. (.+?)\*\*", re.MULTILINE)
    written = bold.findall(DOCUMENT.read_text())

    assert [(number, each.title) for number, each in RESIDUALS.items()] == written


@pytest.mark.parametrize(
    ("kind", "moment", "number"),
    [
        (Kind.DRAWS, Moment.REWRITTEN, "R1"),
        (Kind.DRAWS, Moment.LATER, None),
        (Kind.ORDER_OF_ROWS, Moment.ARRIVING, "R3"),
        (Kind.ORDER_OF_ROWS, Moment.REWRITTEN, None),
        (Kind.ORDER_OF_ROWS, Moment.SEALED, None),
        (Kind.ORDER_IN_LOG, Moment.SEALED, "R4"),
        (Kind.ORDER_IN_LOG, Moment.LATER, None),
        (Kind.COUNT_BY_KEY, Moment.LATER, None),
        (Kind.PLAINTEXT, Moment.ARRIVING, None),
        (Kind.LINK, Moment.ARRIVING, None),
        (Kind.ISOLATION, "reading", None),
    ],
)
def test_residual_covers_a_kind_at_its_own_time(kind, moment, number):
    assert find_residual(Finding("an attack", kind, moment, "a sentence")) == number


def test_leak_is_what_no_residual_covers():
    findings = [
        Finding("an attack", kind, Moment.LATER, "a sentence", "sqlite", "1")
        for kind in (Kind.NO_PHONE, Kind.LINK, Kind.LINK)
    ]

    assert find_leaks(findings) == [findings[1]]
