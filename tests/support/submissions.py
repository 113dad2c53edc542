"""Whole teams that answer a wave."""

from collections.abc import Mapping, Sequence

from tests.support.ballots import BallotFactory
from tests.support.http_phone import content, item, submit
from tests.support.service import Agency


def identical_contents(count: int, value: object = 4) -> list[str]:
    """The texts of so many people who give every item the same answer.

    They were shown different forms, so that together they saw the whole bank.
    """
    return [content(form % 45, value) for form in range(count)]


def submit_contents(
    ballot_factory: BallotFactory,
    agency: Agency,
    wave: str,
    contents_by_team: Mapping[str, Sequence[str]],
) -> list[str]:
    """Submits texts, each under a ballot of its team; the statuses."""
    items = [
        item(ballot, text)
        for team, texts in contents_by_team.items()
        for ballot, text in zip(
            ballot_factory.ballots(agency, wave, team, len(texts)), texts, strict=True
        )
    ]
    return [
        result["status"]
        for first in range(0, len(items), 500)
        for result in submit(agency.service.http, *items[first : first + 500])
    ]
