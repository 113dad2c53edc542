from itertools import product

import pytest

from rapport_service.ballotbox.models import Conflict, CountedBallot, Submission
from rapport_service.blindsign.ballot import parse
from tests.support.ballots import digest_of
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import advance_past_close, begin_sealing, finish_sealing
from tests.support.rows import rows_of

GOOD, OTHER = content(value=2), content(value=5)
UNREADABLE = content().replace('"form": 0', '"form": 99')

DELIVERIES = 3
SEQUENCES = list(product([GOOD, OTHER, UNREADABLE], repeat=DELIVERIES))
SEALS = range(DELIVERIES + 1)
"""How many of the three deliveries come before the seal."""


class StatusTable:
    """The table of statuses as a person would read it, for one ballot."""

    def __init__(self):
        self.first = None
        self.status = None
        self.kept = []

    def expect(self, frozen, *, sealed):
        """What the device is told when this content arrives now."""
        if self.first is None:
            self.first = frozen
            self.status = ("late" if sealed else "accepted", None)
            if frozen == UNREADABLE:
                self.status = ("held", "form-unknown")
            return self.status
        if frozen != self.first:
            if frozen not in self.kept and len(self.kept) < 2:
                self.kept.append(frozen)
            return ("held", "content-conflict")
        return ("duplicate", None) if self.status[0] == "accepted" else self.status


class LastContentWins(StatusTable):
    """A planted fault: the last content wins."""

    def expect(self, frozen, *, sealed):
        self.first = None
        return super().expect(frozen, sealed=sealed)


def arrive(agency, wave, ballots, *, sealing):
    """Delivers every sequence under its own ballot; what each device heard, in order.

    ``sealing`` stops half-way where the wave stays in the state between.
    """
    cases = list(product(SEALS, SEQUENCES))
    heard = {case: [] for case in cases}

    def deliver(step, sealed):
        now = [
            (case, item(ballot, case[1][step]))
            for case, ballot in zip(cases, ballots, strict=True)
            if (step >= case[0]) == sealed
        ]
        results = submit(agency.service.http, *(one for _, one in now))
        for (case, _), result in zip(now, results, strict=True):
            heard[case].append((result["status"], result["reason"]))

    for step in range(DELIVERIES):
        deliver(step, sealed=False)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    if not sealing:
        finish_sealing(agency, wave)
    for step in range(DELIVERIES):
        deliver(step, sealed=True)
    return heard


def expected(table):
    """What each device should have heard, and the model that says so."""
    heard = {}
    for seal, sequence in product(SEALS, SEQUENCES):
        told = table()
        heard[seal, sequence] = (
            [
                told.expect(frozen, sealed=step >= seal)
                for step, frozen in enumerate(sequence)
            ],
            told,
        )
    return heard


@pytest.mark.parametrize("sealing", [True, False], ids=["sealing", "sealed"])
def test_every_row_of_the_table_holds_in_every_order_of_arrival(
    service, ballot_factory, sealing
):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = ballot_factory.ballots(agency, wave, "a", len(SEALS) * len(SEQUENCES))

    heard = arrive(agency, wave, ballots, sealing=sealing)

    right = expected(StatusTable)
    assert heard == {case: answers for case, (answers, _) in right.items()}
    hashes = [parse(ballot).hash for ballot in ballots]
    tables = list(zip(hashes, (told for _, told in right.values()), strict=True))
    bound = [*rows_of(Submission, agency), *rows_of(CountedBallot, agency)]
    assert {(row.ballot_hash, row.digest, row.status) for row in bound} == {
        (hashed, digest_of(told.first), told.status[0]) for hashed, told in tables
    }
    kept = rows_of(Conflict, agency)
    assert {(row.ballot_hash, row.digest) for row in kept} == {
        (hashed, digest_of(frozen)) for hashed, told in tables for frozen in told.kept
    }


def test_a_table_in_which_the_last_content_wins_is_told_apart():
    right, wrong = expected(StatusTable), expected(LastContentWins)

    assert any(right[case][0] != wrong[case][0] for case in right)
