"""Contents of people who gave particular answers, and whole teams that submit them."""

from collections.abc import Mapping, Sequence

from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.support.ballots import BallotFactory
from tests.support.http_phone import Content, content, item, json_content, submit
from tests.support.service import Agency


def form_content(
    form: int, values: Sequence[object], context: str | None = None
) -> Content:
    """The content of a person who gave these answers, in the order of the form."""
    shown = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
    answers = dict(zip(shown, values, strict=True))
    return json_content({"form": form, "answers": answers, "context": context})


def keyed_alike(form: int, value: int, context: str | None = None) -> Content:
    """The content of a person whose answers are equal after reverse scoring."""
    shown = CURRENT_INSTRUMENT.items_on_form(form)
    values = [6 - value if item.reversed else value for item in shown]
    return form_content(form, values, context)


def identical_contents(count: int, value: object = 4) -> list[Content]:
    """The contents of so many people who give every item the same answer.

    They were shown different forms, so that together they saw the whole bank.
    """
    return [content(form % 45, value) for form in range(count)]


def submit_contents(
    ballot_factory: BallotFactory,
    agency: Agency,
    wave: str,
    contents_by_team: Mapping[str, Sequence[Content]],
) -> list[str]:
    """Submits contents, each under a ballot of its team; the statuses."""
    items = [
        item(ballot, frozen)
        for team, contents in contents_by_team.items()
        for ballot, frozen in zip(
            ballot_factory.ballots(agency, wave, team, len(contents)),
            contents,
            strict=True,
        )
    ]
    return [
        result["status"]
        for first in range(0, len(items), 500)
        for result in submit(agency.service.http, *items[first : first + 500])
    ]
