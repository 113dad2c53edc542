"""The SDK puts rosters into the service, and finds out what became of a lost put."""

import pytest
from hypothesis import HealthCheck, given, settings

from rapport_client import (
    ChangeCounts,
    Client,
    OutcomeUnknown,
    PreconditionFailed,
    RemovalsUnconfirmed,
    RosterChanges,
    TransportFailure,
)
from rapport_service.agency.roster_rules import roster_document
from tests.agency.rosters import normalized_roster, roster, rosters, stored_roster
from tests.sync.app_transport import ORIGIN, AppTransport

OVER_THE_SAME_DATABASE = settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class LosingTransport(AppTransport):
    """Loses the reply to each put, before or after the service has made it."""

    def __init__(self, app, *, before=False):
        super().__init__(app)
        self.before = before

    def send(self, request):
        if request.method != "PUT":
            return super().send(request)
        if not self.before:
            super().send(request)
        raise TransportFailure("lost")


@pytest.fixture
def agency(service):
    return service.agency({"a": 30})


@OVER_THE_SAME_DATABASE
@given(wanted=rosters())
def test_lost_put_of_any_roster_is_known_to_be_made(service, wanted):
    agency = service.agency({})
    with Client(
        ORIGIN, *agency.client(), transport=LosingTransport(service.app)
    ) as api:
        changes = api.roster.put(unsorted(wanted))

    assert changes == RosterChanges(teams=None, people=None)
    assert stored_roster(agency) == normalized_roster(wanted)


def unsorted(wanted):
    """The document of a roster in the order in which it was drawn."""
    return {
        "teams": [team._asdict() for team in wanted.teams],
        "people": [
            {**person._asdict(), "supervises": list(person.supervises)}
            for person in wanted.people
        ],
    }


def test_lost_put_that_was_not_made_has_an_unknown_outcome(service, agency):
    before = stored_roster(agency)
    transport = LosingTransport(service.app, before=True)
    with (
        Client(ORIGIN, *agency.client(), transport=transport) as api,
        pytest.raises(OutcomeUnknown),
    ):
        api.roster.put(roster_document(roster({"agency": None})))

    assert stored_roster(agency) == before


def test_gzipped_roster_is_read_and_put_again_under_its_etag(agency, wire):
    with Client(ORIGIN, *agency.client(), transport=wire) as api:
        current = api.roster.get()
        assert "gzip" in wire.log[-1].response.headers["content-encoding"]
        people = current.roster["people"][1:]

        changes = api.roster.put(
            {"teams": current.roster["teams"], "people": people}, if_match=current.etag
        )

        assert changes.people == ChangeCounts(0, 0, 1)
        with pytest.raises(PreconditionFailed):
            api.roster.put(
                {"teams": current.roster["teams"], "people": people[1:]},
                if_match=current.etag,
            )


def test_half_a_roster_is_refused_until_it_is_confirmed(agency, wire):
    with Client(ORIGIN, *agency.client(), transport=wire) as api:
        current = api.roster.get().roster
        half = {"teams": current["teams"], "people": current["people"][:15]}
        with pytest.raises(RemovalsUnconfirmed) as refused:
            api.roster.put(half)
        assert refused.value.removals == 15
        assert "15 of your 30 people" in str(refused.value)

        changes = api.roster.put(half, confirm_removals=15)

    assert changes.people == ChangeCounts(0, 0, 15)


def test_repeated_put_under_its_first_etag_is_no_conflict(agency, wire):
    """So a put that was repeated after a lost reply is not refused."""
    with Client(ORIGIN, *agency.client(), transport=wire) as api:
        current = api.roster.get()
        half = {
            "teams": current.roster["teams"],
            "people": current.roster["people"][:15],
        }

        replies = [
            api.roster.put(half, confirm_removals=15, if_match=current.etag)
            for _ in range(2)
        ]

    assert [reply.people.removed for reply in replies] == [15, 0]
