"""Random sequences of events on a ballot box, against the specification.

A subclass drives one implementation: the service on a real engine, or the in-memory
service of the SDK's tests. Invariants, by their usual numbers:

* I4 replay: a batch sent again changes no row and gets each ballot's present status.
* I6 isolation: bad items change nothing for their neighbours.
* I7 first write wins: one envelope binds the ballot, whatever lies inside.
* I11 order: a withdrawn ballot never comes back, and every item gets the result of the
  specification after the same sequence.
"""

import random
from abc import abstractmethod
from dataclasses import dataclass
from itertools import product
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from tests.ballotbox import specification
from tests.ballotbox.poisoned_items import poisoned_items
from tests.ballotbox.specification import CONTENTS, Box
from tests.support.ballots import BallotFactory, envelope_digest, hash_of
from tests.support.http_phone import item, withdrawal

PEOPLE = 3
BALLOT_ACTS = [*product(range(PEOPLE), [*CONTENTS, None])]
POISON_ACTS = [("poison", number) for number in range(60)]
ACTS = st.sampled_from(BALLOT_ACTS * 4 + POISON_ACTS)
"""Acts of one item: a person submits or withdraws; or, less often, the item is bad."""

UNREADABLE = {
    "status": "rejected",
    "reason": "undecodable",
    "hash": None,
    "digest": None,
}

LAWS = settings(
    max_examples=12,
    stateful_step_count=12,
    suppress_health_check=[HealthCheck.too_slow],
)

FAULT_SEARCH = settings(
    LAWS, max_examples=60, phases=[Phase.generate], derandomize=True
)
"""Settings of a search for a planted fault: repeatable, and without shrinking."""


@dataclass(frozen=True)
class StoredRows:
    """Rows of one wave, with the hash of a ballot as its name.

    Attributes:
        ballots: Status and envelope of each ballot that lies with its key.
        spent: Status and digest of each ballot that the seal parted from its key.
    """

    ballots: dict[str, tuple[str, str | None]]
    spent: dict[str, tuple[str, str | None]]


class BallotBoxSequences(RuleBasedStateMachine):
    """State machine of one open wave, which is the only one of its organization."""

    ballot_factory: ClassVar[BallotFactory]

    def __init__(self):
        super().__init__()
        kid = self.open_wave()
        self.ballots = [self.ballot_factory.ballot(kid) for _ in range(PEOPLE)]
        self.bad = poisoned_items(self.ballot_factory, kid)
        self.box = Box()
        self.last = []

    @abstractmethod
    def open_wave(self):
        """Opens the wave; the id of its ballot key."""

    @abstractmethod
    def submit(self, items):
        """Submits a batch; the results."""

    @abstractmethod
    def stored_rows(self):
        """The stored rows of the wave."""

    def all_columns(self):
        """Everything that is stored, which a replay must not change."""
        return self.stored_rows()

    @abstractmethod
    def begin_sealing(self):
        """Begins the seal: later answers are too late."""

    @abstractmethod
    def finish_sealing(self):
        """Ends the seal: the ballots are parted from their key."""

    @abstractmethod
    def cancel_wave(self):
        """Cancels the open wave."""

    @abstractmethod
    def retire_wave(self):
        """Retires the sealed wave."""

    def item_and_result(self, act):
        """The item of an act, and the result that it must get."""
        person, frozen = act
        if person == "poison":
            raw, result = self.bad[frozen % len(self.bad)]
            if self.box.phase is specification.Phase.RETIRED:
                return None, UNREADABLE  # the key is gone, and with it the reason
            return raw, result
        ballot = self.ballots[person]
        if frozen is None:
            status, reason = self.box.withdraw(person)
            sent = withdrawal(ballot)
        else:
            status, reason = self.box.submit(person, frozen)
            sent = item(ballot, frozen)
        digest = envelope_digest(sent["envelope"])
        echoes = {"hash": hash_of(ballot), "digest": digest}
        return sent, {"status": status, "reason": reason, **echoes}

    @rule(acts=st.lists(ACTS, min_size=1, max_size=5))
    def deliver(self, acts):
        pairs = [self.item_and_result(act) for act in acts]
        self.last = [raw for raw, _ in pairs]
        results = self.submit(self.last)
        for (raw, expected), result in zip(pairs, results, strict=True):
            assert {name: result[name] for name in expected} == expected, raw

    @rule(shuffle=st.randoms(use_true_random=False))
    def deliver_again(self, shuffle: random.Random):
        before = self.all_columns()
        again = shuffle.sample(self.last, len(self.last))
        if self.last:
            statuses = {result["status"] for result in self.submit(again)}
            assert "accepted" not in statuses
        assert self.all_columns() == before

    @precondition(lambda self: self.box.phase is specification.Phase.TAKING)
    @rule()
    def begin_to_seal(self):
        self.begin_sealing()
        self.box.phase = specification.Phase.SEALING

    @precondition(lambda self: self.box.phase is specification.Phase.SEALING)
    @rule()
    def finish_the_seal(self):
        self.finish_sealing()
        self.box.phase = specification.Phase.SEALED

    @precondition(lambda self: self.box.phase is specification.Phase.TAKING)
    @rule()
    def cancel(self):
        self.cancel_wave()
        self.box.end(specification.Phase.CANCELLED)

    @precondition(lambda self: self.box.phase is specification.Phase.SEALED)
    @rule()
    def retire(self):
        self.retire_wave()
        self.box.end(specification.Phase.RETIRED)

    @invariant()
    def rows_are_those_of_the_specification(self):
        stored: dict[str, tuple[str, str | None]] = {}
        for person, model in self.box.ballots.items():
            ballot = self.ballots[person]
            frozen = model.first and model.first.envelope(ballot)
            stored[hash_of(ballot)] = (model.status, frozen)
        is_sealed = self.box.phase is specification.Phase.SEALED
        assert self.stored_rows() == StoredRows(
            ballots={} if is_sealed else stored,
            spent={
                name: (status, frozen and envelope_digest(frozen))
                for name, (status, frozen) in stored.items()
                if is_sealed
            },
        )
