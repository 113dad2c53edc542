"""Whole teams that answer a wave."""

from collections.abc import Mapping, Sequence

from tests.ballots import Press
from tests.house_under_test import Agency
from tests.phone import content, item, submit


def crowd(count: int, value: object = 4) -> list[str]:
    """The texts of so many people who give every item the same answer.

    They were shown different forms, so that together they saw the whole bank.
    """
    return [content(form % 45, value) for form in range(count)]


def cast(
    press: Press, agency: Agency, wave: str, said: Mapping[str, Sequence[str]]
) -> list[str]:
    """Submits texts, each under a ballot of its team; the statuses."""
    items = [
        item(ballot, text)
        for team, texts in said.items()
        for ballot, text in zip(
            press.ballots(agency, wave, team, len(texts)), texts, strict=True
        )
    ]
    return [
        result["status"]
        for first in range(0, len(items), 500)
        for result in submit(agency.house.http, *items[first : first + 500])
    ]
