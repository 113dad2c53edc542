"""Interleavings of one ballot's items and the seal, with the state that each ends in.

Invariants, by their usual numbers: I5 (however a multiset of items is cut, permuted and
repeated, the same rows are stored), I11 (every interleaving converges, and a withdrawn
ballot never comes back), I6 (every bad item at every index harms no neighbour).
"""

from itertools import permutations, product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport_service.ballotbox import repository
from rapport_service.ballotbox.models import SpentBallot, StoredStatus, Submission
from tests.ballotbox.poisoned_items import poisoned_items
from tests.support.ballots import envelope_digest, kid_of, stored_hash
from tests.support.http_phone import content, item, submit, withdrawal
from tests.support.lifecycle import advance_past_close, begin_sealing, finish_sealing
from tests.support.rows import rows_of

FIRST, OTHER = content(value=2), content(value=5)
ITEMS = ("first", "first", "other", "withdraw")
ORDERS = sorted(set(permutations(ITEMS)))
SEALS = range(len(ITEMS) + 1)
"""How many of the items come before the seal."""

CASES = list(product(ORDERS, SEALS))


def item_of(ballot, name):
    if name == "withdraw":
        return withdrawal(ballot)
    return item(ballot, FIRST if name == "first" else OTHER)


def expected_end(order, seal):
    """The final state of a ballot by the table: what binds it, withdrawn, or unused."""
    before = order[:seal]
    if "withdraw" in before:
        return "withdrawn"
    return before[0] if before else "unused"


def play(agency, wave, ballots):
    """Delivers each case under its own ballot; returns its statuses in order."""
    statuses_by_case = {case: [] for case in CASES}

    def deliver(step, *, sealed):
        due = [
            (case, item_of(ballot, case[0][step]))
            for case, ballot in zip(CASES, ballots, strict=True)
            if (step >= case[1]) == sealed
        ]
        for (case, _), result in zip(
            due, submit(agency.service.http, *(raw for _, raw in due)), strict=True
        ):
            statuses_by_case[case].append(result["status"])

    for step in range(len(ITEMS)):
        deliver(step, sealed=False)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    finish_sealing(agency, wave)
    for step in range(len(ITEMS)):
        deliver(step, sealed=True)
    return statuses_by_case


def final_states(agency, ballots):
    """The final state of each ballot, by the rows of the sealed wave."""
    rows = {row.ballot_hash: row for row in rows_of(SpentBallot, agency)}
    assert rows_of(Submission, agency) == []

    def state_of(ballot):
        row = rows.get(stored_hash(ballot))
        if row is None:
            return "unused"
        if (row.status, row.digest) == (StoredStatus.WITHDRAWN, None):
            return "withdrawn"
        is_first = row.digest == envelope_digest(FIRST.envelope(ballot))
        return "first" if is_first else "other"

    return [state_of(ballot) for ballot in ballots]


def is_revived(statuses):
    """Whether a ballot got another status after a withdrawal."""
    later = statuses[statuses.index("withdrawn") :] if "withdrawn" in statuses else []
    return set(later) - {"withdrawn"} != set()


def test_every_interleaving_ends_where_the_table_says_and_nothing_comes_back(
    agency, wave, ballot_factory
):
    ballots = ballot_factory.ballots(agency, wave, "a", len(CASES))

    statuses_by_case = play(agency, wave, ballots)

    assert final_states(agency, ballots) == [expected_end(*case) for case in CASES]
    assert [
        case for case, statuses in statuses_by_case.items() if is_revived(statuses)
    ] == []


def test_box_that_forgets_withdrawals_is_detected(
    agency, wave, ballot_factory, monkeypatch
):
    monkeypatch.setattr(repository, "erase", lambda *_: None)
    ballots = ballot_factory.ballots(agency, wave, "a", len(CASES))

    statuses_by_case = play(agency, wave, ballots)

    assert final_states(agency, ballots) != [expected_end(*case) for case in CASES]
    assert any(is_revived(statuses) for statuses in statuses_by_case.values())


def dump(agency, ballots):
    """All stored columns of some ballots, by their index among them."""
    index_of = {stored_hash(ballot): n for n, ballot in enumerate(ballots)}
    return {
        (index_of[row.ballot_hash], row.digest, row.status, row.envelope)
        for row in rows_of(Submission, agency)
        if row.ballot_hash in index_of
    }


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_however_items_are_cut_permuted_and_repeated_the_same_is_stored(
    agency, wave, ballot_factory, data
):
    people = 4
    frozen = [content(form) for form in range(people)]
    kid = kid_of(agency, wave, "a")
    whole, cut = ([ballot_factory.ballot(kid) for _ in range(people)] for _ in range(2))
    sealed = [each.envelope(b) for each, b in zip(frozen, whole, strict=True)]
    acts = [(person, "submit") for person in range(people)] + [(1, "withdraw")]
    again = data.draw(st.lists(st.sampled_from(acts), max_size=6))
    order = data.draw(st.permutations(acts + again))
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=len(order)))

    def items(ballots, some):
        return [
            withdrawal(ballots[person])
            if act == "withdraw"
            else item(ballots[person], sealed[person])
            for person, act in some
        ]

    submit(agency.service.http, *items(whole, acts))
    left = order
    for size in sizes:
        if left:
            submit(agency.service.http, *items(cut, left[:size]))
            left = left[size:]

    assert dump(agency, cut) == dump(agency, whole)
    assert {digest for _, digest, *_ in dump(agency, whole)} == {
        None,
        *(envelope_digest(text) for n, text in enumerate(sealed) if n != 1),
    }


def test_every_bad_item_at_every_index_leaves_its_neighbours_alone(
    agency, wave, ballot_factory
):
    kid = kid_of(agency, wave, "a")

    def neighbours():
        first, second = ballot_factory.ballot(kid), ballot_factory.ballot(kid)
        return [item(first, FIRST), withdrawal(second), item(first, FIRST)]

    good_results = [("accepted", None), ("withdrawn", None), ("duplicate", None)]
    for bad, expected in poisoned_items(ballot_factory, kid):
        for index in range(len(good_results) + 1):
            good = neighbours()

            results = submit(agency.service.http, *good[:index], bad, *good[index:])

            assert results.pop(index) == expected
            assert [(r["status"], r["reason"]) for r in results] == good_results
