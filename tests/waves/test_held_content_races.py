"""Revalidating and discarding against submissions and the seal: at once."""

from functools import partial

import pytest

from rapport_service.ballotbox.models import Conflict, StoredStatus, Submission
from rapport_service.ballotbox.service import submit as take
from rapport_service.core.db import Door, transaction
from rapport_service.waves import held_content
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import open_transaction
from tests.support.http_phone import content, item, submit
from tests.support.rows import rows_of
from tests.support.service import NOON


@pytest.fixture
def agency(service):
    return service.agency({"a": 8})


@pytest.fixture
def wave(agency):
    return agency.announce()


@pytest.fixture
def ballot(agency, wave, ballot_factory):
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    return ballot


def doing(agency, wave, action):
    """The act of an operator, in a transaction of its own."""

    def act():
        with agency.service.app.app_context(), transaction(Door.SEAL) as session:
            action(session, agency.wave(wave), TEST_ACTOR, NOON)

    return act


def test_discarding_waits_for_content_under_way_and_destroys_it(
    service, agency, wave, ballot
):
    submit(service.http, item(ballot, content()))
    coming = partial(take, raw_items=[item(ballot, content())])

    with open_transaction(service, Door.BALLOT_BOX, coming) as conflicting:
        waited, _, (result,) = conflicting.run_meanwhile(
            doing(agency, wave, held_content.discard)
        )

    assert waited
    assert result.reason == "content_conflict"
    assert rows_of(Conflict, agency) == []


@pytest.mark.parametrize("action", [held_content.revalidate, held_content.discard])
def test_content_that_comes_meanwhile_waits_and_stays_held(
    service, agency, wave, ballot, action
):
    act = partial(action, wave=agency.wave(wave), actor=TEST_ACTOR, now=NOON)

    with open_transaction(service, Door.SEAL, act) as looking:
        waited, (result,), _ = looking.run_meanwhile(
            partial(submit, service.http, item(ballot, "{}"))
        )

    assert waited
    assert (result["status"], result["reason"]) == ("held", "answers_invalid")
    (row,) = rows_of(Submission, agency)
    assert (row.status, row.content) == (StoredStatus.HELD, b"{}")
