from itertools import product

import pytest

from rapport_service.ballotbox.models import SpentBallot, Submission
from rapport_service.blindsign.ballot import parse
from tests.support.ballots import envelope_digest
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import advance_past_close, begin_sealing, finish_sealing
from tests.support.rows import rows_of

GOOD, OTHER, THIRD = content(value=2), content(value=5), content(form=44)

DELIVERIES = 3
SEQUENCES = list(product([GOOD, OTHER, THIRD], repeat=DELIVERIES))
SEALS = range(DELIVERIES + 1)
"""How many of the three deliveries come before the seal."""


class StatusTable:
    """Reference model of the table of statuses, for one ballot."""

    def __init__(self):
        self.first = None

    def expect(self, frozen, *, sealed):
        """The result of this content if it arrives now."""
        if self.first is None:
            if sealed:
                return ("final", "too_late")
            self.first = frozen
            return ("accepted", None)
        if frozen is not self.first:
            return ("final", "envelope_conflict")
        return ("duplicate", None)


class LastEnvelopeWins(StatusTable):
    """A planted fault: the last envelope wins."""

    def expect(self, frozen, *, sealed):
        self.first = None
        return super().expect(frozen, sealed=sealed)


def arrive(agency, wave, ballots, *, sealing):
    """Delivers every sequence under its own ballot; returns its results in order.

    With ``sealing`` the wave stays in the state between, half-way through the seal.
    """
    cases = list(product(SEALS, SEQUENCES))
    results_by_case = {case: [] for case in cases}

    def deliver(step, sealed):
        due = [
            (case, item(ballot, case[1][step]))
            for case, ballot in zip(cases, ballots, strict=True)
            if (step >= case[0]) == sealed
        ]
        results = submit(agency.service.http, *(raw for _, raw in due))
        for (case, _), result in zip(due, results, strict=True):
            results_by_case[case].append((result["status"], result["reason"]))

    for step in range(DELIVERIES):
        deliver(step, sealed=False)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    if not sealing:
        finish_sealing(agency, wave)
    for step in range(DELIVERIES):
        deliver(step, sealed=True)
    return results_by_case


def expected(table_class):
    """The expected results of each case, and the model after them."""
    results_by_case = {}
    for seal, sequence in product(SEALS, SEQUENCES):
        table = table_class()
        results_by_case[seal, sequence] = (
            [
                table.expect(frozen, sealed=step >= seal)
                for step, frozen in enumerate(sequence)
            ],
            table,
        )
    return results_by_case


@pytest.mark.parametrize("sealing", [True, False], ids=["sealing", "sealed"])
def test_every_order_of_arrival_follows_the_table(service, ballot_factory, sealing):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = ballot_factory.ballots(agency, wave, "a", len(SEALS) * len(SEQUENCES))

    results_by_case = arrive(agency, wave, ballots, sealing=sealing)

    expected_cases = expected(StatusTable)
    assert results_by_case == {
        case: answers for case, (answers, _) in expected_cases.items()
    }
    tables = zip(ballots, (table for _, table in expected_cases.values()), strict=True)
    bound = rows_of(Submission if sealing else SpentBallot, agency)
    assert {(row.ballot_hash, row.digest, row.status) for row in bound} == {
        (parse(ballot).hash, envelope_digest(table.first.envelope(ballot)), "accepted")
        for ballot, table in tables
        if table.first is not None
    }
    assert rows_of(SpentBallot if sealing else Submission, agency) == []


def test_a_table_in_which_the_last_envelope_wins_differs():
    expected_cases, faulty = expected(StatusTable), expected(LastEnvelopeWins)

    assert any(expected_cases[case][0] != faulty[case][0] for case in expected_cases)
