"""Revalidating and discarding against submissions and the seal: at once."""

from functools import partial

import pytest

from rapport_service.ballotbox.models import Conflict, Standing, Submission
from rapport_service.ballotbox.submit import submit as take
from rapport_service.db import Door, transaction
from rapport_service.waves import custody
from tests.held_open import held_open
from tests.house_under_test import NOON
from tests.phone import content, item, submit
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 8})


@pytest.fixture
def wave(agency):
    return agency.announce()


@pytest.fixture
def ballot(agency, wave, press):
    (ballot,) = press.ballots(agency, wave, "a", 1)
    return ballot


def doing(agency, wave, action):
    """The act of an operator, in a transaction of its own."""

    def act():
        with agency.house.app.app_context(), transaction(Door.SEAL) as session:
            action(session, agency.wave(wave), "a test", NOON)

    return act


def test_discarding_waits_for_content_under_way_and_destroys_it(
    house, agency, wave, ballot
):
    submit(house.http, item(ballot, content()))
    coming = partial(take, raws=[item(ballot, content())])

    with held_open(house, Door.BALLOT_BOX, coming) as conflicting:
        waited, _, (result,) = conflicting.meanwhile(
            doing(agency, wave, custody.discard)
        )

    assert waited
    assert result.reason == "content-conflict"
    assert rows_of(Conflict, agency) == []


@pytest.mark.parametrize("action", [custody.revalidate, custody.discard])
def test_content_that_comes_meanwhile_waits_and_stays_held(
    house, agency, wave, ballot, action
):
    act = partial(action, wave=agency.wave(wave), actor="a test", now=NOON)

    with held_open(house, Door.SEAL, act) as looking:
        waited, (result,), _ = looking.meanwhile(
            partial(submit, house.http, item(ballot, "{}"))
        )

    assert waited
    assert (result["status"], result["reason"]) == ("held", "answers-invalid")
    (row,) = rows_of(Submission, agency)
    assert (row.standing, row.content) == (Standing.HELD, b"{}")
