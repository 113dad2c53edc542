"""Contents of people who gave particular answers, and whole teams that submit them."""

import json
import secrets
from collections.abc import Mapping, Sequence

from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.support.ballots import BallotFactory
from tests.support.http_phone import content, item, submit
from tests.support.service import Agency


def answers_text(
    form: int, values: Sequence[object], context: str | None = None
) -> str:
    """The content of a person who gave these answers, in the order of the form."""
    shown = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
    return json.dumps(
        {
            "form": form,
            "answers": dict(zip(shown, values, strict=True)),
            "context": context,
            "nonce": base64url.encode(secrets.token_bytes(16)),
        }
    )


def keyed_alike(form: int, value: int, context: str | None = None) -> str:
    """The content of a person whose answers are equal after reverse scoring."""
    shown = CURRENT_INSTRUMENT.items_on_form(form)
    values = [6 - value if item.reversed else value for item in shown]
    return answers_text(form, values, context)


def identical_contents(count: int, value: object = 4) -> list[str]:
    """The contents of so many people who give every item the same answer.

    They were shown different forms, so that together they saw the whole bank.
    """
    return [content(form % 45, value) for form in range(count)]


def submit_contents(
    ballot_factory: BallotFactory,
    agency: Agency,
    wave: str,
    contents_by_team: Mapping[str, Sequence[str]],
) -> list[str]:
    """Submits contents, each under a ballot of its team; the statuses."""
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
