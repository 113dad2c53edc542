"""Random sequences of events on a real engine, against the specification.

Invariants, by their usual numbers:

* I4 replay: a batch sent again changes no row and gets each ballot's present status.
* I6 isolation: bad items change nothing for their neighbours.
* I7 first write wins: one content binds the ballot, two others are kept, each whole.
* I11 order: a withdrawn ballot never comes back, and every item gets the result of the
  specification after the same sequence.
"""

import itertools
import random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rapport_service.ballotbox import ballot_state, parsing, repository
from rapport_service.ballotbox.models import Answer, Conflict, CountedBallot, Submission
from rapport_service.core.db import Door, transaction
from rapport_service.registry.models import Wave
from rapport_service.waves import held_content
from tests.ballotbox.poisoned_items import poisoned_items
from tests.ballotbox.specification import CONTENTS, Box, Phase
from tests.support.ballots import BallotFactory, kid_of, stored_hash
from tests.support.http_phone import item, submit, withdrawal
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
    retire_waves,
)
from tests.support.rows import rows_of
from tests.support.service import ServiceHarness

PEOPLE = 3
ACTS = st.one_of(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from([*CONTENTS, None])),
    st.just("poison"),
)
"""Acts of one item: a person submits or withdraws; or the item is malformed."""

LAWS = settings(
    max_examples=12,
    stateful_step_count=12,
    suppress_health_check=[HealthCheck.too_slow],
)


class Sequence(RuleBasedStateMachine):
    """State machine of one wave of an organization of its own."""

    service: ClassVar[ServiceHarness]
    ballot_factory: ClassVar[BallotFactory]

    def __init__(self):
        super().__init__()
        self.service.clock.reset()
        self.agency = self.service.agency({"a": 8})
        self.wave = self.agency.announce()
        kid = kid_of(self.agency, self.wave, "a")
        self.ballots = [self.ballot_factory.ballot(kid) for _ in range(PEOPLE)]
        self.bad = itertools.cycle(poisoned_items(self.ballot_factory, kid))
        self.box = Box()
        self.last = []

    def results(self, batch):
        results = submit(self.service.http, *batch)
        return [(result["status"], result["reason"]) for result in results]

    def item_and_result(self, act):
        """The item of an act, and the result that it must get."""
        if act == "poison":
            raw, result = next(self.bad)
            if self.box.phase is Phase.RETIRED:
                return None, ("rejected", "undecodable")
            return raw, (result["status"], result["reason"])
        person, frozen = act
        if frozen is None:
            return withdrawal(self.ballots[person]), self.box.withdraw(person)
        result = self.box.submit(person, frozen)
        return item(self.ballots[person], frozen), result

    def rows(self):
        """Every stored row of the ballots."""
        return [
            tuple(getattr(row, column.key) for column in table.__table__.columns)
            for table in (Submission, Conflict, CountedBallot, Answer)
            for row in rows_of(table, self.agency)
        ]

    @rule(acts=st.lists(ACTS, min_size=1, max_size=5))
    def deliver(self, acts):
        pairs = [self.item_and_result(act) for act in acts]
        self.last = [raw for raw, _ in pairs]
        assert self.results(self.last) == [result for _, result in pairs]

    @rule(shuffle=st.randoms(use_true_random=False))
    def deliver_again(self, shuffle: random.Random):
        before = self.rows()
        again = shuffle.sample(self.last, len(self.last))
        if self.last:
            assert "accepted" not in dict(self.results(again))
        assert self.rows() == before

    @precondition(lambda self: self.box.phase is Phase.TAKING)
    @rule()
    def begin_to_seal(self):
        advance_past_close(self.agency)
        begin_sealing(self.agency, self.wave)
        self.box.phase = Phase.SEALING

    @precondition(lambda self: self.box.phase is Phase.SEALING)
    @rule()
    def finish_the_seal(self):
        finish_sealing(self.agency, self.wave)
        self.box.seal()

    @precondition(lambda self: self.box.phase is Phase.TAKING)
    @rule()
    def cancel(self):
        cancel_wave(self.agency, self.wave)
        self.box.end(Phase.CANCELLED)

    @precondition(lambda self: self.box.phase is Phase.SEALED)
    @rule()
    def retire(self):
        retire_waves(self.agency)
        self.box.end(Phase.RETIRED)

    def in_custody(self, action):
        with transaction(Door.SEAL) as session:
            action(session, self.agency.wave(self.wave), "a test", self.service.clock())

    @rule()
    def revalidate(self):
        self.in_custody(held_content.revalidate)

    @rule()
    def discard(self):
        self.in_custody(held_content.discard)
        self.box.discard()
        self.last.clear()  # what is sent again now goes into custody anew

    @invariant()
    def rows_are_those_of_the_specification(self):
        mine = dict(zip(map(stored_hash, self.ballots), range(PEOPLE), strict=True))
        stored = {
            mine[row.ballot_hash]: (row.status.value, row.content)
            for row in rows_of(Submission, self.agency)
        }
        counted = {mine[row.ballot_hash] for row in rows_of(CountedBallot, self.agency)}
        others = {
            (mine[row.ballot_hash], row.content.decode())
            for row in rows_of(Conflict, self.agency)
        }
        assert counted == self.box.counted()
        assert len(rows_of(Answer, self.agency)) == self.box.at_rest
        assert stored == {
            person: (
                ballot.status,
                ballot.first.encode()
                if ballot.first is not None and ballot.in_custody
                else None,
            )
            for person, ballot in self.box.ballots.items()
            if person not in counted
        }
        assert others == {
            (person, other)
            for person, ballot in self.box.ballots.items()
            for other in ballot.others
        }


def sequences(service, ballot_factory):
    """The state machine on a service."""
    return type(
        "Sequences", (Sequence,), {"service": service, "ballot_factory": ballot_factory}
    )


def test_every_sequence_gets_the_results_and_rows_of_the_specification(
    service, ballot_factory
):
    run_state_machine_as_test(sequences(service, ballot_factory), settings=LAWS)


def _no_tombstone(plant):
    plant.setattr(repository, "erase", lambda *_: None)


def _no_custody(plant):
    plant.setattr(repository, "store_conflicts", lambda *_: None)


def _one_place(plant):
    plant.setattr(repository, "CONFLICT_SLOTS", (1,))


def _never_late(plant):
    plant.setattr(Wave, "has_seal_begun", False)


def _withdrawn_speaks_again(plant):
    real = ballot_state.apply_repeat

    def again(repeat, state):
        if state == ballot_state.WITHDRAWN and repeat.content is not None:
            return repeat.result(parsing.Status.ACCEPTED), state
        return real(repeat, state)

    plant.setattr("rapport_service.ballotbox.service.apply_repeat", again)


def _other_content_is_a_duplicate(plant):
    plant.setattr(parsing.SubmittedItem, "digest", "A" * 43)


def _bad_items_end_the_batch(plant):
    real = parsing.parse_item

    def read(raw):
        result = real(raw)
        assert not isinstance(result, parsing.SubmissionResult)
        return result

    plant.setattr("rapport_service.ballotbox.service.parse_item", read)


@pytest.mark.sqlite  # one engine is enough to see that the specification can fail
@pytest.mark.parametrize(
    "fault",
    [
        _no_tombstone,
        _no_custody,
        _one_place,
        _never_late,
        _withdrawn_speaks_again,
        _other_content_is_a_duplicate,
        _bad_items_end_the_batch,
    ],
)
def test_a_planted_fault_is_found(service, ballot_factory, monkeypatch, fault):
    fault(monkeypatch)
    hunt = settings(LAWS, max_examples=60, phases=[Stage.generate], derandomize=True)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(sequences(service, ballot_factory), settings=hunt)
